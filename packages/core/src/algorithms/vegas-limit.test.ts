import { seededRandom } from "@steadfetch/testing"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { VegasLimit } from "./vegas-limit.ts"

/** What a server does at an instant, and what comes to it. */
interface World {
  /** Requests that the server works on at once. */
  readonly workers: (atMs: number) => number
  /** Milliseconds of work, with so many at work. */
  readonly workMs: (random: () => number, busy: number) => number
  /** Requests that may stand in its queue; it sheds more with a 503. Default: any number. */
  readonly roomFor?: number
  /** Share of the requests that fail by chance. */
  readonly failing?: number
  readonly timeoutMs?: number
}

const NETWORK_MS = 10
const logNormal =
  (meanMs: number) =>
  (random: () => number): number =>
    meanMs * Math.exp(0.5 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()) - 0.125)
const exponential =
  (meanMs: number) =>
  (random: () => number): number =>
    -Math.log(1 - random()) * meanMs

/** A client that always has more to send, and the server of this world; gives limit and replies of each second. */
function play(world: World, seconds: number, limit = new VegasLimit({ min: 1, max: 200, initial: 10 })) {
  const random = seededRandom(7)
  const queue: (() => void)[] = []
  const events: { readonly at: number; readonly run: () => void }[] = []
  let now = 0
  let busy = 0
  let inFlight = 0
  let replies = 0
  const after = (delayMs: number, run: () => void): void => {
    const at = now + delayMs
    const later = events.findLastIndex((event) => event.at <= at)
    events.splice(later + 1, 0, { at, run })
  }
  const work = (): void => {
    while (queue.length > 0 && busy < world.workers(now)) {
      const done = queue.shift()
      busy++
      after(world.workMs(random, busy), () => {
        busy--
        done?.()
        work()
      })
    }
  }
  const send = (): void => {
    const beganAt = now
    const started = ++inFlight
    let isOver = false
    const end = (isReply: boolean): void => {
      if (isOver) return
      isOver = true
      inFlight--
      if (isReply) limit.served(beganAt, now, started)
      else limit.dropped(beganAt, now)
      replies += isReply ? 1 : 0
      fill()
    }
    if (world.timeoutMs !== undefined) after(world.timeoutMs, () => end(false))
    const isShed = queue.length >= (world.roomFor ?? Number.POSITIVE_INFINITY) || random() < (world.failing ?? 0)
    if (isShed) after(NETWORK_MS, () => end(false))
    else {
      queue.push(() => after(NETWORK_MS, () => end(true)))
      work()
    }
  }
  const fill = (): void => {
    while (inFlight < limit.limit) send()
  }
  fill()
  return Array.from({ length: seconds }, (_, second) => {
    const before = replies
    for (let [next] = events; next !== undefined && next.at <= (second + 1) * 1000; [next] = events) {
      events.shift()
      now = next.at
      next.run()
    }
    return { limit: limit.limit, replies: replies - before }
  })
}

type Second = { readonly limit: number; readonly replies: number }
const mean = (seconds: readonly Second[], of: keyof Second): number =>
  seconds.reduce((sum, second) => sum + second[of], 0) / seconds.length

describe("the limit comes to what the server can do at once, and a short queue", () => {
  // Exponential times are the hardest: their medians vary most.
  test.each([
    { workers: 3, times: "log-normal", workMs: logNormal(50), from: 3, to: 9 },
    { workers: 10, times: "log-normal", workMs: logNormal(50), from: 10, to: 19 },
    { workers: 30, times: "log-normal", workMs: logNormal(50), from: 30, to: 45 },
    { workers: 10, times: "exponential", workMs: exponential(50), from: 10, to: 21 },
    { workers: 30, times: "exponential", workMs: exponential(50), from: 27, to: 47 },
  ])("$workers at once, $times times", ({ workers, workMs, from, to }) => {
    const seconds = play({ workers: () => workers, workMs }, 40).slice(15)
    expect(mean(seconds, "limit")).toBeGreaterThanOrEqual(from)
    expect(mean(seconds, "limit")).toBeLessThanOrEqual(to)
    // Most of what the server has is used.
    expect(mean(seconds, "replies")).toBeGreaterThan(0.85 * workers * 20)
  })

  test("from far above, too: a baseline that was taken in a queue is found out", () => {
    const limit = new VegasLimit({ min: 1, max: 200, initial: 100 })
    const seconds = play({ workers: () => 5, workMs: logNormal(50) }, 60, limit).slice(30)
    expect(mean(seconds, "limit")).toBeLessThan(12)
    expect(mean(seconds, "replies")).toBeGreaterThan(88)
  })

  test("and does not drift upward in the long run", () => {
    const seconds = play({ workers: () => 10, workMs: () => 50 }, 300)
    expect(mean(seconds.slice(-30), "limit")).toBeLessThan(20)
  })
})

describe("the limit follows", () => {
  test("a server that loses half of what it can do, and gets it back", () => {
    const workers = (atMs: number): number => (atMs >= 20_000 && atMs < 60_000 ? 15 : 30)
    const seconds = play({ workers, workMs: logNormal(50) }, 90)
    expect(mean(seconds.slice(15, 20), "limit")).toBeGreaterThan(28)
    expect(mean(seconds.slice(40, 60), "limit")).toBeLessThan(26)
    expect(mean(seconds.slice(80), "limit")).toBeGreaterThan(28)
  })

  test("a server that does less the more is asked of it at once, down to where it does most", () => {
    const seconds = play({ workers: () => 200, workMs: (_, busy) => 50 * (1 + (busy / 4) ** 2) }, 120)
    // At 4 at once it would do 40 in a second less the network's part; at 20 it would do 15.
    expect(mean(seconds.slice(60), "limit")).toBeLessThan(7)
    expect(mean(seconds.slice(60), "replies")).toBeGreaterThan(32)
  })

  test("a server that sheds load, to where it hardly does", () => {
    const seconds = play({ workers: () => 20, workMs: logNormal(50), roomFor: 1 }, 40).slice(15)
    expect(mean(seconds, "limit")).toBeLessThan(27)
    expect(mean(seconds, "replies")).toBeGreaterThan(300)
  })

  test("a server that collapses under timeouts, far enough down for it to recover", () => {
    const seconds = play({ workers: (atMs) => (atMs < 20_000 ? 40 : 4), workMs: logNormal(50), timeoutMs: 500 }, 60)
    expect(mean(seconds.slice(35), "limit")).toBeLessThan(12)
    expect(mean(seconds.slice(35), "replies")).toBeGreaterThan(65)
  })
})

describe("the limit is not moved", () => {
  test("far down by few failures that have nothing to do with the load", () => {
    const seconds = play({ workers: () => 20, workMs: logNormal(50), failing: 0.03 }, 40).slice(15)
    expect(mean(seconds, "limit")).toBeGreaterThan(18)
  })

  test("up while less than half of it is in use", () => {
    const limit = new VegasLimit({ min: 1, max: 200, initial: 10 })
    const seen: number[] = []
    for (let at = 0; at < 50_000; at += 50) {
      limit.served(at, at + 50, 1)
      seen.push(limit.limit)
    }
    expect(Math.max(...seen)).toBe(10)
  })

  test("twice by drops of one moment: what began before a change says nothing about it", () => {
    const limit = new VegasLimit({ min: 1, max: 200, initial: 100 })
    for (let index = 0; index < 1000; index++) limit.dropped(index / 1000, 500)
    expect([limit.limit, limit.why]).toEqual([75, "100 of 100 attempts ended with a sign of overload"])
    for (let index = 0; index < 75; index++) limit.dropped(500 + index, 1000)
    expect(limit.limit).toBe(56)
  })

  test("by attempts that were given up before they were late", () => {
    const [given, plain] = [0, 1].map(() => new VegasLimit({ min: 1, max: 200, initial: 10 }))
    for (let at = 0; at < 5000; at++) {
      given?.served(at, at + 50, 10)
      given?.cutOff(at, at + 40, 10)
      plain?.served(at, at + 50, 10)
    }
    expect(given?.limit).toBe(plain?.limit)
  })
})

test("attempts that were given up late count as slow, so that impatience does not hide a queue", () => {
  const limit = new VegasLimit({ min: 1, max: 200, initial: 100 })
  let at = 0
  const feed = (count: number, tookMs: number, what: "served" | "cutOff"): void => {
    for (let index = 0; index < count; index++) limit[what](++at, at + tookMs, limit.limit)
  }
  feed(200, 50, "served")
  feed(10_000, 50, "served")
  const before = limit.limit
  feed(800, 500, "cutOff")
  expect(limit.limit).toBeLessThan(before)
})

test("the limit is a whole number within its bounds, whatever ends how and when", () => {
  const end = fc.record({ tookMs: fc.nat(5000), inFlight: fc.integer({ min: 1, max: 60 }), what: fc.nat(9) })
  const bounds = fc.record({ min: fc.integer({ min: 1, max: 20 }), room: fc.nat(60), share: fc.nat(100) })
  fc.assert(
    fc.property(bounds, fc.array(end, { minLength: 50, maxLength: 800 }), ({ min, room, share }, ends) => {
      const max = min + room
      const limit = new VegasLimit({ min, max, initial: min + Math.floor((room * share) / 100) })
      const seen = new Set([limit.limit])
      let now = 0
      for (const { tookMs, inFlight, what } of ends) {
        now += 20
        if (what < 6) limit.served(now - tookMs, now, inFlight)
        else if (what < 8) limit.dropped(now - tookMs, now)
        else limit.cutOff(now - tookMs, now, inFlight)
        seen.add(limit.limit)
      }
      expect([...seen].filter((value) => !(Number.isInteger(value) && value >= min && value <= max))).toEqual([])
    }),
  )
})
