import { expect, test } from "vitest"
import { virtualClock } from "./virtual-clock.ts"

test("time stands still until it is advanced", async () => {
  const clock = virtualClock()
  await clock.settle()
  expect([clock.now(), clock.date()]).toEqual([0, Date.UTC(2026, 0, 1)])
  await clock.advance(250)
  expect([clock.now(), clock.date()]).toEqual([250, Date.UTC(2026, 0, 1) + 250])
})

test("timers run at their own time, in order of time and then in the order they were set", async () => {
  const clock = virtualClock()
  const ran: string[] = []
  const note = (name: string) => (): void => {
    ran.push(`${name} at ${clock.now()}`)
  }
  clock.after(20, note("third"))
  clock.after(10, note("first"))
  clock.after(10, note("second"))
  clock.after(31, note("never"))
  await clock.advance(30)
  expect(ran).toEqual(["first at 10", "second at 10", "third at 20"])
  expect(clock.pending).toBe(1)
})

test("a timer that is set by a timer runs in the same advance when it falls due", async () => {
  const clock = virtualClock()
  const ran: number[] = []
  clock.after(10, () => clock.after(10, () => ran.push(clock.now())))
  await clock.advance(20)
  expect(ran).toEqual([20])
})

test("what a timer sets off settles before the next one runs", async () => {
  const clock = virtualClock()
  const seen: string[] = []
  clock.after(1, () => {
    void (async () => {
      for (let step = 0; step < 50; step++) await Promise.resolve()
      await new Blob(["x"]).arrayBuffer()
      seen.push(`settled at ${clock.now()}`)
    })()
  })
  clock.after(2, () => seen.push("next timer"))
  await clock.advance(2)
  expect(seen).toEqual(["settled at 1", "next timer"])
})

test("a timer that was called off does not run and is not pending", async () => {
  const clock = virtualClock()
  let ran = 0
  const callOff = clock.after(5, () => ran++)
  callOff()
  callOff()
  expect(clock.pending).toBe(0)
  await clock.advance(10)
  expect(ran).toBe(0)
})

test("a timer after an infinite delay is none, and one in the past runs next", async () => {
  const clock = virtualClock()
  clock.after(Number.POSITIVE_INFINITY, () => {})
  expect(clock.pending).toBe(0)
  clock.after(-5, () => {})
  expect(await clock.advanceToNext()).toBe(0)
})

test("advancing to the next timer tells how long that was, and is refused when there is none", async () => {
  const clock = virtualClock()
  clock.after(7, () => {})
  clock.after(9, () => {})
  expect([await clock.advanceToNext(), await clock.advanceToNext(), clock.now()]).toEqual([7, 2, 9])
  await expect(clock.advanceToNext()).rejects.toThrow("no timer is set")
})

test("running until a promise settles passes its value or its reason on, and stops the time there", async () => {
  const clock = virtualClock()
  const wait = (ms: number): Promise<number> => new Promise((resolve) => clock.after(ms, () => resolve(clock.now())))
  clock.after(5000, () => {})
  expect(await clock.runUntil(wait(100).then(() => wait(200)))).toBe(300)
  const reason = new Error("no")
  await expect(clock.runUntil(wait(1).then(() => Promise.reject(reason)))).rejects.toBe(reason)
  expect([clock.now(), clock.pending]).toEqual([301, 1])
})

test("a promise that nothing moves is an error, not a test that hangs", async () => {
  await expect(virtualClock().runUntil(new Promise(() => {}))).rejects.toThrow("no timer is set")
})

test("the time of day can be set while durations go on", async () => {
  const clock = virtualClock({ startDate: 1000 })
  await clock.advance(10)
  clock.setDate(500)
  await clock.advance(5)
  expect([clock.now(), clock.date()]).toEqual([15, 505])
})

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("advancing by %s ms is refused", async (passedMs) => {
  await expect(virtualClock().advance(passedMs)).rejects.toThrow(`${passedMs} ms`)
})

test("a delay that is not a number is refused", () => {
  expect(() => virtualClock().after(Number.NaN, () => {})).toThrow("NaN")
})

test("where only promises are waited for, all of them have settled before the next timer runs", async () => {
  const clock = virtualClock({ settles: "promises" })
  const seen: string[] = []
  clock.after(1, () => {
    const chain = async (): Promise<void> => {
      for (let link = 0; link < 1000; link++) await Promise.resolve()
      seen.push("a thousand promises")
    }
    void chain()
  })
  clock.after(2, () => seen.push("the next timer"))
  await clock.advance(2)
  expect(seen).toEqual(["a thousand promises", "the next timer"])
})

test("what is neither promises nor streams is refused", () => {
  expect(() => virtualClock({ settles: "blobs" as "streams" })).toThrow("blobs")
})
