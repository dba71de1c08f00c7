import { useSignal } from "@preact/signals"
import { statusName } from "steadfetch"
import type { ToldDetails, ToldEntry } from "../../src/outbox/messages.ts"
import { Discard } from "./discard.tsx"
import { act, lookAt } from "./outbox.ts"
import { bytes, dateTime, until } from "./words.ts"

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

/** For these the request may be right as it is: the credentials were not. */
const CREDENTIALS_REFUSED: readonly (number | undefined)[] = [401, 403, 407]

function Deeds({ entry }: { readonly entry: ToldDetails }) {
  const { state, text, status } = entry
  const draft = useSignal(text ?? "")
  const isBusy = useSignal(false)
  const isChanged = text !== undefined && draft.value !== text
  const mistake = isChanged ? mistakeIn(entry, draft.value) : undefined
  const canRetry = state !== "rejected" || CREDENTIALS_REFUSED.includes(status)
  const run = async (work: () => Promise<boolean>): Promise<void> => {
    isBusy.value = true
    await work()
    isBusy.value = false
  }
  const send = (): Promise<void> =>
    run(() => act(entry, { action: "amend", body: draft.value, type: contentType(entry) }))
  return (
    <form class="deeds" onSubmit={(event) => event.preventDefault()}>
      {text === undefined ? (
        <Stored entry={entry} />
      ) : (
        <label>
          Body
          <textarea
            spellcheck={false}
            rows={Math.min(16, Math.max(4, text.split("\n").length + 1))}
            value={draft.value}
            aria-invalid={mistake !== undefined}
            onInput={({ currentTarget }) => (draft.value = currentTarget.value)}
          />
        </label>
      )}
      {mistake !== undefined && <p class="bad">{mistake}</p>}
      <p class="buttons">
        {text !== undefined && (
          <button
            type="button"
            class="main"
            disabled={!isChanged || mistake !== undefined || isBusy.value}
            onClick={() => void send()}
          >
            Send the changed one
          </button>
        )}
        {canRetry && (
          <button
            type="button"
            disabled={isChanged || isBusy.value}
            onClick={() => void run(() => act(entry, { action: "retry" }))}
          >
            {state === "waiting" ? "Send it now" : "Send it again as it is"}
          </button>
        )}
        {isChanged && (
          <button type="button" onClick={() => (draft.value = text)}>
            Undo the changes
          </button>
        )}
        <Discard entry={entry} />
      </p>
      {!canRetry && <p class="muted">It was refused as it is, so it is not sent again unchanged.</p>}
    </form>
  )
}

/** A body that is only read. */
function Stored({ entry: { text, noText, bodyBytes } }: { readonly entry: ToldDetails }) {
  if (bodyBytes === undefined) return <p class="muted">It has no body.</p>
  return (
    <>
      <p class="muted">
        Its body, {bytes(bodyBytes)}. {noText}
      </p>
      {text !== undefined && <pre tabIndex={0}>{text}</pre>}
    </>
  )
}

function contentType({ headers }: ToldDetails): string | undefined {
  return headers.find(([name]) => name === "content-type")?.[1]
}

/** What a server could not read. */
function mistakeIn(entry: ToldDetails, text: string): string | undefined {
  if (!/^[^;]*[/+]json\b/i.test(contentType(entry) ?? "")) return undefined
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return `This is no JSON: ${error instanceof Error ? error.message : String(error)}`
  }
}
