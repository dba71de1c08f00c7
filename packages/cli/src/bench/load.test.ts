import { virtualClock, type VirtualClock } from "@steadfetch/testing"
import { expect, test } from "vitest"
import { Latencies } from "./latencies.ts"
import { Load, type LoadPlan, type Start } from "./load.ts"

const never = new AbortController().signal

function planOf(given: Partial<LoadPlan>): LoadPlan {
  return { concurrency: 10, perSecond: undefined, durationMs: undefined, calls: undefined, ...given }
}

/** A load on a server that takes so long, by when a call comes; and what was seen of it. */
function loading(given: Partial<LoadPlan>, tookMs: (now: number) => number) {
  const clock = virtualClock({ settles: "promises" })
  const latencies = new Latencies()
  const naive = new Latencies()
  const begunAt: number[] = []
  const starts: Start[] = []
  let ended = 0
  const load = new Load(planOf(given), clock, async (start) => {
    const sentAt = clock.now()
    begunAt.push(sentAt)
    starts.push(start)
    await wait(clock, tookMs(sentAt))
    latencies.note(clock.now() - start.countsFrom)
    naive.note(clock.now() - sentAt)
    ended++
  })
  return { clock, load, latencies, naive, begunAt, starts, ended: () => ended }
}

function wait(clock: VirtualClock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve))
}

test("the closed model begins a call when another has ended", async () => {
  const { clock, load, begunAt } = loading({ concurrency: 2, durationMs: 100 }, () => 30)
  expect(await clock.runUntil(load.run(never))).toBe("complete")
  expect(begunAt).toEqual([0, 0, 30, 30, 60, 60, 90, 90])
  expect(clock.now()).toBe(120)
  expect(clock.pending).toBe(0)
})

test("a number of calls is made exactly", async () => {
  const { clock, load, begunAt, ended } = loading({ concurrency: 4, calls: 10 }, () => 5)
  expect(await clock.runUntil(load.run(never))).toBe("complete")
  expect([begunAt.length, ended()]).toEqual([10, 10])
})

test("the open model begins calls by its schedule, whether others have ended or not", async () => {
  const { clock, load, begunAt, starts } = loading({ perSecond: 10, durationMs: 500 }, () => 10_000)
  await clock.runUntil(load.run(never))
  expect(begunAt).toEqual([0, 100, 200, 300, 400])
  expect(starts.every(({ lateMs }) => lateMs === 0)).toBe(true)
  expect(load.missed).toBe(0)
})

test("a rate with fractions misses nothing", async () => {
  const { clock, load, begunAt } = loading({ perSecond: 33.3, durationMs: 10_000 }, () => 1)
  await clock.runUntil(load.run(never))
  expect([begunAt.length, load.missed]).toEqual([333, 0])
})

test("a server that stalls for a second has a p99 of about a second, which the closed model hides", async () => {
  // It answers in 10 ms; what comes between 2 and 3 s is answered at 3 s.
  const stalling = (now: number): number => (now >= 2000 && now < 3000 ? 3010 - now : 10)
  const open = loading({ perSecond: 100, concurrency: 10, durationMs: 10_000 }, stalling)
  await open.clock.runUntil(open.load.run(never))
  expect(open.begunAt).toHaveLength(1000)
  expect(open.latencies.percentileMs(90.5)).toBeGreaterThan(15)
  expect(open.latencies.percentileMs(95)).toBeGreaterThan(450)
  expect(open.latencies.percentileMs(99)).toBeGreaterThan(850)
  // Counted from when they were sent, nine calls of ten that came during the stall would look fast.
  expect(open.naive.percentileMs(98.5)).toBeLessThan(15)
  const closed = loading({ concurrency: 10, durationMs: 10_000 }, stalling)
  await closed.clock.runUntil(closed.load.run(never))
  expect(closed.latencies.percentileMs(99)).toBeLessThan(15)
})

test("a call that has to wait for room counts from when it was due, and tells how long it waited", async () => {
  const { clock, load, starts } = loading({ perSecond: 1000, concurrency: 1, calls: 3 }, () => 1.5)
  await clock.runUntil(load.run(never))
  expect(starts).toEqual([
    { countsFrom: 0, lateMs: 0 },
    { countsFrom: 1, lateMs: 0.5 },
    { countsFrom: 2, lateMs: 1 },
  ])
})

test.each([
  [1.5, 101.5],
  [30, 100],
])("a timer that is %d ms late is no wait for room, and counts from %d ms", async (timerLateMs, countsFrom) => {
  const clock = virtualClock({ settles: "promises" })
  const starts: Start[] = []
  const late = { now: () => clock.now(), date: () => clock.date(), after: (ms: number, run: () => void) => clock.after(ms + timerLateMs, run) } // prettier-ignore
  const load = new Load(planOf({ perSecond: 10, calls: 2 }), late, async (start) => void starts.push(start))
  await clock.runUntil(load.run(never))
  expect(starts[1]).toEqual({ countsFrom, lateMs: 0 })
})

test("arrivals that never had their turn are told", async () => {
  const { clock, load, begunAt } = loading({ perSecond: 100, concurrency: 5, durationMs: 1000 }, () => 250)
  expect(await clock.runUntil(load.run(never))).toBe("complete")
  expect([begunAt.length, load.missed]).toEqual([20, 80])
})

test("a pause begins nothing, and moves the schedule by as much", async () => {
  const { clock, load, begunAt, starts } = loading({ perSecond: 10, durationMs: 1000 }, () => 1)
  const done = load.run(never)
  await clock.advance(250)
  load.pause(300)
  // Shorter than what is left of the first one.
  load.pause(100)
  expect(load.pauseLeftMs).toBe(300)
  await clock.runUntil(done)
  expect(begunAt).toEqual([0, 100, 200, 600, 700, 800, 900])
  expect(starts.every(({ lateMs }) => lateMs === 0)).toBe(true)
  expect([load.pausedMs, load.missed]).toEqual([300, 0])
})

test("a pause of the closed model ends with all places taken again", async () => {
  const { clock, load, begunAt } = loading({ concurrency: 2, durationMs: 1000 }, () => 200)
  const done = load.run(never)
  await clock.advance(100)
  load.pause(400)
  await clock.runUntil(done)
  expect(begunAt).toEqual([0, 0, 500, 500, 700, 700, 900, 900])
})

test("a pause from before begins with the load", async () => {
  const { clock, load, begunAt } = loading({ concurrency: 1, calls: 2 }, () => 10)
  await clock.runUntil(load.run(never, 70))
  expect(begunAt).toEqual([70, 80])
})

test("a pause beyond the end ends it, and so does one of more than a minute where calls are counted", async () => {
  const timed = loading({ concurrency: 1, durationMs: 1000 }, () => 100)
  const timedDone = timed.load.run(never)
  await timed.clock.advance(350)
  timed.load.pause(700)
  expect(await timed.clock.runUntil(timedDone)).toBe("paused")
  expect([timed.begunAt.length, timed.clock.now(), timed.clock.pending]).toEqual([4, 400, 0])
  const numbered = loading({ concurrency: 1, calls: 3 }, () => 100)
  const numberedDone = numbered.load.run(never)
  numbered.load.pause(60_000)
  await numbered.clock.advance(150)
  numbered.load.pause(60_001)
  expect(await numbered.clock.runUntil(numberedDone)).toBe("paused")
  expect(numbered.begunAt).toEqual([0])
})

test("a pause that one of the last calls leads to is known afterwards", async () => {
  const { clock, load } = loading({ concurrency: 1, durationMs: 100 }, () => 150)
  const done = load.run(never)
  await clock.advance(120)
  load.pause(5000)
  await clock.runUntil(done)
  expect([load.pauseLeftMs, load.pausedMs]).toEqual([4970, 0])
})

test("an interruption begins nothing more, and waits for those under way", async () => {
  const controller = new AbortController()
  const { clock, load, begunAt, ended } = loading({ concurrency: 3, durationMs: 1000 }, () => 400)
  let over = 0
  const done = load.run(controller.signal, 0, () => over++)
  await clock.advance(500)
  controller.abort()
  expect([load.isOver, load.underWay, over]).toEqual([true, 3, 1])
  expect(await clock.runUntil(done)).toBe("interrupted")
  expect([begunAt.length, ended(), clock.pending]).toEqual([6, 6, 0])
})

test("a signal that has fired begins nothing", async () => {
  const { load, begunAt } = loading({ concurrency: 3, calls: 5 }, () => 1)
  expect(await load.run(AbortSignal.abort())).toBe("interrupted")
  expect(begunAt).toEqual([])
})

test("a defect ends it once those under way have ended", async () => {
  const clock = virtualClock()
  let begun = 0
  const load = new Load(planOf({ concurrency: 2, calls: 100 }), clock, async () => {
    if (++begun === 2) throw new Error("no such header")
    await wait(clock, 50)
  })
  await expect(clock.runUntil(load.run(never))).rejects.toThrow("no such header")
  expect([begun, clock.now()]).toEqual([2, 50])
})
