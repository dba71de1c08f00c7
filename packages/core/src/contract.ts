import { retryAfterMs } from "./algorithms/retry-after.ts"
import type { Outcome, Reply, Verdict } from "./outcome.ts"
import type { Clock } from "./runtime.ts"
import { statusDigit } from "./status.ts"
import { ConfigurationError } from "./steadfetch-error.ts"
import { refuse, shown } from "./validation.ts"

/** A row's verdict; "retry-after" stands for `retry` where the server names a time, and `correct` where it does not. */
export type Rule = Verdict | "retry-after"

/** The table that turns a status into a verdict: a row per class, and rows for single statuses which go before it. */
export type Contract = Readonly<Partial<Record<number | `${1 | 2 | 3 | 4 | 5}xx`, Rule>>>

// Each table is written out, as spreading one into another would keep all of them in every bundle.

/** What an API's documentation asks of its clients: 4xx never again unless the server names a time, 5xx later. */
export const documented = {
  "1xx": "accept",
  "2xx": "accept",
  "3xx": "accept",
  "4xx": "retry-after",
  "5xx": "retry",
} as const satisfies Contract

/** As `documented`, but a 4xx is never sent again, whatever Retry-After says. */
export const strict = {
  "1xx": "accept",
  "2xx": "accept",
  "3xx": "accept",
  "4xx": "correct",
  "5xx": "retry",
} as const satisfies Contract

/**
 * As `documented`, refined by what RFC 9110, RFC 8470 and the RFCs of the single statuses say: 408, 421, 425 and 429 can
 * succeed unchanged; 501, 505, 506, 508, 510 and 511 cannot.
 */
export const rfc9110 = {
  "1xx": "accept",
  "2xx": "accept",
  "3xx": "accept",
  "4xx": "retry-after",
  "5xx": "retry",
  408: "retry",
  421: "retry",
  425: "retry",
  429: "retry",
  501: "correct",
  505: "correct",
  506: "correct",
  508: "correct",
  510: "correct",
  511: "correct",
} as const satisfies Contract

/**
 * A whole table from rows of the user's own, which go before the documented ones.
 * @throws ConfigurationError for an unknown row or rule.
 */
export function contract(rows: Contract = {}): Contract {
  if (typeof rows !== "object" || rows === null)
    refuse("contract", shown(rows), 'a table: import { strict } from "steadfetch", or { 409: "retry" }')
  for (const [status, rule] of Object.entries(rows)) {
    if (!/^[1-5](\d\d|xx)$/.test(status) || !["accept", "correct", "retry", "retry-after"].includes(String(rule))) {
      throw new ConfigurationError(
        `contract: ${status}: ${JSON.stringify(rule)} is no row; write { 409: "retry" } or { "4xx": "correct" }`,
      )
    }
  }
  return { ...documented, ...rows }
}

/** The verdict on one reply, and what the server asked for. */
export interface Judgement {
  readonly verdict: Verdict
  /** Milliseconds from now before which the server does not want to be asked again. */
  readonly afterMs: number | undefined
  /** What the server itself said about a retry (`x-should-retry`), if anything. */
  readonly asked: boolean | undefined
}

/** The verdict on what succeeded. */
export const ACCEPTED: Judgement = { verdict: "accept", afterMs: undefined, asked: undefined }

/** Judges a reply by a contract; the clock tells the time of day, for Retry-After dates. */
export function judge(table: Contract, reply: Reply, clock: Pick<Clock, "date">): Judgement {
  const { status, headers, body } = reply
  const rule = table[status] ?? table[`${statusDigit(status) as 1 | 2 | 3 | 4 | 5}xx`]
  if (rule === "accept" || rule === undefined) return ACCEPTED
  const afterMs = retryAfterMs((name) => headers.get(name), clock.date()) ?? body.retryAfterMs?.()
  const hint = headers.get("x-should-retry") ?? headers.get("stripe-should-retry")
  const asked = hint === "true" ? true : hint === "false" ? false : undefined
  const again = rule === "retry" || (rule === "retry-after" && (afterMs !== undefined || asked === true))
  return { verdict: again && asked !== false ? "retry" : "correct", afterMs, asked }
}

/** Whether a server that is well did its work: a refusal is that, too; an overload and what is to be retried are not. */
export function isServed(outcome: Outcome, { verdict }: Judgement): boolean {
  return verdict !== "retry" && outcome.kind === "reply" && outcome.status < 500 && outcome.status !== 429
}
