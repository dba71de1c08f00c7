import { virtualClock } from "@steadfetch/testing"
import { expect, test } from "vitest"
import { outcomeOf, type Attempt } from "../test-outcomes.ts"
import { parseBench } from "./arguments.ts"
import { Load } from "./load.ts"
import { report } from "./report.ts"
import { Tally } from "./tally.ts"

const health = { busyShare: 0.123456, delayP99Ms: 1.23456 }

/** The report of calls that end like this, one after the other, each after 20 ms. */
async function reported(args: readonly string[], ends: readonly (readonly Attempt[])[]) {
  const task = parseBench(["http://localhost:3000/orders?token=abc", ...args], {})
  const clock = virtualClock({ settles: "promises" })
  const tally = new Tally(clock)
  const outcomes = await Promise.all(ends.map((attempts) => outcomeOf(...attempts)))
  const load = new Load({ ...task.plan, durationMs: undefined, calls: ends.length }, clock, async (start) => {
    tally.began(start)
    await new Promise<void>((resolve) => void clock.after(20, resolve))
    const outcome = outcomes.shift()
    if (outcome !== undefined) tally.ended(start, outcome)
  })
  const end = await clock.runUntil(load.run(new AbortController().signal))
  return report(task, tally, load, end, health)
}

// The histogram knows it to three digits.
const about20: unknown = expect.closeTo(20, 1)

test("it is plain data: the load, what was counted, and how the calls ended, the most frequent first", async () => {
  const args = ["--concurrency", "1", "--requests", "6"]
  const refusal = { status: 422, body: '{"message":"no item"}' }
  const seen = await reported(args, [[{ status: 404 }], [refusal], [refusal], [{ status: 200 }], ["refused"], [{ status: 500 }]]) // prettier-ignore
  expect(JSON.parse(JSON.stringify(seen))).toEqual({
    method: "GET",
    url: "http://localhost:3000/orders?token=REDACTED",
    load: {
      model: "closed",
      concurrency: 1,
      perSecond: null,
      durationMs: null,
      requests: 6,
      warmUpMs: 0,
      retries: true,
    },
    end: "complete",
    elapsedMs: 120,
    calls: { count: 6, perSecond: 50, cut: 0 },
    attempts: { count: 0, perCall: 0 },
    bytes: { count: 0, perSecond: 0 },
    latencyMs: {
      calls: { mean: about20, p50: about20, p90: about20, p99: about20, p999: about20, max: 20 },
      attempts: null,
    },
    accepted: { atOnce: 1, afterRetry: 0, statuses: { 200: 1 } },
    correct: [
      { status: 422, count: 2, messages: ["no item"] },
      { status: 404, count: 1, messages: [] },
    ],
    exhausted: [{ status: 500, count: 1, messages: [] }],
    noReply: [{ reason: "refused", count: 1, messages: ["scripted: refused"] }],
    endings: {},
    waits: { count: 0, totalMs: 0, askedByServer: 0 },
    pausedMs: 0,
    schedule: null,
    generator: { busyShare: 0.123, delayP99Ms: 1.235, wasTheLimit: false },
  })
})

test("of a schedule it has what came late", async () => {
  const args = ["--rate", "100/s", "--concurrency", "1", "--requests", "3"]
  const seen = await reported(args, [[{ status: 200 }], [{ status: 200 }], [{ status: 200 }]])
  expect(seen.load).toMatchObject({ model: "open", perSecond: 100, concurrency: 1 })
  expect(seen.schedule).toEqual({ late: 2, longestLateMs: 20, missed: 0 })
  expect(seen.latencyMs.calls?.max).toBe(40)
})

test.each([
  [["--no-retry"], false],
  [["--retries", "0"], false],
  [["--attempts", "2"], true],
  [[], true],
])("with %j it says whether anything was tried again: %j", async (args, retries) => {
  expect((await reported(args, [[{ status: 200 }]])).load.retries).toBe(retries)
})
