import { effect, signal } from "@preact/signals"
import type { CallStory } from "../src/story.ts"
import { passes, shownCalls } from "./filters.ts"
import { picture, programs, shownRun, version } from "./live.ts"
import { duration, end, endClass, pathOf, timeOfDay } from "./format.ts"
import { steer } from "./steering.ts"
import { Story } from "./story-view.tsx"

/** Attempts shown as marks in a row; more are counted. */
const MOST_MARKS = 8

/** The call whose story is read: it stays, also when it is no longer among those that are kept. */
const opened = signal<CallStory | undefined>(undefined)
/** The row that Tab leads to. */
const current = signal<number | undefined>(undefined)

effect(() => {
  void shownRun.value
  opened.value = undefined
  current.value = undefined
})

effect(() => {
  void version.value
  const { id } = opened.peek() ?? {}
  const story = id === undefined ? undefined : picture.call(id)
  if (story !== undefined) opened.value = story
})

export function Calls() {
  const calls = withOpened(shownCalls.value)
  if (calls.length === 0) return <Nothing />
  const tabStop = calls.some(({ id }) => id === current.value) ? current.value : calls[0]?.id
  return (
    <ul class="calls" onKeyDown={(event) => steer(event, () => (opened.value = undefined))}>
      {calls.map((call) => (
        <li key={call.id}>
          <Row call={call} isTabStop={call.id === tabStop} />
          {opened.value?.id === call.id && <Story call={call} />}
        </li>
      ))}
    </ul>
  )
}

function withOpened(calls: readonly CallStory[]): readonly CallStory[] {
  const story = opened.value
  const isMissing = story !== undefined && picture.call(story.id) === undefined && passes()(story)
  return isMissing ? [...calls, story] : calls
}

function Nothing() {
  void version.value
  if (picture.calls.length > 0) return <p class="nothing">No call passes the filters.</p>
  if (programs.value.length > 0) return <p class="nothing">No calls yet.</p>
  return (
    <p class="nothing">
      No program yet. One takes part with one line: <code>watch(api)</code>
    </p>
  )
}

function Row({ call, isTabStop }: { readonly call: CallStory; readonly isTabStop: boolean }) {
  const { id, method, origin, startedAt, durationMs } = call
  const isOpen = opened.value?.id === id
  return (
    <button
      type="button"
      class="row"
      aria-expanded={isOpen}
      aria-controls={isOpen ? `story-${id}` : undefined}
      tabIndex={isTabStop ? 0 : -1}
      onFocus={() => (current.value = id)}
      onClick={() => (opened.value = isOpen ? undefined : call)}
    >
      <time>{timeOfDay(startedAt)}</time>
      <span class={`status ${endClass(call)}`}>{statusText(call) ?? <UnderWay />}</span>
      <span class="method">{method}</span>
      <span class="url">
        {pathOf(call)} <small>{origin.replace(/^https?:\/\//, "")}</small>
      </span>
      <Marks call={call} />
      <span class="took">{durationMs === undefined ? <span aria-hidden="true">…</span> : duration(durationMs)}</span>
    </button>
  )
}

function statusText(call: CallStory): string | undefined {
  return end(call) === undefined ? undefined : String(call.status ?? call.failure)
}

function UnderWay() {
  return (
    <>
      <span class="unseen">under way</span>
      <span aria-hidden="true">…</span>
    </>
  )
}

function Marks({ call: { attempts, attemptCount, servedBy, durationMs } }: { readonly call: CallStory }) {
  const words = servedBy ?? `${attemptCount} ${attemptCount === 1 ? "attempt" : "attempts"}`
  const without = servedBy ?? (durationMs === undefined ? "" : "not sent")
  return (
    <span class="marks">
      <span class="unseen">{words}</span>
      <span aria-hidden="true">
        {attempts.slice(-MOST_MARKS).map((attempt) => (
          <i key={attempt.number} class={endClass(attempt)} />
        ))}
        {attemptCount > MOST_MARKS && ` ×${attemptCount}`}
        {attemptCount === 0 && without}
      </span>
    </span>
  )
}
