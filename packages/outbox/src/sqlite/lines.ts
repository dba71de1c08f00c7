import type { Change } from "./change.ts"
import { ITS_TURN, NO_TURN, SENDING, TAKEN } from "./states.ts"

const CURRENT = "SELECT seq, turn FROM entries WHERE ordering_key = ? AND turn > 0"
const HEAD = "SELECT seq, state FROM entries WHERE ordering_key = ? AND in_line = 1 ORDER BY seq LIMIT 1"
export const SET_TURN = "UPDATE entries SET turn = ? WHERE seq = ?"

/** Whether entries of this ordering key keep the next one waiting. */
export function hasLine({ connection }: Change, orderingKey: string): boolean {
  return connection.get(HEAD, orderingKey) !== undefined
}

/** Gives the turn to the first entry of an ordering key, unless one is being sent or the first one holds up the others. */
export function passTurn(change: Change, orderingKey: string): void {
  const { connection } = change
  const current = connection.get<{ seq: number; turn: number }>(CURRENT, orderingKey)
  if (current?.turn === TAKEN) return
  const head = connection.get<{ seq: number; state: number }>(HEAD, orderingKey)
  const next = head !== undefined && head.state <= SENDING ? head.seq : undefined
  if (current?.seq === next) return
  if (current !== undefined) connection.run(SET_TURN, NO_TURN, current.seq)
  if (next === undefined) return
  connection.run(SET_TURN, ITS_TURN, next)
  change.work = true
}
