import { parseContentRange, unsatisfiedLength } from "../../../algorithms/content-range.ts"
import { DIGEST_ALGORITHMS, parseDigests } from "../../../algorithms/digest-fields.ts"
import { isEntityTag } from "../../../algorithms/strong-validator.ts"
import type { HeaderFields } from "../../../headers.ts"
import { shown } from "../../../validation.ts"
import type { Asked } from "./part-request.ts"
import { isCoded, representationOf, type Representation } from "./representation.ts"

/** What a reply is to a download. */
export type PartReply =
  /** All of a representation, from its first byte. */
  | { readonly kind: "whole"; readonly representation: Representation }
  /** The bytes that were asked for, up to `endsAt`; from its first byte when none were there. */
  | { readonly kind: "part"; readonly representation: Representation; readonly endsAt: number }
  /** There are no more bytes than are there. */
  | { readonly kind: "complete"; readonly representation: Representation }
  /** What is there cannot be gone on from. */
  | { readonly kind: "start-over"; readonly why: string }
  /** Nothing that a download could use. */
  | { readonly kind: "unusable"; readonly why: string }

/**
 * What a reply is to the download that asked for it (RFC 9110 §14, §15.3.7, §15.5.17): only bytes of the same
 * representation, from exactly the byte that was asked for, are a part of it. Undefined for a status that is none of a
 * download's own.
 */
export function readPartReply(
  asked: Asked,
  status: number,
  headers: HeaderFields,
  dateMs: number,
): PartReply | undefined {
  if (status === 200 || status === 203) return { kind: "whole", representation: representationOf(headers, dateMs) }
  if (status === 206) return partial(asked, headers, dateMs)
  if (!asked.isRange) return undefined
  if (status === 416) return unsatisfied(asked, headers, dateMs)
  return status === 412 ? { kind: "start-over", why: "the server has another representation (412)" } : undefined
}

function partial(asked: Asked, headers: HeaderFields, dateMs: number): PartReply {
  const { at, representation: known } = asked
  const useless = (why: string): PartReply => ({ kind: at === 0 ? "unusable" : "start-over", why })
  if (/^multipart\/byteranges\b/i.test(headers.get("content-type") ?? ""))
    return { kind: "unusable", why: "several ranges came (multipart/byteranges) where one was asked for" }
  const field = headers.get("content-range")
  const range = parseContentRange(field)
  if (range?.first !== at) return useless(`asked for bytes from ${at} on, got Content-Range ${shown(field)}`)
  if (isCoded(headers)) return useless(`a range in the coding ${shown(headers.get("content-encoding"))}`)
  const endsAt = range.last + 1
  if (known === undefined || at === 0)
    return { kind: "part", representation: representationOf(headers, dateMs, range), endsAt }
  const why = difference(known, headers, range.totalBytes)
  if (why !== undefined) return { kind: "start-over", why }
  return { kind: "part", representation: { ...known, totalBytes: known.totalBytes ?? range.totalBytes }, endsAt }
}

/** How a range's fields show that it is of another representation; undefined when it is of the known one. */
function difference(known: Representation, headers: HeaderFields, totalBytes: number | undefined): string | undefined {
  const { validator = "", digests } = known
  if (totalBytes !== undefined && (known.totalBytes ?? totalBytes) !== totalBytes)
    return `its length was ${known.totalBytes}, now it is ${totalBytes}`
  // Only what has the same strong validator may be joined (RFC 9110 §15.3.7.3).
  const name = isEntityTag(validator) ? "etag" : "last-modified"
  const now = headers.get(name)?.trim() ?? null
  if (now !== validator) return `its ${name} was ${shown(validator)}, now it is ${shown(now)}`
  const said = parseDigests(headers.get("repr-digest"))
  const other = DIGEST_ALGORITHMS.find((name) => (said[name] ?? digests[name]) !== (digests[name] ?? said[name]))
  return other && `its ${other} digest is another one`
}

function unsatisfied({ at, representation }: Asked, headers: HeaderFields, dateMs: number): PartReply {
  const length = unsatisfiedLength(headers.get("content-range"))
  const etag = headers.get("etag")?.trim()
  const isSame =
    length === at &&
    (representation?.totalBytes ?? length) === length &&
    (etag === undefined || representation === undefined || etag === representation.validator)
  if (!isSame) return { kind: "start-over", why: `there are no bytes from ${at} on (416)` }
  return {
    kind: "complete",
    representation: representation ?? representationOf(headers, dateMs, { totalBytes: length }),
  }
}
