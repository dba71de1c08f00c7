import { timeOfDay } from "./format.ts"
import {
  choose,
  connect,
  connection,
  hasOutbox,
  pause,
  programs,
  shownProgram,
  wanted,
  type Connection,
} from "./live.ts"
import { isOutboxShown } from "./outbox/outbox.ts"

const WORDS: Readonly<Record<Connection, string>> = {
  connecting: "Connecting…",
  live: "Live",
  lost: "Connection lost, trying again…",
  paused: "Paused",
}

export function Header() {
  const isPaused = connection.value === "paused"
  return (
    <header>
      <h1>
        steadfetch <span>watch</span>
      </h1>
      {hasOutbox.value && (
        <nav aria-label="What is shown">
          <a href="#calls" aria-current={isOutboxShown.value ? undefined : "page"}>
            Calls
          </a>
          <a href="#outbox" aria-current={isOutboxShown.value ? "page" : undefined}>
            Outbox
          </a>
        </nav>
      )}
      <Program />
      <p role="status" class={`connection ${connection.value}`}>
        {words()}
      </p>
      <button type="button" aria-pressed={isPaused} onClick={isPaused ? connect : pause}>
        {isPaused ? "Resume" : "Pause"}
      </button>
    </header>
  )
}

function words(): string {
  const shown = programs.value.find(({ id }) => id === shownProgram.value)
  if (connection.value !== "live") return WORDS[connection.value]
  if (hasOutbox.value && isOutboxShown.value) return "Live"
  if (shown === undefined) return "Live: waiting for a program"
  return shown.isRunning ? `Live since ${timeOfDay(shown.since)}` : "The program has ended"
}

function Program() {
  const list = programs.value
  const newest = list.findLast(({ isRunning }) => isRunning) ?? list.at(-1)
  if (newest === undefined) return null
  if (list.length === 1 && wanted.value === undefined) return <p class="program">{newest.name}</p>
  return (
    <label class="program">
      <span class="unseen">Program</span>
      <select
        value={list.some(({ id }) => id === wanted.value) ? wanted.value : ""}
        onChange={({ currentTarget }) => choose(currentTarget.value || undefined)}
      >
        <option value="">Newest: {newest.name}</option>
        {list.toReversed().map(({ id, name, isRunning }) => (
          <option key={id} value={id}>
            {name}
            {isRunning ? "" : ", ended"}
          </option>
        ))}
      </select>
    </label>
  )
}
