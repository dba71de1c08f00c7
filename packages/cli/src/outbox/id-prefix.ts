const LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"
const SHORTEST = 4
const SHORTEST_SHOWN = 8

/** Whether a text can be the beginning of an id. */
export function isIdPrefix(text: string): boolean {
  const isLong = text.length >= SHORTEST && text.length <= LAST.length
  return isLong && [...text].every((letter, at) => (LAST[at] === "-" ? letter === "-" : /[\da-f]/.test(letter)))
}

export function isWholeId(prefix: string): boolean {
  return prefix.length === LAST.length
}

/** The last id that there could be with this beginning. */
export function lastWith(prefix: string): string {
  return prefix + LAST.slice(prefix.length)
}

/** The first id that there could be from this instant on. */
export function firstAt(instantMs: number): string {
  const time = Math.max(0, Math.floor(instantMs)).toString(16).padStart(12, "0")
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`
}

/** How many characters tell these ids apart. */
export function tellingLength(ids: readonly string[]): number {
  const sorted = ids.toSorted()
  const lengths = sorted.slice(1).map((id, index) => 1 + commonLength(id, sorted[index] ?? ""))
  // A dash tells nothing.
  return Math.max(SHORTEST_SHOWN, ...lengths.map((length) => (LAST[length - 1] === "-" ? length + 1 : length)))
}

function commonLength(one: string, other: string): number {
  const at = [...one].findIndex((letter, index) => letter !== other[index])
  return at < 0 ? one.length : at
}
