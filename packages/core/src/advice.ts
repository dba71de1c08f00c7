import type { CallRecord, Ending } from "./call-record.ts"

/** What to do next, in words, by why a call ended. */
const ADVICE: Readonly<Record<Ending, string>> = {
  answered: "not retried: correct the request",
  "server-says-no": "not retried: the server says not to",
  off: "not retried: retries are off",
  attempts: "gave up: all attempts are used",
  budget: "not retried: too many calls to this origin fail, its retry budget is spent",
  deadline: "gave up: the deadline leaves no time for another attempt",
  wait: "not retried: the wait would exceed maxWaitMs",
  body: "not retried: the body is a stream that was read; give a function that opens a fresh one",
  unsafe: "not retried: it may have been processed, and carries no Idempotency-Key",
  permanent: "not retried: the same request would fail again",
  aborted: "aborted",
}

/** The bracketed end of an error message: why there was no further attempt, how many there were, when to come back. */
export function advice(record: CallRecord): string {
  const { ending, attempts, retryAt } = record
  const parts = [ending === undefined ? "" : ADVICE[ending]]
  if (attempts.length > 1) parts.push(`${attempts.length} attempts`)
  if (retryAt !== undefined) parts.push(`try again after ${new Date(retryAt).toISOString()}`)
  const said = parts.filter((part) => part !== "").join("; ")
  return said === "" ? "" : ` (${said})`
}
