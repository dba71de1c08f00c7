import { describe, expect, test } from "vitest"
import { better, EndpointHealth } from "./endpoint-health.ts"

const health = (): EndpointHealth => new EndpointHealth({ ejectAfter: 3, ejectMs: 1000, maxEjectMs: 2500 })
const never = (): number => 0

describe("an ejection", () => {
  test("is due after so many failures in a row, and a success starts them anew", () => {
    const endpoint = health()
    const isFailing = [true, true, false, true, true, true].map((failed) => {
      endpoint.note(failed, 0)
      return endpoint.isFailing
    })
    expect(isFailing).toEqual([false, false, false, false, false, true])
    expect(endpoint.failuresInARow).toBe(3)
  })

  test("lasts longer each time in a row, up to its bound", () => {
    const endpoint = health()
    const lasts = [0, 5000, 9000].map((nowMs) => {
      endpoint.eject(nowMs, never)
      return (endpoint.returnsAt ?? 0) - nowMs
    })
    expect(lasts).toEqual([1000, 2000, 2500])
    expect([endpoint.ejections, endpoint.era]).toEqual([3, 3])
  })

  test("is shorter by up to a fifth, by chance", () => {
    const endpoint = health()
    endpoint.eject(0, () => 0.5)
    expect(endpoint.returnsAt).toBe(900)
  })

  test("is forgiven for each of its lengths that went well since", () => {
    const endpoint = health()
    for (const nowMs of [0, 1000]) endpoint.eject(nowMs, never)
    endpoint.readmit(3000)
    endpoint.eject(4999, never)
    expect(endpoint.ejections).toBe(2)
    endpoint.readmit(7000)
    endpoint.eject(7999, never)
    expect(endpoint.ejections).toBe(3)
    endpoint.readmit(10_000)
    endpoint.eject(90_000, never)
    expect(endpoint.ejections).toBe(1)
  })

  test("ends without what was held against it", () => {
    const endpoint = health()
    for (let count = 0; count < 3; count++) endpoint.note(true, 0)
    endpoint.eject(0, never)
    expect([endpoint.isEjected, endpoint.isSound(99_999)]).toEqual([true, false])
    endpoint.readmit(1000)
    expect([endpoint.isEjected, endpoint.isSound(1000), endpoint.isFailing]).toEqual([false, true, false])
    expect(endpoint.failures.suspected(1000)).toBe(0)
  })
})

test("an endpoint that asked for rest is sound again when that is over", () => {
  const endpoint = health()
  endpoint.restsUntil = 500
  expect([499, 500].map((nowMs) => endpoint.isSound(nowMs))).toEqual([false, true])
})

describe("the better of two", () => {
  const measured = (latencyMs: number, failures: readonly boolean[] = []): EndpointHealth => {
    const endpoint = health()
    endpoint.latency.note(latencyMs, 0)
    for (const failed of failures) endpoint.note(failed, 0)
    return endpoint
  }

  function expectBetter(one: EndpointHealth, other: EndpointHealth): void {
    expect(better(one, other, 0)).toBe(one)
    expect(better(other, one, 0)).toBe(one)
  }

  test("fails clearly less, however slow it is", () => {
    expectBetter(measured(500), measured(10, [true]))
  })

  test("answers sooner, where they fail alike", () => {
    expectBetter(measured(10, [true, ...Array.from({ length: 6 }, () => false)]), measured(11))
    expectBetter(measured(10), measured(11))
  })

  test("has less to do, where both are as fast", () => {
    const busy = measured(10)
    busy.pending = 1
    expectBetter(measured(19), busy)
    expectBetter(busy, measured(21))
  })

  test("is the one of unknown speed, unless an attempt is finding out", () => {
    const unknown = health()
    expectBetter(unknown, measured(1))
    unknown.pending = 1
    expectBetter(measured(5000), unknown)
  })

  test("is the one with less under way where neither's speed is known", () => {
    const [one, other] = [health(), health()]
    expect(better(one, other, 0)).toBe(one)
    one.pending = 1
    other.pending = 1
    expect(better(one, other, 0)).toBe(one)
    one.pending = 2
    expectBetter(other, one)
  })
})
