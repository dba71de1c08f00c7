import type { HeaderList } from "steadfetch"
import type { LastSending } from "../entry.ts"
import { OutboxError } from "../errors.ts"

/** The version of what is written here. */
const VERSION = 1

/** What an entry's request is made of, but for its body: what a store keeps without understanding it. */
export interface Content {
  readonly method: string
  /** Relative to the client's base where it was given so, so that the base may move. */
  readonly url: string
  readonly headers: HeaderList
  readonly idempotencyKey?: string | undefined
  /** The keys themselves; the store may know their fingerprints alone. */
  readonly key?: string | undefined
  readonly orderingKey?: string | undefined
  readonly lifetimeMs: number
  /** What the boundary of its multipart form was made from. */
  readonly boundary?: string | undefined
  /** What was asked for when it was added with a key, so that the same request is known again, also after an amendment. */
  readonly asked?: Asked | undefined
}

/** Digests of a request as it was asked for. */
export interface Asked {
  readonly head: string
  /** null: it was a stream, and its digest is that of the stored body; "amended": that was replaced. */
  readonly body: string | null
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function encodeContent(content: Content): Uint8Array<ArrayBuffer> {
  return encode(content)
}

/** @throws OutboxError for what a newer version wrote, and for what is no content at all. */
export function decodeContent(bytes: Uint8Array): Content {
  return decode(bytes) as Content
}

export function encodeResult(result: LastSending): Uint8Array<ArrayBuffer> {
  return encode(result)
}

/** @throws OutboxError as `decodeContent`. */
export function decodeResult(bytes: Uint8Array): LastSending {
  const { at, retryAt, ...rest } = decode(bytes) as Omit<LastSending, "at" | "retryAt"> & {
    at: string
    retryAt?: string
  }
  const fields = { status: undefined, statusName: undefined, message: undefined, code: undefined, requestId: undefined, body: undefined } // prettier-ignore
  return { ...fields, ...rest, at: new Date(at), retryAt: retryAt === undefined ? undefined : new Date(retryAt) }
}

function encode(value: object): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify({ v: VERSION, ...value }))
}

function decode(bytes: Uint8Array): object {
  let read: { readonly v?: unknown }
  try {
    read = JSON.parse(decoder.decode(bytes)) as typeof read
  } catch (cause) {
    throw new OutboxError("sealed", "an entry is damaged: it is no JSON", { cause })
  }
  const { v, ...value } = read
  if (v === VERSION) return value
  throw new OutboxError(
    "newer",
    `an entry is of version ${String(v)}, this program reads ${VERSION}; update @steadfetch/outbox`,
  )
}
