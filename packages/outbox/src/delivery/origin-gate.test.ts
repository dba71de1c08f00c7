import { seededRandom } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import { OriginGate, type GateOptions, type Sign } from "./origin-gate.ts"

const served: Sign = { kind: "served" }
const failed: Sign = { kind: "failed" }

/** A gate and its time. */
function staged(options: Partial<GateOptions> = {}): {
  gate: OriginGate
  at: (now: number) => void
  send: (sign: Sign) => void
  room: () => number
  pass: (ms: number) => void
  now: () => number
} {
  let now = 0
  const gate = new OriginGate({ perOrigin: 8, perSecond: undefined, random: seededRandom(1), ...options }, now)
  return {
    gate,
    at: (later) => {
      now = later
    },
    pass: (ms) => {
      now += ms
    },
    send: (sign) => {
      gate.take(now)
      gate.ended(sign, now)
    },
    room: () => gate.room(now),
    now: () => now,
  }
}

const state = (gate: OriginGate, now: number): string => gate.status(now, now).state

test("so many are sent to an origin at the same time as are allowed", () => {
  const { gate, room } = staged({ perOrigin: 3 })
  expect(room()).toBe(3)
  gate.take(0)
  gate.take(0)
  expect(room()).toBe(1)
  gate.take(0)
  expect(room()).toBe(0)
  expect(gate.opensAt(0)).toBe(Number.POSITIVE_INFINITY)
  gate.ended(served, 0)
  expect(room()).toBe(1)
})

test("a pace lets a tenth of a second's worth go at once, and then one after the other", () => {
  const { gate, room, pass } = staged({ perOrigin: 100, perSecond: 20 })
  expect(room()).toBe(2)
  gate.take(0)
  gate.take(0)
  expect(room()).toBe(0)
  expect(gate.opensAt(0)).toBe(50)
  pass(50)
  expect(room()).toBe(1)
})

describe("an outage", () => {
  test("begins with the fifth failure in a row, not with failures between successes", () => {
    const { gate, send, now } = staged()
    for (let count = 0; count < 20; count++) send(count % 5 === 4 ? served : failed)
    expect(state(gate, now())).toBe("open")
    for (let count = 0; count < 5; count++) send(failed)
    expect(state(gate, now())).toBe("probing")
  })

  test("is probed by one at a time, at times that grow up to a minute and are never the same", () => {
    const { gate, send, room, at } = staged()
    for (let count = 0; count < 5; count++) send(failed)
    const waits: number[] = []
    for (let now = 0, count = 0; count < 12; count++) {
      expect(room()).toBe(0)
      const opensAt = gate.opensAt(now)
      waits.push(opensAt - now)
      at(opensAt - 1)
      expect(room()).toBe(0)
      now = opensAt
      at(now)
      expect(room()).toBe(1)
      gate.take(now)
      expect([room(), gate.opensAt(now)]).toEqual([0, Number.POSITIVE_INFINITY])
      gate.ended(failed, now)
    }
    waits.forEach((wait, index) => {
      const most = Math.min(60_000, 1000 * 2 ** index)
      expect(wait).toBeGreaterThanOrEqual(most / 2)
      expect(wait).toBeLessThanOrEqual(most)
    })
    expect(new Set(waits).size).toBe(waits.length)
  })

  test("ends with a success; then more are sent with each further one", () => {
    const { gate, send, room, at, now } = staged()
    for (let count = 0; count < 5; count++) send(failed)
    at(gate.opensAt(0))
    const rooms: number[] = []
    for (let count = 0; count < 3; count++) {
      send(served)
      rooms.push(room())
    }
    expect(rooms).toEqual([2, 4, 8])
    expect(state(gate, now())).toBe("open")
  })

  test("goes on with the first failure after it", () => {
    const { gate, send, at, now } = staged()
    for (let count = 0; count < 5; count++) send(failed)
    at(gate.opensAt(0))
    send(served)
    expect(state(gate, now())).toBe("recovering")
    send(failed)
    expect(state(gate, now())).toBe("probing")
  })

  test("is not prolonged by what was under way when it began", () => {
    const { gate, send, now } = staged()
    gate.take(0)
    for (let count = 0; count < 5; count++) send(failed)
    const opensAt = gate.opensAt(now())
    gate.ended(failed, now())
    expect(gate.opensAt(now())).toBe(opensAt)
  })
})

describe("a pause", () => {
  test("lasts as long as the server asked, and a little longer", () => {
    const { gate, send, room, at } = staged()
    send({ kind: "none", pauseMs: 10_000 })
    expect(gate.status(0, 500)).toMatchObject({ state: "paused", concurrency: 1 })
    at(9999)
    expect(room()).toBe(0)
    const opensAt = gate.opensAt(9999)
    expect(opensAt).toBeGreaterThanOrEqual(10_000)
    expect(opensAt).toBeLessThanOrEqual(11_000)
    at(opensAt)
    expect(room()).toBe(1)
  })

  test("is not cut short by a success that was under way, nor by a shorter one", () => {
    const { gate, send, now } = staged()
    gate.take(0)
    send({ kind: "none", pauseMs: 10_000 })
    const opensAt = gate.opensAt(now())
    gate.ended({ kind: "none", pauseMs: 100 }, now())
    expect(gate.opensAt(now())).toBe(opensAt)
    send(served)
    expect(gate.isClosed).toBe(true)
  })

  test("of more than an hour is broken by a probe each hour", () => {
    const { gate, send, now } = staged()
    send({ kind: "failed", pauseMs: 1e12 })
    expect(gate.opensAt(now())).toBeLessThanOrEqual(3_605_000)
  })
})

describe("what has piled up", () => {
  /** Sends one a second for so long, then an outage of ten minutes, then the probe that ends it. */
  function recovered(usualMs: number, options: Partial<GateOptions> = {}): ReturnType<typeof staged> {
    const stage = staged(options)
    for (let now = 0; now < usualMs; now += 1000) {
      stage.at(now)
      stage.send(served)
    }
    for (let count = 0; count < 5; count++) stage.send(failed)
    stage.pass(600_000)
    for (let count = 0; count < 4; count++) stage.send(served)
    return stage
  }

  test("goes at 15 % above the usual rate", () => {
    const { gate, now } = recovered(1_800_000)
    expect(gate.status(now(), 0).perSecond).toBeCloseTo(1.15, 1)
    expect(state(gate, now())).toBe("recovering")
  })

  test("goes at one a second where the usual rate is not known, and 20 % faster each minute", () => {
    const { gate, now, pass, room } = recovered(30_000)
    expect(gate.status(now(), 0).perSecond).toBe(1)
    pass(60_000)
    room()
    expect(gate.status(now(), 0).perSecond).toBeCloseTo(1.2)
    pass(60_000)
    room()
    expect(gate.status(now(), 0).perSecond).toBeCloseTo(1.44)
  })

  test("goes faster than the usual rate when that does not make it fewer", () => {
    const { gate, now, pass, room } = recovered(1_800_000)
    expect(gate.wantsCount(now())).toBe(true)
    gate.counted(1000, now())
    expect(gate.wantsCount(now())).toBe(false)
    pass(600_000)
    gate.counted(999, now())
    pass(600_000)
    room()
    expect(gate.status(now(), 0).perSecond).toBeCloseTo(1.15, 1)
    gate.counted(1200, now())
    pass(60_000)
    room()
    expect(gate.status(now(), 0).perSecond).toBeCloseTo(1.38, 1)
  })

  test("is gone when nothing more is due and nothing under way", () => {
    const { gate, now } = recovered(1_800_000)
    gate.take(now())
    gate.emptied(now())
    expect(state(gate, now())).toBe("recovering")
    gate.ended(served, now())
    gate.emptied(now())
    expect(gate.status(now(), 0)).toMatchObject({ state: "open", perSecond: undefined, concurrency: 8 })
  })

  test("goes at the pace that was set, where one was", () => {
    const { gate, now } = recovered(1_800_000, { perSecond: 50 })
    expect(gate.status(now(), 0)).toMatchObject({ state: "open", perSecond: 50 })
  })

  test("of less than a minute goes as it comes", () => {
    const { gate, send, at, now } = staged()
    for (let count = 0; count < 5; count++) send(failed)
    at(50_000)
    for (let count = 0; count < 4; count++) send(served)
    expect(gate.status(now(), 0)).toMatchObject({ state: "open", perSecond: undefined })
  })
})

test("a gate is idle when it is open and was not used for long", () => {
  const { gate, send } = staged()
  send(served)
  expect([gate.isIdle(999, 1000), gate.isIdle(1000, 1000)]).toEqual([false, true])
  for (let count = 0; count < 5; count++) send(failed)
  expect(gate.isIdle(1e9, 1000)).toBe(false)
})
