import {
  judge,
  type AttemptRecord,
  type CallRecord,
  type Clock,
  type Contract,
  type Outcome,
  type Verdict,
} from "steadfetch"

/** The header fields that tell how a reply came about; an upstream's own of these names do not pass. */
export const STORY_FIELDS: ReadonlySet<string> = new Set([
  "steadfetch-attempts",
  "steadfetch-ending",
  "steadfetch-retry-at",
  "steadfetch-served-by",
  "steadfetch-story",
  "steadfetch-upstream",
  "steadfetch-verdict",
])

/** No head of a reply grows without end. */
const MOST_TOLD = 20

/** What the contract says of an outcome. */
export function verdictOn(outcome: Outcome, contract: Contract, clock: Clock): Verdict {
  if (outcome.kind === "reply") return judge(contract, outcome, clock).verdict
  return outcome.temporary ? "retry" : "correct"
}

/** The story of a call, as header fields. */
export function storyFields(record: CallRecord, verdict: Verdict, upstream: string): string[] {
  const { attempts, ending, retryAt, servedBy } = record
  const fields = [
    "Steadfetch-Upstream",
    upstream,
    "Steadfetch-Attempts",
    String(attempts.length),
    "Steadfetch-Verdict",
    verdict,
  ]
  if (ending !== undefined && ending !== "answered") fields.push("Steadfetch-Ending", ending)
  if (retryAt !== undefined) fields.push("Steadfetch-Retry-At", httpDate(retryAt))
  if (servedBy !== undefined) fields.push("Steadfetch-Served-By", servedBy)
  if (attempts.length > 1) fields.push("Steadfetch-Story", attempts.slice(-MOST_TOLD).map(told).join(", "))
  return fields
}

/** An attempt as a member of a structured list (RFC 9651): `503;ms=12;wait-ms=480`. */
function told({ status, failure, durationMs, waitMs }: AttemptRecord): string {
  const took = durationMs === undefined ? "" : `;ms=${Math.round(durationMs)}`
  const waited = waitMs === undefined ? "" : `;wait-ms=${Math.round(waitMs)}`
  return `${status ?? failure ?? "unfinished"}${took}${waited}`
}

/** Never earlier than the instant meant, though a date has whole seconds. */
export function httpDate(instantMs: number): string {
  return new Date(Math.ceil(instantMs / 1000) * 1000).toUTCString()
}
