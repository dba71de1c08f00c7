import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Permits, Waiter } from "./permits.ts"

/** Waiters that note in which order they were served and displaced. */
function line(permits: Permits) {
  const served: string[] = []
  const displaced: string[] = []
  const waiters = new Map<string, Waiter>()
  const join = (name: string): boolean => {
    const waiter = new Waiter(
      () => served.push(name) > 0,
      () => displaced.push(name),
    )
    waiters.set(name, waiter)
    return permits.enqueue(waiter)
  }
  const leave = (name: string): void => {
    const waiter = waiters.get(name)
    if (waiter !== undefined) permits.leave(waiter)
  }
  return { served, displaced, join, leave }
}

describe("permits", () => {
  test("are given out up to the limit, and again when they come back", () => {
    const permits = new Permits(2, 0, "fifo")
    expect([permits.take(), permits.take(), permits.take()]).toEqual([true, true, false])
    permits.release()
    expect([permits.take(), permits.take(), permits.inFlight]).toEqual([true, false, 2])
  })

  test("go to the one that waits longest, who cannot be overtaken", () => {
    const permits = new Permits(1, 9, "fifo")
    const { served, join } = line(permits)
    permits.take()
    for (const name of ["a", "b", "c"]) join(name)
    permits.release()
    expect([served, permits.take(), permits.inFlight, permits.queued]).toEqual([["a"], false, 1, 2])
  })

  test("go to the newest where that is asked for", () => {
    const permits = new Permits(1, 9, "lifo")
    const { served, join } = line(permits)
    permits.take()
    for (const name of ["a", "b", "c"]) join(name)
    for (let i = 0; i < 3; i++) permits.release()
    expect(served).toEqual(["c", "b", "a"])
  })

  test("are given to several at once when there are more of them, and to nobody while there are too few", () => {
    const permits = new Permits(3, 9, "fifo")
    const { served, join } = line(permits)
    for (let i = 0; i < 3; i++) permits.take()
    for (const name of ["a", "b", "c", "d"]) join(name)
    permits.resize(1)
    permits.release()
    permits.release()
    expect([served, permits.inFlight]).toEqual([[], 1])
    permits.resize(4)
    expect([served, permits.inFlight, permits.queued]).toEqual([["a", "b", "c"], 4, 1])
  })

  test("pass through 10,000 that give them back at once, without a stack that deep", () => {
    const permits = new Permits(1, 10_000, "fifo")
    let served = 0
    const take = (): boolean => {
      served++
      permits.release()
      return true
    }
    permits.take()
    for (let i = 0; i < 10_000; i++) permits.enqueue(new Waiter(take, () => {}))
    permits.release()
    expect([served, permits.inFlight, permits.queued]).toEqual([10_000, 0, 0])
  })
})

describe("the queue", () => {
  test("passes a permit on that is declined", () => {
    const permits = new Permits(1, 9, "fifo")
    const { served, join } = line(permits)
    permits.take()
    for (let i = 0; i < 3; i++) permits.enqueue(new Waiter(() => false, fail))
    join("a")
    permits.release()
    expect([served, permits.inFlight, permits.queued]).toEqual([["a"], 1, 0])
  })

  test("takes no more than its size", () => {
    const permits = new Permits(1, 2, "fifo")
    const { join } = line(permits)
    expect(["a", "b", "c"].map(join)).toEqual([true, true, false])
    expect(new Permits(1, 0, "lifo").enqueue(new Waiter(fail, fail))).toBe(false)
  })

  test("of the newest first drops the one that waits longest when it is full", () => {
    const permits = new Permits(1, 2, "lifo")
    const { served, displaced, join } = line(permits)
    permits.take()
    expect(["a", "b", "c"].map(join)).toEqual([true, true, true])
    permits.release()
    permits.release()
    permits.release()
    expect([served, displaced, permits.queued]).toEqual([["c", "b"], ["a"], 0])
  })

  test("can be left from any place, twice without harm", () => {
    const permits = new Permits(1, 9, "fifo")
    const { served, join, leave } = line(permits)
    permits.take()
    for (const name of ["a", "b", "c", "d", "e"]) join(name)
    for (const name of ["c", "a", "e", "c"]) leave(name)
    expect(permits.queued).toBe(2)
    for (let i = 0; i < 3; i++) permits.release()
    leave("b")
    expect([served, permits.inFlight, permits.queued]).toEqual([["b", "d"], 0, 0])
  })

  test("does what a plain list would, whatever happens in it", () => {
    const step = fc.record({ what: fc.constantFrom("come", "leave", "release", "resize"), which: fc.nat(20) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.constantFrom("fifo", "lifo"), (steps, order) => {
        const permits = new Permits(2, 5, order)
        const { served, displaced, join, leave } = line(permits)
        const list = {
          limit: 2,
          inFlight: 0,
          waiting: [] as string[],
          served: [] as string[],
          displaced: [] as string[],
        }
        const grant = (): void => {
          while (list.inFlight < list.limit && list.waiting.length > 0) {
            list.served.push((order === "fifo" ? list.waiting.shift() : list.waiting.pop()) ?? "")
            list.inFlight++
          }
        }
        const joined: boolean[] = []
        for (const [index, { what, which }] of steps.entries()) {
          const name = `${index}`
          const other = list.waiting[which % Math.max(1, list.waiting.length)]
          if (what === "come" && !permits.take()) {
            const isFull = list.waiting.length >= 5
            joined.push(join(name) === (!isFull || order === "lifo"))
            if (isFull && order === "lifo") list.displaced.push(list.waiting.shift() ?? "")
            if (!isFull || order === "lifo") list.waiting.push(name)
          } else if (what === "come") list.inFlight++
          else if (what === "leave" && other !== undefined) {
            leave(other)
            list.waiting = list.waiting.filter((waiting) => waiting !== other)
          } else if (what === "release" && list.inFlight > 0) {
            list.inFlight--
            grant()
            permits.release()
          } else if (what === "resize") {
            list.limit = 1 + (which % 4)
            grant()
            permits.resize(list.limit)
          }
          expect([permits.inFlight, permits.queued]).toEqual([list.inFlight, list.waiting.length])
        }
        expect([served, displaced, joined.includes(false)]).toEqual([list.served, list.displaced, false])
      }),
    )
  })
})

function fail(): never {
  throw new Error("nobody was to be told")
}
