import type { CallRecord, Ending } from "./call-record.ts"

/** Why a call ended, and what to do next. */
const REASONS: Readonly<Record<Ending, string>> = {
  answered: "correct the request",
  "server-says-no": "the server says not to",
  off: "retries are off",
  attempts: "all attempts are used",
  budget: "the origin's retry budget is spent",
  deadline: "the deadline leaves no time",
  wait: "the wait would exceed maxWaitMs",
  body: "the body is a stream that was read; give a function that opens a fresh one",
  unsafe: "it may have been processed, and carries no Idempotency-Key",
  rejected: "a policy held it back",
  permanent: "it would fail again",
  aborted: "aborted",
}

/** The bracketed end of an error message: how many attempts there were, why no further one, when to come back. */
export function advice({ ending, attempts, retryAt }: CallRecord): string {
  if (ending === undefined) return ""
  const given = attempts.length > 1 ? `gave up after ${attempts.length} attempts` : "not retried"
  const later = retryAt === undefined ? "" : `; try again after ${new Date(retryAt).toISOString()}`
  return ` (${given}: ${REASONS[ending]}${later})`
}
