import { signal } from "@preact/signals"
import type { ToldEntry } from "../../src/outbox/messages.ts"
import { timeOfDay } from "../format.ts"
import { steer } from "../steering.ts"
import { Details } from "./details.tsx"
import { close, details, group, latest, open, openedId } from "./outbox.ts"
import { ago, until } from "./words.ts"

/** The row that Tab leads to. */
const current = signal<string | undefined>(undefined)

const NONE: Readonly<Record<string, string>> = {
  "needs you": "Nothing needs you: no entry was rejected, and none has expired.",
  waiting: "Nothing waits.",
  sending: "Nothing is being sent.",
  delivered: "Nothing that was delivered is kept.",
  discarded: "Nothing that was discarded is kept.",
}

interface Shown {
  readonly entries: readonly ToldEntry[]
  readonly now: number
}

export function Entries({ entries, now }: Shown) {
  const shown = withOpened(entries)
  if (shown.length === 0) return <p class="nothing">{NONE[group.value]}</p>
  const tabStop = shown.some(({ id }) => id === current.value) ? current.value : shown[0]?.id
  return (
    <ul class="calls" onKeyDown={(event) => steer(event, close)}>
      {shown.map((entry) => (
        <li key={entry.id}>
          <Row entry={entry} isTabStop={entry.id === tabStop} now={now} />
          {openedId.value === entry.id && <Opened entry={entry} now={now} />}
        </li>
      ))}
    </ul>
  )
}

/** One that is read stays, also when it has left the list: somebody may be writing. */
function withOpened(entries: readonly ToldEntry[]): readonly ToldEntry[] {
  const read = details.value
  return read === undefined || entries.some(({ id }) => id === read.id) ? entries : [read, ...entries]
}

function Opened({ entry, now }: { readonly entry: ToldEntry; readonly now: number }) {
  const read = details.value
  if (read?.id !== entry.id) return <p class="story muted">Reading…</p>
  const known = latest.value?.id === read.id ? latest.value : read
  return <Details key={`${read.id} ${read.version}`} entry={read} latest={known} now={now} />
}

interface RowProps {
  readonly entry: ToldEntry
  readonly isTabStop: boolean
  readonly now: number
}

function Row({ entry, isTabStop, now }: RowProps) {
  const { id, state, method, url, origin, addedAt, status } = entry
  const isOpen = openedId.value === id
  return (
    <button
      type="button"
      class="row entry"
      aria-expanded={isOpen}
      aria-controls={isOpen ? `entry-${id}` : undefined}
      tabIndex={isTabStop ? 0 : -1}
      onFocus={() => (current.value = id)}
      onClick={() => (isOpen ? close() : open(id))}
    >
      <time title={ago(addedAt, now)}>{timeOfDay(addedAt)}</time>
      <span class={`status ${tone(entry)}`}>{state}</span>
      <span class="method">{method}</span>
      <span class="url">
        {url.startsWith(origin) ? url.slice(origin.length) || "/" : url}{" "}
        <small>{origin.replace(/^https?:\/\//, "")}</small>
      </span>
      <span class={`code ${tone(entry)}`}>{status ?? ""}</span>
      <span class="took">{progress(entry, now)}</span>
      {entry.message !== undefined && state !== "delivered" && !isOpen && <span class="words">{entry.message}</span>}
    </button>
  )
}

function tone({ state, status }: ToldEntry): string {
  if (state === "delivered") return "e2xx"
  if (state === "rejected") return "e4xx"
  if (state === "expired" || (status ?? 0) >= 500) return "e5xx"
  return "open"
}

function progress({ state, tries, dueAt, waitingFor }: ToldEntry, now: number): string {
  const times = tries === 1 ? "1 try" : `${tries} tries`
  if (state !== "waiting") return times
  if (dueAt > now) return `${times}, next ${until(dueAt, now)}`
  return waitingFor === "origin" ? `${times}, origin held` : `${times}, its turn`
}
