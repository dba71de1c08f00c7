import { expect, test } from "vitest"
import { afterEnd, DEAD_AFTER, type End } from "./health.ts"
import type { Receiver } from "./receiver.ts"

const NOW = Date.UTC(2026, 10, 30)
const DAY_MS = 86_400_000

const healthy: Receiver = {
  id: "crm",
  url: "https://example.com/",
  isOrdered: false,
  secrets: [],
  disabledBecause: undefined,
  failingSince: undefined,
  failedInRow: 0,
  last: undefined,
}

function after(receiver: Receiver, end: End, status: number | undefined, at = NOW): Receiver {
  return afterEnd(receiver, end, { at, status, words: undefined }, DEAD_AFTER)
}

test("410 Gone disables at once, another refusal does not", () => {
  expect(after(healthy, "rejected", 410).disabledBecause).toBe("it answered 410 Gone")
  expect(after(healthy, "rejected", 404)).toMatchObject({ disabledBecause: undefined, failedInRow: 1 })
})

test("five days without anything accepted disable", () => {
  const failing = after(healthy, "retrying", 503)
  expect(failing).toMatchObject({ failingSince: NOW, failedInRow: 0, disabledBecause: undefined })
  expect(after(failing, "retrying", undefined, NOW + 5 * DAY_MS - 1).disabledBecause).toBeUndefined()
  const dead = after(failing, "retrying", undefined, NOW + 5 * DAY_MS)
  expect(dead.disabledBecause).toBe("it has accepted nothing for 120 hours")
})

test("twenty events in a row that were refused or expired disable; one that was accepted begins anew", () => {
  let receiver = healthy
  for (let count = 1; count < 20; count++) receiver = after(receiver, count % 2 === 0 ? "expired" : "rejected", 500)
  expect(receiver).toMatchObject({ failedInRow: 19, disabledBecause: undefined })
  expect(after(receiver, "delivered", 204)).toMatchObject({ failedInRow: 0, failingSince: undefined })
  expect(after(receiver, "expired", 503).disabledBecause).toBe("20 events in a row were refused or expired")
})

test("a disabled receiver keeps the first reason", () => {
  const gone = after(healthy, "rejected", 410)
  expect(after(gone, "retrying", 503, NOW + 9 * DAY_MS).disabledBecause).toBe("it answered 410 Gone")
})
