import type { Change } from "./change.ts"
import { passTurn } from "./lines.ts"
import { originOfLane } from "./rows.ts"
import { removeBody } from "./settling.ts"
import { SENDING } from "./states.ts"

interface Old {
  readonly seq: number
  readonly changed_at: number
}

interface Removed {
  readonly id: string
  readonly state: number
  readonly lane: number
  readonly ordering_key: string | null
  readonly body_bytes: number | null
}

const oldOf = (which: string): string =>
  `SELECT seq, changed_at FROM entries WHERE state = ? AND ${which} AND changed_at < ? ORDER BY changed_at, seq LIMIT ?`

/** The index covers what is settled. Others are looked through, which few will ask for. */
const OLD_SETTLED = oldOf("state >= 2")
const OLD_OTHERS = oldOf("state < 2")

const REMOVE = "DELETE FROM entries WHERE seq = ? RETURNING id, state, lane, ordering_key, body_bytes"

/** Removes the oldest entries in these states. */
export function removeEntries(change: Change, states: readonly number[], changedBefore: number, most: number): number {
  const old = states.flatMap((state) =>
    change.connection.all<Old>(state > SENDING ? OLD_SETTLED : OLD_OTHERS, state, changedBefore, most),
  )
  old.sort((one, other) => one.changed_at - other.changed_at || one.seq - other.seq)
  const chosen = old.slice(0, most)
  for (const { seq } of chosen) remove(change, seq)
  return chosen.length
}

function remove(change: Change, seq: number): void {
  removeBody(change, seq)
  const removed = change.connection.get<Removed>(REMOVE, seq)
  if (removed === undefined) return
  change.count(originOfLane(removed.lane), removed.state, -1, removed.body_bytes)
  change.changed.push(removed.id)
  if (removed.ordering_key !== null) passTurn(change, removed.ordering_key)
}
