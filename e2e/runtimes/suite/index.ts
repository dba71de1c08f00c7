import { aborts } from "./aborts.ts"
import { auth } from "./auth.ts"
import { Stage, unasserted, type Case, type Group, type Place } from "./case.ts"
import { contract } from "./contract.ts"
import { downloading } from "./downloads.ts"
import { dropIn } from "./drop-in.ts"
import { errors } from "./errors.ts"
import { events } from "./events.ts"
import { pages } from "./paging.ts"
import { operations } from "./operations.ts"
import { typed } from "./openapi.ts"
import { redirects } from "./redirects.ts"
import { replies } from "./replies.ts"
import { requestBodies } from "./request-bodies.ts"
import { retry } from "./retry.ts"
import { streams } from "./streams.ts"
import { traces } from "./telemetry.ts"
import { timeouts } from "./timeouts.ts"
import { uploads } from "./uploads.ts"

export type { Place } from "./case.ts"

/** The whole suite, in the order of the table. */
export const groups: readonly Group[] = [
  contract,
  retry,
  timeouts,
  aborts,
  requestBodies,
  replies,
  redirects,
  errors,
  dropIn,
  events,
  auth,
  pages,
  streams,
  uploads,
  operations,
  downloading,
  typed,
  traces,
]

/** How a case ended in one runtime. */
export interface CaseEnd {
  readonly group: string
  readonly name: string
  /** Why it failed; undefined when it passed. */
  readonly failure: string | undefined
}

/** A case that hangs fails after so long. */
const MOST_MS = 15_000

/** The path on the server below which a case has its own paths. */
export function pathOf(group: number, index: number): string {
  return `/${group}-${index}`
}

/** Runs every case, one after the other. */
export async function runSuite(place: Place): Promise<readonly CaseEnd[]> {
  const ends: CaseEnd[] = []
  for (const [number, group] of groups.entries()) {
    for (const [index, one] of group.cases.entries()) {
      const failure = await failureOf(one, new Stage(place, pathOf(number, index)))
      ends.push({ group: group.name, name: one.name, failure })
    }
  }
  const stale = unasserted(place.runtime).map((name) => ({
    group: "differences",
    name,
    failure: "no case asks for it",
  }))
  return [...ends, ...stale]
}

async function failureOf(one: Case, stage: Stage): Promise<string | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not over after ${MOST_MS} ms`)), MOST_MS)
  })
  try {
    await Promise.race([one.run(stage), tooLong])
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    clearTimeout(timer)
  }
}
