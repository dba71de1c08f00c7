import { statusName } from "steadfetch"
import type { ToldDetails, ToldEntry } from "../../src/outbox/messages.ts"
import { Deeds } from "./deeds.tsx"
import { lookAt } from "./outbox.ts"
import { Stored } from "./stored.tsx"
import { dateTime, until } from "./words.ts"

interface Given {
  readonly entry: ToldDetails
  /** The same entry as it is by now. */
  readonly latest: ToldEntry
  readonly now: number
}

/** All there is about an entry, and what can be done with it. */
export function Details({ entry, latest, now }: Given) {
  const { id, method, url, state, last } = entry
  return (
    <section id={`entry-${id}`} class="story" aria-label={`Entry ${method} ${url}`}>
      <p class="address">
        <b>{method}</b> {url}
      </p>
      <Changed entry={entry} latest={latest} />
      {last === undefined ? <p>Not sent yet.</p> : <Last last={last} />}
      <Facts entry={entry} now={now} />
      {state === "waiting" || state === "rejected" || state === "expired" ? (
        <Deeds entry={entry} />
      ) : (
        <Stored entry={entry} />
      )}
    </section>
  )
}

/** What is read may be old by now; what somebody has written meanwhile is theirs to give up. */
function Changed({ entry: { id, version }, latest }: Pick<Given, "entry" | "latest">) {
  if (latest.version <= version) return null
  return (
    <p class="said">
      It has changed meanwhile, and is {latest.state === "sending" ? "being sent" : latest.state}.{" "}
      <button type="button" onClick={() => void lookAt(id)}>
        Read it anew
      </button>
    </p>
  )
}

function Last({ last }: { readonly last: NonNullable<ToldDetails["last"]> }) {
  const { status, message, code, requestId, why, at, kind } = last
  const result = status === undefined ? "No reply" : `${status} ${statusName(status)}`
  return (
    <>
      <p>
        <b>{kind === "error" ? "It could not be sent" : result}</b>
        <span class="muted"> on {dateTime(at)}.</span> {why.charAt(0).toUpperCase() + why.slice(1)}.
      </p>
      {message !== undefined && (
        <p>
          <span class="muted">{status === undefined ? "What happened:" : "The server says:"}</span> <q>{message}</q>
        </p>
      )}
      {(code !== undefined || requestId !== undefined) && (
        <p class="muted">
          {code !== undefined && `Code ${code}. `}
          {requestId !== undefined && `Request id ${requestId}.`}
        </p>
      )}
    </>
  )
}

function Facts({ entry, now }: Pick<Given, "entry" | "now">) {
  const { id, state, key, orderingKey, idempotencyKey, addedAt, dueAt, expiresAt, tries, headers } = entry
  const isOpen = state === "waiting" || state === "sending"
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Id", id],
    ["Key", key],
    ["Ordering key", orderingKey],
    ["Idempotency-Key", idempotencyKey],
    ["Added", dateTime(addedAt)],
    ["Tries", String(tries)],
    ["Next try", state === "waiting" ? until(dueAt, now) : undefined],
    ["Expires", isOpen ? `${until(expiresAt, now)}, ${dateTime(expiresAt)}` : undefined],
    ...headers,
  ]
  return (
    <dl class="facts">
      {facts.map(
        ([name, value], index) =>
          value !== undefined && (
            <div key={index}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
