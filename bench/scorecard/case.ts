import type { Feature, Make } from "./client.ts"

/** What came of one case with one client. */
export interface Finding {
  readonly verdict: "pass" | "fail" | "n/a"
  /** What was seen, or why the case does not apply. */
  readonly seen: string
}

/** A row of the scorecard. */
export interface Case {
  /** The row's number, from 1; 0 is the control, which every adapter has to pass. */
  readonly row: number
  readonly title: string
  /** What must hold, in one sentence. */
  readonly mustHold: string
  /** How it is observed, in one sentence. */
  readonly observed: string
  /** What a client has to have for the case to be fair. */
  readonly needs?: readonly Feature[]
  /** What is not held against a client that does without it: then a failure is noted as not applicable. */
  readonly excuses?: Feature
  readonly observe: (make: Make) => Promise<Finding>
}

export const pass = (seen: string): Finding => ({ verdict: "pass", seen })
export const fail = (seen: string): Finding => ({ verdict: "fail", seen })
export const notApplicable = (seen: string): Finding => ({ verdict: "n/a", seen })

/** The first finding that is no pass, else the last one. */
export async function firstProblem(...probes: readonly (() => Promise<Finding>)[]): Promise<Finding> {
  let last = notApplicable("nothing to look at")
  for (const probe of probes) {
    last = await probe()
    if (last.verdict !== "pass") return last
  }
  return last
}
