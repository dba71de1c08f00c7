import type { StoredEntry } from "../store.ts"
import type { Origins } from "./origins.ts"
import { stateOf } from "./states.ts"

/** A row of `entries`, as {@link ENTRY} selects it. */
export interface EntryRow {
  readonly seq: number
  readonly id: string
  readonly state: number
  readonly version: number
  readonly lane: number
  readonly key: string | null
  readonly ordering_key: string | null
  readonly skips: number
  readonly added_at: number
  readonly changed_at: number
  readonly due_at: number
  readonly expires_at: number
  readonly tries: number
  readonly body_bytes: number | null
  readonly content: Uint8Array
  readonly result: Uint8Array | null
}

export const ENTRY =
  "seq, id, state, version, lane, key, ordering_key, skips, added_at, changed_at, due_at, expires_at, tries, body_bytes, content, result"

const LANES_PER_ORIGIN = 256
const HIGHEST_PRIORITY = 100

export const laneOf = (origin: number, priority: number): number =>
  origin * LANES_PER_ORIGIN + HIGHEST_PRIORITY - priority

export const originOfLane = (lane: number): number => Math.floor(lane / LANES_PER_ORIGIN)

/** The smaller, the more important. */
export const rankOfLane = (lane: number): number => lane % LANES_PER_ORIGIN

export const priorityOfLane = (lane: number): number => HIGHEST_PRIORITY - rankOfLane(lane)

export function entryOf(row: EntryRow, origins: Origins): StoredEntry {
  return {
    id: row.id,
    state: stateOf(row.state),
    version: row.version,
    origin: origins.nameOf(originOfLane(row.lane)),
    key: row.key ?? undefined,
    orderingKey: row.ordering_key ?? undefined,
    afterRejection: row.skips === 1 ? "skip" : "hold",
    priority: priorityOfLane(row.lane),
    addedAt: row.added_at,
    changedAt: row.changed_at,
    dueAt: row.due_at,
    expiresAt: row.expires_at,
    tries: row.tries,
    content: row.content,
    bodyBytes: row.body_bytes ?? undefined,
    result: row.result ?? undefined,
  }
}
