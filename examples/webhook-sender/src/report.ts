import type { Entry } from "@steadfetch/outbox"
import type { Answer } from "./receiver.ts"
import type { ReceiverState } from "./webhooks.ts"

/** What stands where it stands, one line for each receiver. */
export function table(states: readonly ReceiverState[]): string {
  if (states.length === 0) return "There are no receivers; add one."
  const rows = states.map((state) => [
    state.id,
    standing(state),
    `${state.waiting} ${state.disabledBecause === undefined ? "waiting" : "held"}, ${state.parked} parked`,
    answer(state.last),
  ])
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")).join("\n")
}

function standing({ disabledBecause, failingSince }: ReceiverState): string {
  if (disabledBecause !== undefined) return `disabled: ${disabledBecause}`
  return failingSince === undefined ? "enabled" : `failing since ${time(failingSince)}`
}

function answer(last: Answer | undefined): string {
  if (last === undefined) return "never called"
  const { at, status, words } = last
  return [time(at), status ?? "no reply", words === undefined ? "" : JSON.stringify(shown(words))].join(" ").trimEnd()
}

/** An event that is not accepted yet, in one line. */
export function line({ id, state, idempotencyKey, tries, dueAt, last }: Entry): string {
  const due = state === "waiting" ? ` due ${time(dueAt.getTime())}` : ""
  const why = last === undefined ? "" : `: ${last.status ?? last.kind} ${shown(last.message ?? "")}`
  return `${id} ${idempotencyKey} ${state}${due} after ${tries} tries${why}`
}

const time = (at: number): string => new Date(at).toISOString()

/** Receivers choose their words: none of them moves the cursor. */
const shown = (words: string): string => words.replace(/\p{C}/gu, " ").slice(0, 200)
