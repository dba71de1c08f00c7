import { createCipheriv, createDecipheriv, createHmac, createSecretKey, KeyObject, randomBytes } from "node:crypto"
import { kindOf, refuse } from "steadfetch"
import { OutboxError } from "../errors.ts"
import { chunksOf, type Chunk } from "./chunks.ts"
import type { Field, Sealer } from "./sealer.ts"

/** How an outbox encrypts what it stores. */
export interface EncryptionOptions {
  /** 32 bytes of randomness, or a secret KeyObject of them. Whoever loses it loses the entries. */
  readonly key: Uint8Array | KeyObject
}

// What is stored: version (1), key id (4), salt (16), then pieces of 64 KiB, each with its tag (16). Each message has a key of
// its own, made from the salt, so that any number of messages may be sealed. The nonce of a piece is its number and
// whether it is the last: pieces cannot be left out, moved or appended (STREAM; Hoang, Reyhanitabar, Rogaway, Vizár, 2015).
const VERSION = 1
const KEY_ID_BYTES = 4
const SALT_BYTES = 16
const HEAD_BYTES = 1 + KEY_ID_BYTES + SALT_BYTES
const PIECE_BYTES = 64 * 1024
const TAG_BYTES = 16

/** Encrypts with AES-256-GCM. @throws ConfigurationError for a key that is none. */
export function aesSealer({ key: given }: EncryptionOptions): Sealer {
  const root = secretKey(given)
  const key = createSecretKey(derived(root, "encryption"))
  const fingerprints = createSecretKey(derived(root, "fingerprints"))
  const keyId = derived(root, "key id").subarray(0, KEY_ID_BYTES)

  const begin = (id: string, field: Field): Message => {
    const salt = randomBytes(SALT_BYTES)
    return new Message(id, field, messageKey(key, salt), Buffer.concat([Buffer.of(VERSION), keyId, salt]))
  }
  const resume = (id: string, field: Field, head: Uint8Array): Message => {
    const bytes = Buffer.from(head)
    if (bytes.byteLength < HEAD_BYTES || bytes[0] !== VERSION)
      throw new OutboxError(
        "sealed",
        `the ${field} of entry ${id} is not encrypted, or damaged; an outbox is encrypted from its first entry on`,
      )
    if (!bytes.subarray(1, 1 + KEY_ID_BYTES).equals(keyId))
      throw new OutboxError(
        "sealed",
        `entry ${id} was encrypted with another key; give the one that the outbox was made with`,
      )
    return new Message(id, field, messageKey(key, bytes.subarray(1 + KEY_ID_BYTES)), bytes)
  }

  return {
    isSealing: true,
    seal(id, field, bytes) {
      const message = begin(id, field)
      return joined([message.head, ...pieces(bytes, PIECE_BYTES).map((piece) => message.seal(piece))])
    },
    open(id, field, bytes) {
      const message = resume(id, field, bytes.subarray(0, HEAD_BYTES))
      return joined(pieces(bytes.subarray(HEAD_BYTES), PIECE_BYTES + TAG_BYTES).map((piece) => message.open(piece)))
    },
    async *sealStream(id, field, body) {
      const message = begin(id, field)
      yield message.head
      for await (const piece of chunksOf(body, PIECE_BYTES)) yield message.seal(piece)
    },
    async *openStream(id, field, body) {
      const source = body[Symbol.asyncIterator]()
      try {
        const { head, rest } = await headOf(source)
        const message = resume(id, field, head)
        for await (const piece of chunksOf(rest, PIECE_BYTES + TAG_BYTES)) yield message.open(piece)
      } finally {
        await source.return?.()
      }
    },
    plainBytes(storedBytes) {
      const pieceCount = Math.max(1, Math.ceil((storedBytes - HEAD_BYTES) / (PIECE_BYTES + TAG_BYTES)))
      return Math.max(0, storedBytes - HEAD_BYTES - pieceCount * TAG_BYTES)
    },
    fingerprint: (kind, text) => createHmac("sha256", fingerprints).update(`${kind}\0${text}`).digest("base64url"),
  }
}

function secretKey(given: unknown): KeyObject {
  const fix =
    '32 random bytes, such as Buffer.from(text, "base64") of what crypto.randomBytes(32).toString("base64") gave'
  if (!(given instanceof Uint8Array) && !(given instanceof KeyObject))
    return refuse("encryption.key", kindOf(given), fix)
  const key = given instanceof KeyObject ? given : createSecretKey(given)
  if (key.type !== "secret") return refuse("encryption.key", `a ${key.type} key`, fix)
  return key.symmetricKeySize === 32 ? key : refuse("encryption.key", `${key.symmetricKeySize} bytes`, fix)
}

function derived(root: KeyObject, purpose: string): Buffer {
  return createHmac("sha256", root).update(`steadfetch outbox 1: ${purpose}`).digest()
}

function messageKey(key: KeyObject, salt: Uint8Array): Buffer {
  return createHmac("sha256", key).update(salt).digest()
}

/** One thing that is sealed or opened, piece by piece and in order. */
class Message {
  readonly head: Buffer<ArrayBuffer>
  readonly #key: Buffer
  readonly #place: Buffer
  readonly #what: string
  #next = 0

  constructor(id: string, field: Field, key: Buffer, head: Buffer<ArrayBuffer>) {
    this.head = head
    this.#key = key
    // What is sealed for one place cannot be put into another.
    this.#place = Buffer.from(`${id}/${field}`)
    this.#what = `the ${field} of entry ${id}`
  }

  seal({ bytes, isLast }: Chunk): Buffer<ArrayBuffer> {
    const cipher = createCipheriv("aes-256-gcm", this.#key, this.#nonce(isLast)).setAAD(this.#place)
    return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
  }

  open({ bytes, isLast }: Chunk): Buffer<ArrayBuffer> {
    const end = bytes.byteLength - TAG_BYTES
    try {
      const decipher = createDecipheriv("aes-256-gcm", this.#key, this.#nonce(isLast)).setAAD(this.#place)
      decipher.setAuthTag(bytes.subarray(Math.max(0, end)))
      return Buffer.concat([decipher.update(bytes.subarray(0, Math.max(0, end))), decipher.final()])
    } catch (cause) {
      throw new OutboxError("sealed", `${this.#what} was damaged or changed since it was stored`, { cause })
    }
  }

  #nonce(isLast: boolean): Buffer {
    const nonce = Buffer.alloc(12)
    nonce.writeUInt32BE(this.#next++, 7)
    nonce[11] = Number(isLast)
    return nonce
  }
}

function pieces(bytes: Uint8Array, size: number): readonly Chunk[] {
  const count = Math.max(1, Math.ceil(bytes.byteLength / size))
  return Array.from({ length: count }, (_, index) => ({
    bytes: bytes.subarray(index * size, (index + 1) * size) as Uint8Array<ArrayBuffer>,
    isLast: index === count - 1,
  }))
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Buffer.concat(parts)
}

/** The first bytes of a stream, and the rest of it. */
async function headOf(
  source: AsyncIterator<Uint8Array>,
): Promise<{ head: Uint8Array; rest: AsyncIterable<Uint8Array> }> {
  let read = Buffer.alloc(0)
  while (read.byteLength < HEAD_BYTES) {
    const { done, value } = await source.next()
    if (done === true) break
    read = Buffer.concat([read, value])
  }
  async function* rest(): AsyncGenerator<Uint8Array> {
    yield read.subarray(HEAD_BYTES)
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value
  }
  return { head: read.subarray(0, HEAD_BYTES), rest: rest() }
}
