import { DIGEST_ALGORITHMS } from "../../../algorithms/digest-fields.ts"
import type { HeaderList } from "../../../headers.ts"
import { originOf } from "../../../url.ts"
import type { Representation } from "./representation.ts"
import type { Hashes } from "./running-digests.ts"

/** What was asked for. */
export interface Asked {
  /** Bytes that are there already: the range begins after them. */
  readonly at: number
  /** What they belong to; undefined when nothing is there. */
  readonly representation: Representation | undefined
  /** Whether a range was asked for, or the whole. */
  readonly isRange: boolean
}

/**
 * The header fields that ask for it: for the bytes as they are, the range, only if it is of the same representation, and
 * digests of the whole that can be computed here.
 * @param pageOrigin The origin of the web page that asks; undefined outside of pages.
 */
export function partFields(
  { at, representation, isRange }: Asked,
  url: string,
  hashes: Hashes,
  pageOrigin: string | undefined,
): HeaderList {
  const fields: [string, string][] = [["accept-encoding", "identity"]]
  if (isRange) fields.push(["range", `bytes=${at}-`])
  // To another origin a page's other fields cost a preflight; the reply's own fields tell what is no part.
  if (pageOrigin !== undefined && originOf(url) !== pageOrigin) return fields
  if (representation?.validator !== undefined) fields.push(["if-range", representation.validator])
  const wanted = DIGEST_ALGORITHMS.filter((algorithm) => hashes[algorithm] !== undefined)
  if (wanted.length > 0)
    fields.push(["want-repr-digest", wanted.map((name, index) => `${name}=${10 - index}`).join(", ")])
  return fields
}
