import { headerValue } from "@steadfetch/node"
import { OutboxError, type Entry, type EntryState, type Outbox } from "@steadfetch/outbox"
import type { Receiver } from "./receiver.ts"

/** Names an entry's receiver. It is kept with the entry, and taken away before it is sent. */
export const RECEIVER_FIELD = "webhook-receiver"

/** Tells a receiver when somebody had an event sent again that it had refused. */
const RESENT_FIELD = "webhook-resent"

/** What is held waits for somebody's decision, and so for longer than anything else. */
const HELD_MS = 10 * 365 * 86_400_000

/** The most entries that the outbox lists at once. */
const PAGE = 1000

export function receiverOf(entry: Entry): string {
  return headerValue(entry.headers, RECEIVER_FIELD) ?? ""
}

/** When an event of a disabled receiver is due. */
export function heldUntil(now: number): Date {
  return new Date(now + HELD_MS)
}

/** The entries of one receiver in these states, newest first. */
export async function* entriesOf(
  outbox: Outbox,
  { id, url }: Pick<Receiver, "id" | "url">,
  states: readonly EntryState[],
): AsyncGenerator<Entry> {
  const { origin } = new URL(url)
  for (let after: string | undefined; ;) {
    const page = await outbox.list({ states, origin, after, limit: PAGE })
    for (const entry of page) if (receiverOf(entry) === id) yield entry
    if (page.length < PAGE) return
    after = page.at(-1)?.id
  }
}

/**
 * Brings a waiting entry in line with its receiver: held while that is disabled, else sent, with a whole lifetime before it. One
 * that is being sent at this moment is looked at when it comes back.
 */
export async function bringInLine(
  outbox: Outbox,
  { id, dueAt }: Entry,
  isDisabled: boolean,
  now: number,
): Promise<void> {
  const isHeld = dueAt.getTime() > now + HELD_MS / 2
  if (isHeld !== isDisabled)
    await unlessChanged(outbox.amend(id, { notBefore: isDisabled ? heldUntil(now) : new Date(now) }))
}

/**
 * Sends an event again that was refused, or expired: somebody says that the receiver takes it now. A refused request is not
 * sent again unchanged: a field of it says when somebody decided so. It keeps its webhook-id, by which the receiver knows it.
 */
export function resend(outbox: Outbox, { id, state, idempotencyKey }: Entry, now: number): Promise<void> {
  const headers = { [RESENT_FIELD]: new Date(now).toISOString() }
  return unlessChanged(state === "rejected" ? outbox.amend(id, { idempotencyKey, headers }) : outbox.retry(id))
}

export function discard(outbox: Outbox, { id }: Entry): Promise<void> {
  return unlessChanged(outbox.discard(id))
}

/** Who changed it, or sends it, at the same moment was first. */
async function unlessChanged(change: Promise<unknown>): Promise<void> {
  try {
    await change
  } catch (error) {
    if (!(OutboxError.is(error) && (error.code === "state" || error.code === "unknown"))) throw error
  }
}
