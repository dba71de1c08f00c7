import { ListedFields, SECRET_HEADER, type HeaderFields, type HeaderList, type Reply } from "steadfetch"
import type { Lifetime } from "./lifetime.ts"

/** One reply as it is kept: plain data that survives `structuredClone` and can be written down. It holds no cookies. */
export interface StoredReply extends Lifetime {
  readonly status: number
  /** Header fields in order, with lower-case names. */
  readonly headers: HeaderList
  readonly bytes: Uint8Array<ArrayBuffer>
  /** What the fields that Vary names were in the request (RFC 9111 §4.1); null for an absent one. */
  readonly vary: Readonly<Record<string, string | null>>
  /** When its request went out, in milliseconds since 1970. */
  readonly requestedAt: number
}

/** What a store keeps under one key: the replies to one URL for one user, newest first, one for each variant. */
export interface CacheEntry {
  readonly replies: readonly StoredReply[]
}

/** Fields of one connection (RFC 9111 §3.1), and cookies: replayed they would undo newer ones, and they are credentials. */
const NOT_KEPT = /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|set-cookie2?|cache-status)$/

/** What describes the bytes that are kept, which a 304 does not bring anew (RFC 9111 §3.2). */
const OF_THE_BYTES = /^content-(length|encoding|range|type)$/

/** The fields of a reply that are kept. */
export function keptFields(headers: HeaderFields): HeaderList {
  const dropped = (headers.get("connection") ?? "").toLowerCase().split(/\s*,\s*/)
  return [...headers]
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !NOT_KEPT.test(name) && !dropped.includes(name))
}

/** Kept fields, with those of a 304 in place of their own (RFC 9111 §3.2). */
export function freshenedFields(kept: HeaderList, validation: Reply): HeaderList {
  const renewed = keptFields(validation.headers).filter(([name]) => !OF_THE_BYTES.test(name))
  const names = new Set(renewed.map(([name]) => name))
  return [...kept.filter(([name]) => !names.has(name) && name !== "age"), ...renewed]
}

/** What the request says in the fields that the reply varies by; undefined when it varies by more than the request tells. */
export function varyOf(reply: Reply, request: HeaderList): StoredReply["vary"] | undefined {
  const names = (reply.headers.get("vary") ?? "").toLowerCase().split(/[\s,]+/).filter(Boolean) // prettier-ignore
  if (names.includes("*")) return undefined
  // Credentials are part of the key, as a digest; their values are not kept.
  const kept = names.filter((name) => !SECRET_HEADER.test(name))
  return Object.fromEntries(kept.map((name) => [name, selecting(request, name)]))
}

/** Whether a stored reply is an answer to this request. */
export function matches({ vary }: StoredReply, request: HeaderList): boolean {
  return Object.entries(vary).every(([name, value]) => selecting(request, name) === value)
}

/** The value of a field, its lines joined; null when it is absent. */
export function fieldOf(headers: HeaderList, name: string): string | null {
  return new ListedFields(headers).get(name)
}

/** The value of a field that Vary names, without regard to the white space in it (RFC 9111 §4.1). */
function selecting(headers: HeaderList, name: string): string | null {
  return (
    fieldOf(headers, name)
      ?.replace(/\s*,\s*/g, ",")
      .trim() ?? null
  )
}

/** The bytes that a reply takes up, roughly: body, header fields, and what goes along with them. */
export function sizeOf({ replies }: CacheEntry): number {
  const text = ([name, value]: readonly [string, string]): number => 2 * (name.length + value.length)
  return replies.reduce(
    (sum, { bytes, headers }) => headers.reduce((size, pair) => size + text(pair), sum + bytes.byteLength + 200),
    0,
  )
}
