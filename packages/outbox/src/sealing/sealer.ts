import type { StoredBody } from "../store.ts"

/** Which part of an entry some bytes are. */
export type Field = "content" | "body" | "result"

/** What stands between an outbox and the bytes in its store. */
export interface Sealer {
  readonly isSealing: boolean
  /** Bytes as they are stored. */
  seal(id: string, field: Field, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>
  /** The bytes that were sealed. @throws OutboxError when there is no key or a wrong one, or they were changed. */
  open(id: string, field: Field, bytes: Uint8Array): Uint8Array<ArrayBuffer>
  sealStream(id: string, field: Field, body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array<ArrayBuffer>>
  /** The stream that was sealed; it ends with an OutboxError where it was cut, changed or reordered. */
  openStream(id: string, field: Field, body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array<ArrayBuffer>>
  /** The length of what was sealed, from its length as it is stored. */
  plainBytes(storedBytes: number): number
  /** What a store knows a key by. */
  fingerprint(kind: "key" | "ordering key", text: string): string
}

/** Seals a body, whichever kind it is. */
export function sealBody(sealer: Sealer, id: string, body: StoredBody): StoredBody {
  return body instanceof Uint8Array ? sealer.seal(id, "body", body) : sealer.sealStream(id, "body", body)
}

/** Opens a body, whichever kind it is. */
export function openBody(sealer: Sealer, id: string, body: StoredBody): StoredBody {
  return body instanceof Uint8Array ? sealer.open(id, "body", body) : sealer.openStream(id, "body", body)
}
