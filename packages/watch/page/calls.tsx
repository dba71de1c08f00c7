import { signal } from "@preact/signals"
import type { CallStory } from "../src/story.ts"
import { shownCalls } from "./filters.ts"
import { picture } from "./live.ts"
import { duration, end, endClass, pathOf, timeOfDay } from "./format.ts"
import { Story } from "./story-view.tsx"

/** Attempts shown as marks in a row; more are counted. */
const MOST_MARKS = 8

const opened = signal<number | undefined>(undefined)
/** The row that Tab leads to. */
const current = signal<number | undefined>(undefined)

export function Calls() {
  const calls = shownCalls.value
  if (calls.length === 0)
    return <p class="nothing">{picture.calls.length === 0 ? "No calls yet." : "No call passes the filters."}</p>
  const tabStop = calls.some(({ id }) => id === current.value) ? current.value : calls[0]?.id
  return (
    <ul class="calls" onKeyDown={steer}>
      {calls.map((call) => (
        <li key={call.id}>
          <Row call={call} isTabStop={call.id === tabStop} />
          {opened.value === call.id && <Story call={call} />}
        </li>
      ))}
    </ul>
  )
}

function Row({ call, isTabStop }: { readonly call: CallStory; readonly isTabStop: boolean }) {
  const { id, method, origin, startedAt, durationMs } = call
  const isOpen = opened.value === id
  return (
    <button
      type="button"
      class="row"
      aria-expanded={isOpen}
      aria-controls={isOpen ? `story-${id}` : undefined}
      tabIndex={isTabStop ? 0 : -1}
      onFocus={() => (current.value = id)}
      onClick={() => (opened.value = isOpen ? undefined : id)}
    >
      <time>{timeOfDay(startedAt)}</time>
      <span class={`status ${endClass(call)}`}>{statusText(call)}</span>
      <span class="method">{method}</span>
      <span class="url">
        {pathOf(call)} <small>{origin.replace(/^https?:\/\//, "")}</small>
      </span>
      <Marks call={call} />
      <span class="took">{durationMs === undefined ? "…" : duration(durationMs)}</span>
    </button>
  )
}

function statusText(call: CallStory): string {
  if (end(call) === undefined) return "…"
  return String(call.status ?? call.failure)
}

function Marks({ call: { attempts, attemptCount, servedBy } }: { readonly call: CallStory }) {
  const words = servedBy === undefined ? `${attemptCount} ${attemptCount === 1 ? "attempt" : "attempts"}` : servedBy
  return (
    <span class="marks">
      <span class="unseen">{words}</span>
      <span aria-hidden="true">
        {attempts.slice(-MOST_MARKS).map((attempt) => (
          <i key={attempt.number} class={endClass(attempt)} />
        ))}
        {attemptCount > MOST_MARKS && ` ×${attemptCount}`}
        {attemptCount === 0 && servedBy}
      </span>
    </span>
  )
}

/** Arrows, Home and End move along the list; right and left open and close; Escape closes. */
function steer(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>(".row")]
  const focused =
    event.target instanceof Element ? event.target.closest("li")?.querySelector<HTMLElement>(".row") : null
  const place = focused === null || focused === undefined ? -1 : rows.indexOf(focused)
  const isOpen = focused?.ariaExpanded === "true"
  const moves: Readonly<Record<string, () => void>> = {
    ArrowDown: () => rows[Math.min(place + 1, rows.length - 1)]?.focus(),
    ArrowUp: () => rows[Math.max(place - 1, 0)]?.focus(),
    Home: () => rows[0]?.focus(),
    End: () => rows.at(-1)?.focus(),
    ArrowRight: () => !isOpen && focused?.click(),
    ArrowLeft: () => isOpen && focused.click(),
    Escape: () => {
      focused?.focus()
      opened.value = undefined
    },
  }
  const move = Object.hasOwn(moves, event.key) ? moves[event.key] : undefined
  if (move === undefined || event.altKey || event.ctrlKey || event.metaKey) return
  event.preventDefault()
  move()
}
