import { retryAfterMs } from "../../../algorithms/retry-after.ts"
import type { CallOutcome } from "../../../call-outcome.ts"
import type { CallError } from "../../../errors.ts"
import { failure } from "../../../outcome.ts"
import type { UploadRequests } from "./upload-requests.ts"

/** What a web page has to be allowed to see. */
export const EXPOSED = "is it a tus server, and does it let web pages see it (Access-Control-Expose-Headers)?"

/** Another offset, someone else's lock, a checksum that does not fit: HEAD tells where to go on. */
const PASSING: readonly number[] = [409, 423, 460]

/** Whether the upload can go on, perhaps from another place, after a request that did not succeed. */
export function isTemporary(outcome: CallOutcome): boolean {
  if (outcome.kind === "no-reply") return failure(outcome.error.code, "").temporary
  return outcome.verdict === "retry" || PASSING.includes(outcome.status)
}

/** The least milliseconds that the server, or a policy, wants to wait. */
export function floorMs(outcome: CallOutcome, dateMs: number): number {
  if (outcome.kind !== "no-reply") return retryAfterMs((name) => outcome.headers.get(name), dateMs) ?? 0
  return outcome.error.code === "rejected" ? Math.max(0, Number(outcome.retryAt ?? dateMs) - dateMs) : 0
}

/**
 * The error that a request ends the upload with.
 * @param story What became of the upload, where its requests were not the first of their kind.
 */
export function finalError(method: string, outcome: CallOutcome, requests: UploadRequests, story?: string): CallError {
  if (outcome.kind === "success")
    return requests.unexpected(method, outcome, story ?? "that is no reply of a tus server")
  const { error } = outcome
  if (outcome.kind !== "no-reply" && outcome.status === 412 && outcome.headers.get("tus-version") !== null)
    return retold(error, `the server speaks tus ${outcome.headers.get("tus-version")}, and this client 1.0.0`)
  return story === undefined ? error : retold(error, story)
}

/** The same error with another end of its message: the request by itself was not retried, but the upload was. */
function retold(error: CallError, story: string): CallError {
  const { message } = error
  const told = `${message.replace(/ \((?:not retried|gave up)[^()]*\)/, "")} (${story})`
  error.message = told
  if (error.stack !== undefined) error.stack = error.stack.replace(message, () => told)
  return error
}
