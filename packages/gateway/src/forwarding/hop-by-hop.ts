import { listOf, type RawFields } from "../entry/raw-fields.ts"

/** Fields that are for the next recipient alone (RFC 9110 §7.6.1), whether or not Connection names them. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
])

/** Whether a message's field goes no further. */
export function hopByHop(raw: RawFields): (name: string) => boolean {
  const named = listOf(raw, "connection")
  if (named.every((name) => name === "keep-alive" || name === "close")) return (name) => HOP_BY_HOP.has(name)
  return (name) => HOP_BY_HOP.has(name) || named.includes(name)
}
