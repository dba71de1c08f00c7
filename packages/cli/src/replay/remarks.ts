import { oneLine } from "../paint.ts"
import type { LeftOut } from "./request.ts"
import type { Selection } from "./selection.ts"

/** Why calls are left out, in this order. */
const REASONS: readonly (readonly [why: LeftOut["why"], words: (what: string) => string])[] = [
  ["unsafe", (what) => `could change something (${what}); --unsafe sends them`],
  ["incomplete", (what) => `cannot be made again: ${what}`],
  ["endless", (what) => `have no end (${what})`],
  ["no-http", (what) => `are no HTTP requests (${what})`],
]

const MOST_EXAMPLES = 3

/** Which calls of the recording are left out, and what the others go without. Names alone, no values. */
export function remarksOn({ calls, leftOut, unmeant }: Selection): string[] {
  const remarks = REASONS.flatMap(([why, words]) => {
    const those = leftOut.filter((one) => one.why === why)
    return those.length === 0
      ? []
      : [`left out: ${those.length} that ${words(examples(those.map(({ what }) => what)))}`]
  })
  if (unmeant > 0) remarks.push(`left out: ${unmeant} that --method, --url and --status do not choose`)
  const bare = calls.filter(({ without }) => without.length > 0)
  if (bare.length > 0)
    remarks.push(
      `${bare.length} without recorded credentials (${examples(bare.flatMap(({ without }) => without))}); --with-credentials sends them, --bearer-env NAME others`,
    )
  return remarks.map(oneLine)
}

/** The first few different ones. */
function examples(texts: readonly string[]): string {
  const different = [...new Set(texts)]
  const rest = different.length - MOST_EXAMPLES
  return [...different.slice(0, MOST_EXAMPLES), ...(rest > 0 ? [`${rest} more`] : [])].join(", ")
}
