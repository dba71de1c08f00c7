import type { EntryState } from "../entry.ts"

/** How a state is written in the file: its place in this list. The schema's indexes rely on it. */
export const STATES: readonly EntryState[] = ["waiting", "sending", "delivered", "rejected", "expired", "discarded"]

export const WAITING = 0
export const SENDING = 1

export const numberOf = (state: EntryState): number => STATES.indexOf(state)

export function stateOf(number: number): EntryState {
  const state = STATES[number]
  if (state === undefined) throw new Error(`an entry is in state ${number}, which there is not`)
  return state
}

/** Whether an entry may be taken: the column `turn`. */
export const NO_TURN = 0
export const ITS_TURN = 1
export const TAKEN = 2

/** The largest number that is a row's. */
export const BEYOND_ALL = Number.MAX_SAFE_INTEGER
