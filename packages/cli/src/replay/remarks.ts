import { oneLine } from "../paint.ts"
import type { LeftOut } from "./request.ts"
import type { Selection } from "./selection.ts"

/** Why calls are left out, in this order, in the words for one and for several. */
const REASONS: readonly (readonly [why: LeftOut["why"], one: string, several: string, fix: string])[] = [
  ["unsafe", "that could change something", "that could change something", "; --unsafe sends such calls"],
  ["incomplete", "that cannot be made again", "that cannot be made again", ""],
  ["endless", "that has no end", "that have no end", ""],
  ["no-http", "that is no HTTP request", "that are no HTTP requests", ""],
]

const MOST_EXAMPLES = 3

/** Which calls of the recording are left out, and what the others go without. Names alone, no values. */
export function remarksOn({ calls, leftOut, unmeant }: Selection, to: string | undefined): string[] {
  const remarks = REASONS.flatMap(([why, one, several, fix]) => {
    const those = leftOut.filter((call) => call.why === why).map(({ what }) => what)
    if (those.length === 0) return []
    return [`left out: ${those.length} ${those.length === 1 ? one : several} (${examples(those)})${fix}`]
  })
  if (unmeant > 0) remarks.push(`left out: ${unmeant} by --method, --url or --status`)
  const bare = calls.filter(({ without }) => without.length > 0)
  if (bare.length > 0) {
    const fix =
      to === undefined ? "--with-credentials sends them, --bearer-env NAME others" : "--bearer-env NAME sends others"
    const names = examples(bare.flatMap(({ without }) => without))
    remarks.push(`${bare.length} without the credentials that were recorded (${names}); ${fix}`)
  }
  return remarks.map(oneLine)
}

/** The first few different ones. */
function examples(texts: readonly string[]): string {
  const different = [...new Set(texts)]
  const rest = different.length - MOST_EXAMPLES
  return [...different.slice(0, MOST_EXAMPLES), ...(rest > 0 ? [`${rest} more`] : [])].join(", ")
}
