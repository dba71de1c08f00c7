import * as fc from "fast-check"
import { expect, test } from "vitest"
import { TimerQueue } from "./timer-queue.ts"

/** A platform whose time moves by hand, and that counts its timers. */
function platform() {
  let now = 0
  let timers: { dueAt: number; run: () => void; idle: boolean }[] = []
  const started: number[] = []
  const start = (delayMs: number, run: () => void) => {
    started.push(delayMs)
    const timer = { dueAt: now + delayMs, run, idle: false }
    timers.push(timer)
    const idle = (isIdle: boolean): void => void (timer.idle = isIdle)
    return { idle }
  }
  const advance = (ms: number): void => {
    const end = now + ms
    for (;;) {
      const next = timers.filter(({ dueAt }) => dueAt <= end).toSorted((a, b) => a.dueAt - b.dueAt)[0]
      if (next === undefined) break
      timers = timers.filter((other) => other !== next)
      now = Math.max(now, next.dueAt)
      next.run()
    }
    now = end
  }
  const awake = (): number => timers.filter(({ idle }) => !idle).length
  return { now: () => now, start, advance, started, awake, count: () => timers.length }
}

test("runs what falls due, at its time and in order", () => {
  const time = platform()
  const queue = new TimerQueue(100, time)
  const ran: string[] = []
  queue.after(100, () => ran.push(`a ${time.now()}`))
  time.advance(30)
  queue.after(100, () => ran.push(`b ${time.now()}`))
  time.advance(69)
  expect(ran).toEqual([])
  time.advance(100)
  expect(ran).toEqual(["a 100", "b 130"])
})

test("uses one timer of the platform for all that come and go", () => {
  const time = platform()
  const queue = new TimerQueue(100, time)
  for (let call = 0; call < 1000; call++) queue.after(100, () => {})()
  expect([time.started, time.count(), time.awake()]).toEqual([[100], 1, 0])
  queue.after(100, () => {})
  expect(time.awake()).toBe(1)
})

test("runs what follows one that throws", () => {
  const time = platform()
  const queue = new TimerQueue(100, time)
  const ran: string[] = []
  queue.after(100, () => {
    throw new Error("mine")
  })
  queue.after(100, () => ran.push("next"))
  expect(() => time.advance(100)).toThrow("mine")
  time.advance(1)
  expect(ran).toEqual(["next"])
})

test("calling off twice, or after it ran, changes nothing", () => {
  const time = platform()
  const queue = new TimerQueue(100, time)
  const ran: string[] = []
  const offA = queue.after(100, () => ran.push("a"))
  const offB = queue.after(100, () => ran.push("b"))
  queue.after(100, () => ran.push("c"))
  offB()
  offB()
  time.advance(100)
  offA()
  offB()
  expect(ran).toEqual(["a", "c"])
})

test("is as good as a timer for each, whatever is added and called off when", () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(60), fc.option(fc.nat(150))), { maxLength: 40 }), (plan) => {
      const time = platform()
      const queue = new TimerQueue(100, time)
      const ran: [number, number][] = []
      const expected: [number, number][] = []
      const offs: { at: number; off: () => void }[] = []
      let at = 0
      plan.forEach(([gapMs, offAfterMs], index) => {
        const until = at + gapMs
        for (const { at: offAt, off } of offs.splice(0).toSorted((a, b) => a.at - b.at)) {
          if (offAt > until) offs.push({ at: offAt, off })
          else {
            time.advance(Math.max(0, offAt - time.now()))
            off()
          }
        }
        time.advance(until - time.now())
        at = until
        const off = queue.after(100, () => ran.push([index, time.now()]))
        if (offAfterMs === null || offAfterMs >= 100) expected.push([index, at + 100])
        if (offAfterMs !== null) offs.push({ at: at + offAfterMs, off })
      })
      for (const { at: offAt, off } of offs.toSorted((a, b) => a.at - b.at)) {
        time.advance(Math.max(0, offAt - time.now()))
        off()
      }
      time.advance(1000)
      expect(ran).toEqual(expected)
      expect(time.awake()).toBe(0)
    }),
  ))
