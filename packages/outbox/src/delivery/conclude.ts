import { fullJitterMs, type Runtime } from "steadfetch"
import type { LastSending } from "../entry.ts"
import { OutboxError } from "../errors.ts"
import type { Parts } from "../parts.ts"
import { decodeResult } from "../sealing/content.ts"
import type { Sealer } from "../sealing/sealer.ts"
import type { Settings } from "../settings.ts"
import type { Conclusion, StoredEntry } from "../store.ts"
import type { Sign } from "./origin-gate.ts"
import type { Sent } from "./sent.ts"

/** How an entry goes on after a sending. */
export interface End extends Omit<Conclusion, "result"> {
  /** What is kept of the sending; undefined keeps what is there. */
  readonly last: LastSending | undefined
}

/** The contract, made durable: accepted is delivered, to be corrected is rejected, all else waits until it expires. */
export function endOf(entry: StoredEntry, sent: Sent, { backoff }: Settings, { clock, random }: Runtime): End {
  const at = clock.date()
  const tries = entry.tries + Number(sent.isTry)
  const { verdict, last, afterMs = 0 } = sent
  if (verdict !== "retry") {
    const state = verdict === "accept" ? "delivered" : "rejected"
    const why = verdict === "accept" ? "the API accepted it" : "the API refused it: amend it, or discard it"
    return { at, state, dueAt: entry.dueAt, tries, last: { ...last, why } }
  }
  // What the server asked for is a floor: jitter only above it.
  const dueAt = at + afterMs + fullJitterMs(Math.max(1, tries), backoff.baseMs, backoff.maxMs, backoff.maxMs, random)
  if (dueAt < entry.expiresAt) {
    const why = afterMs > 0 ? "it waits as long as it was asked to" : "it waits, as the same request can succeed later"
    return { at, state: "waiting", dueAt, tries, last: { ...last, why } }
  }
  const why = "its lifetime ends before it may be sent again"
  return { at, state: "waiting", dueAt: entry.expiresAt, tries, last: { ...last, why } }
}

/** The end of an entry whose lifetime is over. */
export function expiredEnd({ sealer }: Pick<Parts, "sealer">, entry: StoredEntry, at: number): End {
  const why = "its lifetime ended before the API accepted it: release it, amend it or discard it"
  return { at, state: "expired", dueAt: entry.dueAt, tries: entry.tries, last: withWhy(sealer, entry, why) }
}

/** How the last sending ended; undefined before the first one, and when that cannot be read: it stays as it is then. */
function withWhy(sealer: Sealer, { id, result }: StoredEntry, why: string): LastSending | undefined {
  if (result === undefined) return undefined
  try {
    return { ...decodeResult(sealer.open(id, "result", result)), why }
  } catch {
    return undefined
  }
}

/** The end of a sending that was broken off: as if it had not been begun. */
export function givenBackEnd(entry: StoredEntry, at: number): End {
  return { at, state: "waiting", dueAt: entry.dueAt, tries: entry.tries, last: undefined }
}

/** What a sending says about the origin. */
export function signOf({ verdict, isTry, afterMs, last, error }: Sent): Sign {
  // An entry that cannot be read says nothing of where it goes; credentials that are not to be had keep all of them back.
  if (last.kind === "error") return { kind: OutboxError.is(error) ? "none" : "failed" }
  if (last.kind === "no-reply") return { kind: "failed", pauseMs: isTry ? undefined : afterMs }
  const { status = 0 } = last
  // 429 and 503 speak of the server; other statuses that name a time speak of the one request.
  const pauseMs = verdict === "retry" && (status === 429 || status === 503) ? afterMs : undefined
  if (status >= 500) return { kind: "failed", pauseMs }
  return { kind: pauseMs === undefined ? "served" : "none", pauseMs }
}
