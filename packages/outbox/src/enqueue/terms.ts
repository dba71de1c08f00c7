import { checked, refuse, shown, whole } from "steadfetch"
import type { AfterRejection } from "../entry.ts"

/** How an entry is to be delivered. */
export interface Terms {
  /**
   * Names what is asked for, such as "order-17": another request with the same key is not added while this entry is kept and
   * not discarded.
   */
  readonly key?: string | undefined
  /** Entries that have the same one are sent one after the other, in the order in which they were added. */
  readonly orderingKey?: string | undefined
  /** Whether a rejected or expired entry holds up those behind it that have its ordering key. Default: the outbox's. */
  readonly afterRejection?: AfterRejection | undefined
  /** From -100 to 100; of those that are due the higher go first. Default 0. */
  readonly priority?: number | undefined
  /** Milliseconds from when it is due first until it expires. Default: the outbox's. */
  readonly lifetimeMs?: number | undefined
  /** It is not sent before. Default: at once. */
  readonly notBefore?: Date | undefined
}

/** Terms that were checked. */
export interface CheckedTerms {
  readonly key: string | undefined
  readonly orderingKey: string | undefined
  readonly afterRejection: AfterRejection
  readonly priority: number
  readonly lifetimeMs: number
  readonly dueAt: number
  readonly expiresAt: number
}

export const TERMS: readonly string[] = ["key", "orderingKey", "afterRejection", "priority", "lifetimeMs", "notBefore"]

/** A hundred years: beyond that dates end. */
export const MOST_LIFETIME_MS = 100 * 365 * 86_400_000

const LONGEST_KEY = 512

/** @throws ConfigurationError for what cannot be. */
export function checkedTerms(
  terms: Terms,
  usual: { readonly afterRejection: AfterRejection; readonly lifetimeMs: number },
  now: number,
): CheckedTerms {
  checkKey("key", terms.key)
  checkKey("orderingKey", terms.orderingKey)
  const lifetimeMs = checkLifetime("lifetimeMs", terms.lifetimeMs ?? usual.lifetimeMs)
  const dueAt = Math.max(now, checkDate("notBefore", terms.notBefore, now) ?? now)
  return {
    key: terms.key,
    orderingKey: terms.orderingKey,
    afterRejection: checkAfterRejection(terms.afterRejection ?? usual.afterRejection),
    priority: checkPriority(terms.priority ?? 0),
    lifetimeMs,
    dueAt,
    expiresAt: dueAt + lifetimeMs,
  }
}

/** Refuses what is no key. */
export function checkKey(name: string, key: unknown): void {
  if (key === undefined) return
  const fix = `a text of 1 to ${LONGEST_KEY} characters without control characters`
  if (typeof key !== "string") refuse(name, shown(key), fix)
  if (key === "" || key.length > LONGEST_KEY) refuse(name, `${key.length} characters`, fix)
  if (/[\p{Cc}\p{Surrogate}]/u.test(key)) refuse(name, JSON.stringify(key), fix)
}

export function checkPriority(priority: number): number {
  return whole("priority", priority, -100, 100)
}

export function checkLifetime(name: string, lifetimeMs: number): number {
  return checked(`${name} (ms)`, lifetimeMs, 1, MOST_LIFETIME_MS)
}

export function checkAfterRejection(given: AfterRejection): AfterRejection {
  return ["hold", "skip"].includes(given) ? given : refuse("afterRejection", shown(given), '"hold" or "skip"')
}

/** The instant of a date. @throws ConfigurationError for what is no date, or lies too far ahead. */
export function checkDate(name: string, date: Date | undefined, now: number): number | undefined {
  if (date === undefined) return undefined
  if (!(date instanceof Date)) return refuse(name, shown(date), "a Date")
  const at = date.getTime()
  if (Number.isNaN(at)) return refuse(name, "an invalid Date", "a valid one")
  return at - now <= MOST_LIFETIME_MS ? at : refuse(name, date.toISOString(), "a date within 100 years")
}
