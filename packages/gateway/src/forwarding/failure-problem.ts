import { redactUrl, type CallRecord, type Failure } from "steadfetch"
import type { Problem } from "../problem.ts"
import { httpDate } from "./story.ts"

interface Case {
  readonly status: number
  readonly what: string
  readonly fix: string
}

const LATER = "Try again later."

/** What a failure means for the caller, who knows nothing of the upstream. */
function caseOf({ code, temporary }: Failure): Case {
  switch (code) {
    case "timeout":
      return {
        status: 504,
        what: "took too long",
        fix: `${LATER} If it needs longer, raise deadlineMs or timeout in the gateway's configuration.`,
      }
    case "rejected":
      return { status: 503, what: "is not called at the moment", fix: LATER }
    case "refused":
    case "dns":
      return {
        status: 502,
        what: "cannot be reached",
        fix: `${LATER} If it never can be, correct its url in the gateway's configuration.`,
      }
    case "tls":
      return {
        status: 502,
        what: "has no connection that can be trusted",
        fix: "Correct its url, or its certificate; an authority of one's own is named in NODE_EXTRA_CA_CERTS.",
      }
    default:
      return { status: 502, what: "gave no reply that can be used", fix: temporary ? LATER : "Correct the request." }
  }
}

/** The reply when there is none of the upstream's: what happened, at which attempt, and what to do. */
export function failureProblem(failure: Failure, record: CallRecord, upstream: string, nowMs: number): Problem {
  const { status, what, fix } = caseOf(failure)
  const { attempts, ending, retryAt } = record
  const tries = attempts.length === 1 ? "1 attempt" : `${attempts.length} attempts`
  const isUnsafe = ending === "unsafe" || ending === "body"
  const caution = isUnsafe && failure.processed ? " It may have been processed: look before you send it again." : ""
  const shown = record.redact(failure.message).replace(/https?:\/\/\S+/g, redactUrl)
  return {
    status,
    code: `upstream-${failure.code}`,
    detail: `The upstream "${upstream}" ${what}: ${shown} (${tries}). ${fix}${caution}`,
    more: {
      upstream,
      ending,
      retryAt: retryAt === undefined ? undefined : new Date(retryAt).toISOString(),
      attempts: attempts.map(({ startedAt, durationMs, status, failure, waitMs, why }) => ({
        startedAt: new Date(startedAt).toISOString(),
        durationMs: rounded(durationMs),
        status,
        failure,
        waitMs: rounded(waitMs),
        why,
      })),
    },
    fields: retryAt === undefined || retryAt <= nowMs ? [] : ["Retry-After", httpDate(retryAt)],
  }
}

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms)
}
