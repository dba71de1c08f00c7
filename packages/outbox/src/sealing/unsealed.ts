import { OutboxError } from "../errors.ts"
import type { Sealer } from "./sealer.ts"

/** Contents and results are JSON, which begins so; what is sealed begins otherwise. */
const BRACE = 0x7b

/** Stores everything as it is. */
export const unsealed: Sealer = {
  isSealing: false,
  seal: (_id, _field, bytes) => bytes,
  open(id, field, bytes) {
    if (field !== "body" && bytes[0] !== BRACE)
      throw new OutboxError("sealed", `entry ${id} is encrypted; open the outbox with "encryption: { key }"`)
    return bytes as Uint8Array<ArrayBuffer>
  },
  sealStream: (_id, _field, body) => body as AsyncIterable<Uint8Array<ArrayBuffer>>,
  openStream: (_id, _field, body) => body as AsyncIterable<Uint8Array<ArrayBuffer>>,
  plainBytes: (storedBytes) => storedBytes,
  fingerprint: (_kind, text) => text,
}
