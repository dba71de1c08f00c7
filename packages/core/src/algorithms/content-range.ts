/** Which bytes a 206 holds, from the first to the last, both included, and of how many (RFC 9110 §14.4). */
export interface ContentRange {
  readonly first: number
  readonly last: number
  /** Undefined where the server does not say (`*`). */
  readonly totalBytes: number | undefined
}

/** The Content-Range of a 206; undefined when it is missing, malformed, of another unit, or contradicts itself. */
export function parseContentRange(text: string | null): ContentRange | undefined {
  const [, first, last, total] = /^bytes +(\d+)-(\d+)\/(\d+|\*)$/i.exec(text?.trim() ?? "") ?? []
  const range = { first: Number(first), last: Number(last), totalBytes: total === "*" ? undefined : Number(total) }
  const isSound =
    range.first <= range.last &&
    range.last < (range.totalBytes ?? Number.POSITIVE_INFINITY) &&
    Number.isSafeInteger(range.totalBytes ?? range.last)
  return isSound ? range : undefined
}

/** The length that the Content-Range of a 416 names (`bytes *` + `/N`); undefined when it names none. */
export function unsatisfiedLength(text: string | null): number | undefined {
  const [, total] = /^bytes +\*\/(\d+)$/i.exec(text?.trim() ?? "") ?? []
  return total === undefined || !Number.isSafeInteger(Number(total)) ? undefined : Number(total)
}
