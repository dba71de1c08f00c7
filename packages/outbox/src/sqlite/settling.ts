import { OutboxError } from "../errors.ts"
import type { Alteration, Conclusion, Lease } from "../store.ts"
import { INSERT_BODY } from "./adding.ts"
import type { KeptBody } from "./body-files.ts"
import type { Change } from "./change.ts"
import { passTurn } from "./lines.ts"
import { laneOf, originOfLane, priorityOfLane } from "./rows.ts"
import { ITS_TURN, NO_TURN, numberOf, SENDING, WAITING } from "./states.ts"

interface Current {
  readonly seq: number
  readonly state: number
  readonly version: number
  readonly lane: number
  readonly key: string | null
  readonly ordering_key: string | null
  readonly skips: number
  readonly due_at: number
  readonly expires_at: number
  readonly lease_until: number | null
  readonly tries: number
  readonly body_bytes: number | null
}

const CURRENT = `SELECT seq, state, version, lane, key, ordering_key, skips, due_at, expires_at, lease_until, tries, body_bytes
  FROM entries WHERE id = ?`

const CONCLUDE = `UPDATE entries SET state = ?, version = version + 1, turn = ?, in_line = ?, changed_at = ?, due_at = ?,
  tries = ?, result = ?, lease_until = NULL WHERE seq = ?`

const ALTER = `UPDATE entries SET state = ?, version = version + 1, turn = ?, in_line = ?, changed_at = ?, due_at = ?,
  tries = ?, expires_at = ?, origin = ?, lane = ?, body_bytes = ?, content = ifnull(?, content), lease_until = NULL
  WHERE seq = ?`

const RENEW = "UPDATE entries SET lease_until = ?, turn = 2 WHERE id = ? AND state = 1 AND turn > 0 AND version = ?"

/** A lease's token is the version that the claim made: every change after it makes another one. */
const holds = (current: Current | undefined, { token }: Lease): current is Current =>
  current !== undefined && current.state === SENDING && String(current.version) === token

/** Writes how a sending ended. */
export function concludeEntry(change: Change, lease: Lease, conclusion: Conclusion): boolean {
  const { connection } = change
  const current = connection.get<Current>(CURRENT, lease.id)
  if (!holds(current, lease)) return false
  const state = numberOf(conclusion.state)
  const { at, dueAt, tries, result } = conclusion
  const place = placeOf(current, state)
  connection.run(CONCLUDE, state, place.turn, place.inLine, at, dueAt, tries, result ?? null, current.seq)
  const origin = originOfLane(current.lane)
  change.count(origin, SENDING, -1, current.body_bytes)
  change.count(origin, state, 1, current.body_bytes)
  tell(change, lease.id, current, place.turn)
  return true
}

/** What happens to those behind in its ordering key depends on how an entry ended. */
function placeOf({ ordering_key: key, skips }: Current, state: number): { turn: number; inLine: number } {
  if (key === null) return { turn: state === WAITING ? ITS_TURN : NO_TURN, inLine: 0 }
  const holdsUp = state === numberOf("rejected") || state === numberOf("expired") ? skips === 0 : false
  return { turn: NO_TURN, inLine: state === WAITING || holdsUp ? 1 : 0 }
}

function tell(change: Change, id: string, { ordering_key: key }: Current, turn: number): void {
  change.changed.push(id)
  if (turn === ITS_TURN) change.work = true
  if (key !== null) passTurn(change, key)
}

/** Prolongs a lease. False when it is lost. */
export function renewLease({ connection }: Change, { id, token }: Lease, until: number): boolean {
  return connection.run(RENEW, until, id, Number(token)) > 0
}

/** What becomes of a body: another one, none, or nothing. */
export type BodyChange = KeptBody | null | undefined

/** Changes an entry that nobody is sending. */
export function alterEntry(change: Change, id: string, version: number, asked: Alteration, body: BodyChange): boolean {
  const { connection, origins } = change
  const current = connection.get<Current>(CURRENT, id)
  if (current === undefined || current.version !== version || isSent(current, asked.at)) return false
  refuseTakenKey(change, current)
  const state = numberOf(asked.state)
  const origin = asked.origin === undefined ? originOfLane(current.lane) : origins.numberOf(asked.origin)
  const place = placeOf(current, state)
  const bodyBytes = body === undefined ? current.body_bytes : (body?.length ?? null)
  connection.run(
    ALTER,
    state,
    place.turn,
    place.inLine,
    asked.at,
    asked.dueAt ?? current.due_at,
    asked.tries ?? current.tries,
    asked.expiresAt ?? current.expires_at,
    origin,
    laneOf(origin, asked.priority ?? priorityOfLane(current.lane)),
    bodyBytes,
    asked.content ?? null,
    current.seq,
  )
  if (body !== undefined) replaceBody(change, current.seq, body)
  change.count(originOfLane(current.lane), current.state, -1, current.body_bytes)
  change.count(origin, state, 1, bodyBytes)
  tell(change, id, current, place.turn)
  return true
}

const isSent = ({ state, lease_until: until }: Current, at: number): boolean =>
  state === SENDING && until !== null && until > at

/** The key of a discarded entry is free, so another one may have it by now. */
function refuseTakenKey({ connection }: Change, { state, key }: Current): void {
  if (state !== numberOf("discarded") || key === null) return
  if (connection.get("SELECT 1 FROM entries WHERE key = ? AND state <> 5", key) === undefined) return
  throw new OutboxError(
    "conflict",
    `another entry has the key ${JSON.stringify(key)} of this discarded one; add it anew with another key`,
  )
}

/** Takes the body of an entry away, and gives it another one unless that is null. */
function replaceBody(change: Change, seq: number, body: KeptBody | null): void {
  removeBody(change, seq)
  if (body !== null && body.length > 0) change.connection.run(INSERT_BODY, seq, body.bytes, body.file)
}

export function removeBody({ connection, useless }: Change, seq: number): void {
  const row = connection.get<{ file: string | null }>("DELETE FROM bodies WHERE entry = ? RETURNING file", seq)
  if (row?.file != null) useless.push(row.file)
}
