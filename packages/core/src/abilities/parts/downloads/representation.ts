import { parseDigests, type Digests } from "../../../algorithms/digest-fields.ts"
import { strongValidator } from "../../../algorithms/strong-validator.ts"
import type { HeaderFields } from "../../../headers.ts"

/** What bytes belong to: one state of a resource, as its replies describe it. Plain data that survives JSON. */
export interface Representation {
  /** The strong ETag, or the strong Last-Modified where there is no ETag: what proves that further bytes belong to it. */
  readonly validator: string | undefined
  /** Its length; undefined while no reply has said. */
  readonly totalBytes: number | undefined
  /** What the server said that its bytes hash to, in base64. */
  readonly digests: Digests
}

/**
 * The representation that a reply begins.
 * @param range What Content-Range says where the reply holds a range; Content-Length and Content-Digest are of that alone.
 */
export function representationOf(
  headers: HeaderFields,
  dateMs: number,
  range?: { readonly totalBytes: number | undefined },
): Representation {
  // Of a coding the transport gives what it decoded: neither length, digests nor ranges are of those bytes.
  if (isCoded(headers)) return { validator: undefined, totalBytes: undefined, digests: {} }
  const get = (name: string): string | null => headers.get(name)
  const digests = get("repr-digest") ?? (range === undefined ? get("content-digest") : null)
  return {
    validator: get("accept-ranges")?.trim() === "none" ? undefined : strongValidator(get, dateMs),
    totalBytes: range === undefined ? contentLength(headers) : range.totalBytes,
    digests: parseDigests(digests),
  }
}

/** Whether a reply's body was coded, though "identity" was asked for. */
export function isCoded(headers: HeaderFields): boolean {
  return !/^(identity)?$/i.test(headers.get("content-encoding")?.trim() ?? "")
}

function contentLength(headers: HeaderFields): number | undefined {
  const text = headers.get("content-length")?.trim() ?? ""
  return /^\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined
}
