import { NoReplyError, type Signal } from "steadfetch"
import { contentOf } from "../described-entry.ts"
import { OutboxError } from "../errors.ts"
import type { Parts } from "../parts.ts"
import type { StoredEntry } from "../store.ts"
import { sentOf, unanswered, unmade, type Sent } from "./sent.ts"

/** Bodies up to this many bytes are sent with their length, which some servers insist on; longer ones as they are read. */
const MOST_IN_MEMORY = 1024 * 1024

/** Sends an entry once. @throws The reason of the signal, when that ended it. */
export async function sending(parts: Parts, entry: StoredEntry, signal: Signal): Promise<Sent> {
  const { api, runtime } = parts
  try {
    const { method, url, headers, idempotencyKey = false } = contentOf(parts, entry)
    const body = entry.bodyBytes === undefined ? undefined : await bodyOf(parts, entry)
    if (signal.aborted) throw signal.reason
    const call = api.request(method, url, { headers, idempotencyKey, body, retry: false, signal })
    return await sentOf(await call.outcome({ reading: "stream" }), runtime.clock)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    // A success whose body broke off.
    return NoReplyError.is(error) ? unanswered({ error }, runtime.clock) : unmade(error, runtime.clock)
  }
}

async function bodyOf(
  { store, sealer }: Parts,
  { id, bodyBytes = 0 }: StoredEntry,
): Promise<Uint8Array<ArrayBuffer> | (() => AsyncIterable<Uint8Array<ArrayBuffer>>)> {
  const stored = await store.body(id)
  if (stored === undefined) throw new OutboxError("store", `the body of entry ${id} is missing in ${store.name}`)
  if (stored instanceof Uint8Array) return sealer.open(id, "body", stored)
  // Opened anew each time: the client may send it several times, after a redirect or a 401.
  const open = (): AsyncIterable<Uint8Array<ArrayBuffer>> => sealer.openStream(id, "body", stored)
  return bodyBytes <= MOST_IN_MEMORY ? whole(open()) : open
}

async function whole(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces)
}
