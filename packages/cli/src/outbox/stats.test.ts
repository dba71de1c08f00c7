import type { Entry } from "@steadfetch/outbox"
import { expect, test } from "vitest"
import { plain } from "../paint.ts"
import { firstAt } from "./id-prefix.ts"
import { oldestWaiting, statsLines } from "./stats.ts"
import { NOW, testEntry, testLists } from "./test-entry.ts"

const at = (addedMs: number, state: Entry["state"] = "waiting", last = 0): Entry =>
  testEntry({ id: firstAt(addedMs).slice(0, -1) + last, addedAt: new Date(addedMs), state })

test("the oldest waiting entry is found among many by few questions", async () => {
  const lists = testLists([
    at(NOW - 10_000_000, "delivered"),
    ...Array.from({ length: 5000 }, (_, index) => at(NOW - 1000 * index)),
    at(NOW - 8_999_999, "waiting", 1),
    at(NOW - 9_000_000, "waiting", 2),
    at(NOW - 9_500_000, "rejected"),
  ])
  expect((await oldestWaiting(lists))?.id).toBe(at(NOW - 9_000_000, "waiting", 2).id)
  expect(lists.asked()).toBeLessThan(60)
})

test.each([1, 2, 3])("the oldest of %d", async (count) => {
  const entries = Array.from({ length: count }, (_, index) => at(NOW - index))
  expect(await oldestWaiting(testLists(entries))).toBe(entries.at(-1))
})

test("none waits", async () => {
  expect(await oldestWaiting(testLists([at(NOW, "delivered")]))).toBeUndefined()
})

const states = { waiting: 0, sending: 0, delivered: 0, rejected: 0, expired: 0, discarded: 0 }

test("origins stand one below the other, with a line for all of them", () => {
  const statistics = {
    states: { ...states, waiting: 14, rejected: 1 },
    bodyBytes: 3500,
    origins: [
      { origin: "https://a.example", states: { ...states, waiting: 2, rejected: 1 }, bodyBytes: 500, gate: undefined },
      { origin: "https://b.example", states: { ...states, waiting: 12 }, bodyBytes: 3000, gate: undefined },
    ],
  }
  expect(statsLines("SQLite outbox.db", statistics, testEntry(), NOW, plain)).toEqual([
    "SQLite outbox.db",
    "                   waiting  sending  rejected  expired  delivered  discarded  to send",
    "https://a.example        2        0         1        0          0          0    500 B",
    "https://b.example       12        0         0        0          0          0   3.0 kB",
    "all                     14        0         1        0          0          0   3.5 kB",
    "waits for longest: 0199c2a4-7b3e-7abc-8def-000000000001  POST https://api.example.com/payments  added 1 min ago, due",
  ])
})
