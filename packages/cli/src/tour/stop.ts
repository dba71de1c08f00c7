import type { Call, CallOutcome, FailureCode, Steadfetch } from "steadfetch"

/** What the calls of the tour can use. */
export interface Ground {
  /** A client with Ada's token. */
  readonly api: Steadfetch
  /** A client whose token has expired, and which knows how to get a fresh one. */
  readonly renewing: Steadfetch
  /** A client with Ada's token of whose calls the tour says nothing. */
  readonly quiet: Steadfetch
  /** A client of an address where nothing listens. */
  readonly absent: Steadfetch
  /** A client of a server whose reply breaks off half-way, once. */
  readonly broken: Steadfetch
  /** An order of Ada's. */
  readonly id: string
  /** An order of Grace's, the other customer. */
  readonly othersId: string
  /** What a new order holds. */
  readonly order: { readonly items: readonly unknown[]; readonly note: string }
}

/** One call of the tour, and how it has to end. */
export interface Stop {
  readonly title: string
  /** The trouble that the API is asked to make, in its own words, and in words for people. */
  readonly trouble?: { readonly field: string; readonly words: string }
  /** Its source is the line that is shown. */
  readonly call: (ground: Ground) => Call
  readonly ends: CallOutcome["kind"]
  /** How each attempt has to end: a status, or why there was no reply. */
  readonly attempts: readonly (number | FailureCode)[]
  /** What else must hold: resolves to what does not. */
  readonly proof?: (outcome: CallOutcome, ground: Ground) => Promise<string | undefined> | string | undefined
  /** What the client did, and why. */
  readonly lesson: string
}

/** The line a user would write, from the source of the function that was run. */
export function sourceOf(call: (ground: Ground) => Call): string {
  const source = String(call)
  return source
    .slice(source.indexOf("=>") + 2)
    .trim()
    .replace(/\s+/g, " ")
    .replace(/, ([)}\]])/g, " $1")
}

/** Where a call did not end as it should have; empty when it did. */
export function mismatches(stop: Pick<Stop, "ends" | "attempts">, outcome: CallOutcome): string[] {
  const found: string[] = []
  if (outcome.kind !== stop.ends) found.push(`it had to end as ${stop.ends}, and ended as ${outcome.kind}`)
  const seen = outcome.attempts.map(({ status, failure }) => status ?? failure ?? "unknown").join(", ")
  const due = stop.attempts.join(", ")
  if (seen !== due) found.push(`its attempts had to be ${due}, and were ${seen}`)
  return found
}
