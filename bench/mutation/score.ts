import type { Mutant } from "./mutant.ts"

export interface Score {
  readonly killed: number
  /** Mutants that ended no test run; they count as found. */
  readonly timedOut: number
  readonly survived: number
  /** Survivors that no test even runs. */
  readonly notRun: number
  /** Found mutants of all, in percent. */
  readonly percent: number
}

/** Whether a mutant was tried, or runs in no test: what could not be built or run, or is left out, counts neither way. */
export function counts({ status }: Mutant): boolean {
  return ["Killed", "Timeout", "Survived", "NoCoverage"].includes(status)
}

/** Counts; a mutant that could not be built or run counts neither way. */
export function score(mutants: readonly Mutant[]): Score {
  const count = (status: Mutant["status"]): number => mutants.filter((mutant) => mutant.status === status).length
  const [killed, timedOut, survived, notRun] = [
    count("Killed"),
    count("Timeout"),
    count("Survived"),
    count("NoCoverage"),
  ]
  const all = killed + timedOut + survived + notRun
  return { killed, timedOut, survived, notRun, percent: all === 0 ? 100 : (100 * (killed + timedOut)) / all }
}

/** Those that the tests let live, in the order of their places. */
export function survivors(mutants: readonly Mutant[]): Mutant[] {
  return mutants
    .filter(({ status }) => status === "Survived" || status === "NoCoverage")
    .toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1))
}
