import { statusName } from "steadfetch"
import type { AttemptStory, CallStory } from "../src/story.ts"
import { duration, endClass, timeOfDay } from "./format.ts"
import { now, nowSeconds } from "./live.ts"

const VERDICTS: Readonly<Record<string, string>> = {
  accept: "Accepted.",
  correct: "To be corrected before it is sent again.",
  retry: "May succeed later.",
}

/** Why there was no further attempt, where that says more than the verdict. */
const ENDINGS: Readonly<Record<string, string>> = {
  "server-says-no": "The server said not to try again.",
  off: "Retries are switched off.",
  attempts: "All attempts were used.",
  budget: "The retry budget of the origin was spent.",
  deadline: "The deadline left no time for another attempt.",
  wait: "The next wait would have been too long.",
  body: "The request's body could not be sent again.",
  unsafe: "It may have been processed, and has no Idempotency-Key: it was not repeated.",
  rejected: "A policy did not let the next attempt out.",
  permanent: "Time does not heal this.",
  aborted: "The program aborted it.",
}

/** A call's attempts as a waterfall, with what the server said and why it was waited. */
export function Story({ call }: { readonly call: CallStory }) {
  const { id, method, url, attempts, attemptCount, remarks } = call
  const endsAt = call.startedAt + (call.durationMs ?? Math.max(1, passed(call)))
  return (
    <section id={`story-${id}`} class="story" aria-label={`Story of ${method} ${url}`}>
      <p class="address">
        <b>{method}</b> {url}
      </p>
      <p>{ended(call)}</p>
      {attemptCount > attempts.length && (
        <p class="muted">The first {attemptCount - attempts.length} attempts are no longer kept.</p>
      )}
      <ol class="waterfall">
        {attempts.map((attempt) => (
          <Attempt key={attempt.number} attempt={attempt} call={call} endsAt={endsAt} />
        ))}
      </ol>
      {remarks.length > 0 && (
        <ul class="remarks">
          {remarks.map(({ at, text }, index) => (
            <li key={index}>
              <time>+{duration(at - call.startedAt)}</time> {text}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function passed({ startedAt }: CallStory): number {
  // Read so that what is under way grows.
  return nowSeconds.value > 0 ? now() - startedAt : 0
}

function ended({ durationMs, verdict, ending, retryAt, message, status }: CallStory): string {
  if (durationMs === undefined) return "Under way."
  const words = [
    `${status === undefined ? "No reply" : `${status} ${statusName(status)}`} after ${duration(durationMs)}.`,
    verdict === undefined ? "" : VERDICTS[verdict],
    ending === undefined ? "" : ENDINGS[ending],
    retryAt === undefined ? "" : `Another try makes sense from ${timeOfDay(retryAt)}.`,
    status === undefined ? message : "",
  ]
  return words.filter(Boolean).join(" ")
}

interface Line {
  readonly attempt: AttemptStory
  readonly call: CallStory
  readonly endsAt: number
}

function Attempt({ attempt, call, endsAt }: Line) {
  const { number, startedAt, durationMs, status, failure, message, said, waitMs, why, method, url } = attempt
  const place = placing(call.startedAt, endsAt)
  const attemptEnd = startedAt + (durationMs ?? endsAt - startedAt)
  const result = status === undefined ? (failure ?? "under way") : `${status} ${statusName(status)}`
  return (
    <li>
      <div class="attempt">
        <span class="number">{number}</span>
        <span class={`result ${endClass(attempt)}`}>{result}</span>
        <span class="track" aria-hidden="true">
          <i class={endClass(attempt)} style={place(startedAt, attemptEnd)} />
          {waitMs !== undefined && <i class="wait" style={place(attemptEnd, Math.min(attemptEnd + waitMs, endsAt))} />}
        </span>
        <span class="took">{duration(durationMs)}</span>
      </div>
      {(method !== call.method || url !== call.url) && <p class="address muted">{`${method} ${url}`}</p>}
      {message !== undefined && <p>{message}</p>}
      {said !== undefined && (
        <p>
          <span class="muted">The server says:</span> <q>{said}</q>
        </p>
      )}
      {waitMs !== undefined && (
        <p>
          <span class="muted">Waits {duration(waitMs)}:</span> {why}
        </p>
      )}
    </li>
  )
}

function placing(from: number, to: number) {
  const share = (at: number): number => Math.min(100, Math.max(0, (100 * (at - from)) / Math.max(1, to - from)))
  return (start: number, end: number) => ({ left: `${share(start)}%`, width: `${share(end) - share(start)}%` })
}
