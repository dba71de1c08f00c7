import type { CallOutcome } from "steadfetch"
import { effort } from "../story.ts"
import { harmless, type Paint } from "../paint.ts"

/** The story of a call, between its line and its ending. */
export const STORY_LAYOUT = { indent: "    ", heading: false } as const

/** The number and name of a stop, and the line that a user would write. */
export function stopHeading(
  number: number,
  title: string,
  source: string,
  asked: string | undefined,
  paint: Paint,
): string[] {
  return [
    "",
    `${paint("dim", String(number).padStart(2))}  ${paint("bold", title)}`,
    `    ${paint("cyan", `await ${source}`)}`,
    ...(asked === undefined ? [] : [`    ${paint("dim", `(the API was asked for trouble: ${asked})`)}`]),
  ]
}

/** How a call ended, what was not as it should be, and what is to be learnt. */
export function stopEnding(
  outcome: CallOutcome,
  elapsedMs: number,
  wrong: readonly string[],
  lesson: string,
  paint: Paint,
): string[] {
  const mark = wrong.length === 0 ? paint("green", "✔") : paint("red", "✘")
  const [got, ...more] = whatTheUserGets(outcome)
  return [
    `    ${mark} ${paint("bold", got)}  ${paint("dim", effort(outcome.attempts, elapsedMs))}`,
    ...more.map((line) => `      ${harmless(line)}`),
    ...wrong.map((mismatch) => `      ${paint("red", mismatch)}`),
    ...(lesson === "" ? [] : [`      ${paint("dim", lesson)}`]),
  ]
}

function whatTheUserGets(outcome: CallOutcome): [string, ...string[]] {
  if (outcome.kind === "success") {
    const { created, statusClass } = outcome
    const what = statusClass === "success" ? "returns the reply" : "returns the reply as it is"
    return created === undefined ? [what] : [what, `created.location ${created.location}`]
  }
  const { error, retryAt } = outcome
  const said = "serverMessage" in error ? error.serverMessage : undefined
  return [
    `throws ${error.name}`,
    ...(said === undefined ? [] : [`serverMessage "${said}"`]),
    ...(retryAt === undefined ? [] : [`retryAt ${retryAt.toISOString()}`]),
  ]
}
