import { createSecretKey, generateKeyPairSync, randomBytes } from "node:crypto"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { aesSealer } from "./aes-sealer.ts"
import { unsealed } from "./unsealed.ts"

const key = Buffer.alloc(32, 7)
const sealer = aesSealer({ key })
const other = aesSealer({ key: Buffer.alloc(32, 8) })

const lengths = [0, 1, 100, 65_535, 65_536, 65_537, 131_072, 200_000]

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size)
}

async function whole(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces)
}

const bytesOf = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(randomBytes(length))

test.each(lengths)("what was sealed is opened as it was: %i bytes", (length) => {
  const bytes = bytesOf(length)
  const sealed = sealer.seal("id", "content", bytes)
  expect(Buffer.compare(sealer.open("id", "content", sealed), bytes)).toBe(0)
  expect(sealer.plainBytes(sealed.byteLength)).toBe(length)
})

test.each(lengths)("a stream is sealed and opened piece by piece: %i bytes", async (length) => {
  const bytes = bytesOf(length)
  const sealed = await whole(sealer.sealStream("id", "body", inPieces(bytes, 9973)))
  expect(sealer.plainBytes(sealed.byteLength)).toBe(length)
  for (const size of [7919, 65_552, 1_000_000]) {
    expect(Buffer.compare(await whole(sealer.openStream("id", "body", inPieces(sealed, size))), bytes)).toBe(0)
  }
  expect(Buffer.compare(sealer.open("id", "body", new Uint8Array(sealed)), bytes)).toBe(0)
})

test("any bytes, in any pieces, come back", async () => {
  const sizes = fc.integer({ min: 1, max: 300 })
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 1000 }), sizes, sizes, async (bytes, written, read) => {
      const sealed = await whole(sealer.sealStream("id", "body", inPieces(bytes, written)))
      expect(Buffer.compare(await whole(sealer.openStream("id", "body", inPieces(sealed, read))), bytes)).toBe(0)
    }),
  )
})

test("the same bytes are sealed differently each time", () => {
  const bytes = bytesOf(50)
  expect(Buffer.compare(sealer.seal("id", "content", bytes), sealer.seal("id", "content", bytes))).not.toBe(0)
})

test("any changed bit is seen", () => {
  const sealed = sealer.seal("id", "content", bytesOf(20))
  for (let at = 0; at < sealed.byteLength; at++) {
    const changed = Uint8Array.from(sealed)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(() => sealer.open("id", "content", changed)).toThrow(expect.objectContaining({ code: "sealed" }))
  }
})

const PIECE = 65_536 + 16
const HEAD = 21

const tamperings: readonly [string, (sealed: Uint8Array) => Uint8Array][] = [
  ["cut within a piece", (sealed) => sealed.subarray(0, sealed.byteLength - 1)],
  ["cut after a piece", (sealed) => sealed.subarray(0, HEAD + PIECE)],
  ["cut after its head", (sealed) => sealed.subarray(0, HEAD)],
  ["cut within its head", (sealed) => sealed.subarray(0, 10)],
  ["empty", () => new Uint8Array()],
  ["longer", (sealed) => Buffer.concat([sealed, Buffer.of(0)])],
  ["in another order", (sealed) => Buffer.concat([sealed.subarray(0, HEAD), sealed.subarray(HEAD + PIECE, HEAD + 2 * PIECE), sealed.subarray(HEAD, HEAD + PIECE), sealed.subarray(HEAD + 2 * PIECE)])], // prettier-ignore
  ["without its first piece", (sealed) => Buffer.concat([sealed.subarray(0, HEAD), sealed.subarray(HEAD + PIECE)])],
]

test.each(tamperings)("a stream that is %s ends with an error", async (_, tamper) => {
  const sealed = await whole(sealer.sealStream("id", "body", inPieces(bytesOf(150_000), 50_000)))
  const opened = whole(sealer.openStream("id", "body", inPieces(tamper(sealed), 10_000)))
  await expect(opened).rejects.toMatchObject({ name: "OutboxError", code: "sealed" })
})

test("what was sealed for one place cannot be opened at another", () => {
  const sealed = sealer.seal("id", "content", bytesOf(20))
  expect(() => sealer.open("other", "content", sealed)).toThrow("was damaged or changed")
  expect(() => sealer.open("id", "result", sealed)).toThrow("the result of entry id was damaged or changed")
})

test("another key says that it is another", () => {
  const sealed = other.seal("id", "content", bytesOf(20))
  expect(() => sealer.open("id", "content", sealed)).toThrow(
    "entry id was encrypted with another key; give the one that the outbox was made with",
  )
})

test("what is not encrypted is refused with a key, and what is without one", () => {
  const plain = new TextEncoder().encode('{"v":1}')
  expect(() => sealer.open("id", "content", plain)).toThrow("the content of entry id is not encrypted, or damaged")
  expect(() => unsealed.open("id", "content", sealer.seal("id", "content", plain))).toThrow(
    'open the outbox with "encryption: { key }"',
  )
})

test("fingerprints are the same for the same text, and tell nothing of it", () => {
  expect(sealer.fingerprint("key", "order-17")).toBe(
    aesSealer({ key: createSecretKey(key) }).fingerprint("key", "order-17"),
  )
  expect(sealer.fingerprint("key", "order-17")).not.toBe(sealer.fingerprint("ordering key", "order-17"))
  expect(sealer.fingerprint("key", "order-17")).not.toBe(other.fingerprint("key", "order-17"))
  expect(sealer.fingerprint("key", "order-17")).toMatch(/^[\w-]{43}$/)
})

test("a stream that is not read to its end is let go", async () => {
  let isOver = false
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      yield* inPieces(await whole(sealer.sealStream("id", "body", inPieces(bytesOf(200_000), 50_000))), 1000)
    } finally {
      isOver = true
    }
  }
  for await (const _ of sealer.openStream("id", "body", body())) break
  expect(isOver).toBe(true)
})

test.each<[string, unknown, string]>([
  ["a text", "secret", "encryption.key: a string; give 32 random bytes"],
  ["31 bytes", new Uint8Array(31), "encryption.key: 31 bytes; give 32 random bytes"],
  ["nothing", undefined, "encryption.key: undefined; give 32 random bytes"],
  ["a public key", generateKeyPairSync("ed25519").publicKey, "encryption.key: a public key; give 32 random bytes"],
])("%s is no key", (_, key, message) => {
  expect(() => aesSealer({ key: key as never })).toThrow(message)
})
