import { relayedHeaders } from "@steadfetch/node"
import type { Reply } from "steadfetch"
import type { RawFields } from "../entry/raw-fields.ts"
import { hopByHop } from "./hop-by-hop.ts"
import { STORY_FIELDS } from "./story.ts"

/** The header fields of the upstream's reply as they go on to the caller, with the gateway's own behind them. */
export function replyFields({ status, headers }: Reply, via: string, own: readonly string[]): string[] {
  const raw: RawFields = relayedHeaders(headers)?.lines ?? [...headers].flat()
  // RFC 9110 §8.6: 204 has no length to tell; some callers would wait for the body.
  const passed = endToEnd(raw, status === 204 ? "content-length" : undefined)
  passed.push("Via", `1.1 ${via}`, ...own)
  return passed
}

/** The fields of a reply, or before or behind one, that are meant for more than the gateway. */
export function endToEnd(raw: RawFields, without?: string): string[] {
  const passed: string[] = []
  const isHopByHop = hopByHop(raw)
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? ""
    const key = name.toLowerCase()
    if (!isHopByHop(key) && !STORY_FIELDS.has(key) && key !== without) passed.push(name, raw[index + 1] ?? "")
  }
  return passed
}
