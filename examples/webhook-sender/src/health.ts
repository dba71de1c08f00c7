import type { Answer, Receiver } from "./receiver.ts"

/** When a receiver counts as dead. */
export interface DeadAfter {
  /** So long without anything accepted. Default 5 days. */
  readonly failingMs: number
  /** So many events in a row that were refused, or expired. Default 20. */
  readonly failedInRow: number
}

export const DEAD_AFTER: DeadAfter = { failingMs: 5 * 86_400_000, failedInRow: 20 }

/** How a sending of an event ended. */
export type End = "delivered" | "retrying" | "rejected" | "expired"

/** 410 Gone: "the receiver does not want to be told any more" (Standard Webhooks). */
const GONE = 410

/** What the end of a sending makes of its receiver. */
export function afterEnd(receiver: Receiver, end: End, last: Answer, limits: DeadAfter): Receiver {
  if (end === "delivered") return { ...receiver, failingSince: undefined, failedInRow: 0, last }
  const failingSince = receiver.failingSince ?? last.at
  const failedInRow = receiver.failedInRow + Number(end !== "retrying")
  const failed = { ...receiver, failingSince, failedInRow, last }
  return { ...failed, disabledBecause: receiver.disabledBecause ?? whyDead(failed, end, last, limits) }
}

function whyDead(
  { failingSince, failedInRow }: Receiver & { readonly failingSince: number },
  end: End,
  last: Answer,
  limits: DeadAfter,
): string | undefined {
  if (end === "rejected" && last.status === GONE) return "it answered 410 Gone"
  if (failedInRow >= limits.failedInRow) return `${failedInRow} events in a row were refused or expired`
  const hours = Math.round((last.at - failingSince) / 3_600_000)
  return last.at - failingSince >= limits.failingMs ? `it has accepted nothing for ${hours} hours` : undefined
}
