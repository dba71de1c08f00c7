import { seededRandom } from "@steadfetch/testing"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { EndpointHealth, type Sign } from "./endpoint-health.ts"
import { EndpointPool, type Preference, type Ticket } from "./endpoint-pool.ts"

const NONE: ReadonlySet<EndpointHealth> = new Set()
const numbers = { ejectAfter: 5, ejectMs: 30_000, maxEjectMs: 300_000 }

function poolOf(size: number, preference: Preference): EndpointPool {
  return new EndpointPool(
    Array.from({ length: size }, () => new EndpointHealth(numbers)),
    preference,
  )
}

/** How an endpoint of a simulation answers what is asked of it at an instant. */
interface Behaviour {
  readonly latencyMs: (random: () => number, nowMs: number) => number
  readonly failureRatio: (nowMs: number) => number
}

const steady = (latencyMs: number, failureRatio = 0): Behaviour => ({
  latencyMs: (random) => latencyMs * (0.75 + random() / 2),
  failureRatio: () => failureRatio,
})

/** The share that each endpoint gets of `count` requests that come at random, so many per second, from `fromMs` on. */
function shares(
  behaviours: readonly Behaviour[],
  { perSecond = 100, count = 10_000, fromMs = 0, preference = "fastest", seed = 1, ejections = [] as number[] } = {},
): number[] {
  const random = seededRandom(seed)
  const pool = poolOf(behaviours.length, preference as Preference)
  const got = behaviours.map(() => 0)
  let underWay: { readonly endsAt: number; readonly end: () => void }[] = []
  let nowMs = 0
  for (let made = 0; made < count;) {
    nowMs += (-Math.log(1 - random()) * 1000) / perSecond
    for (const { end } of underWay.filter(({ endsAt }) => endsAt <= nowMs).toSorted((a, b) => a.endsAt - b.endsAt))
      end()
    underWay = underWay.filter(({ endsAt }) => endsAt > nowMs)
    const member = pool.choose(nowMs, NONE, NONE, random)
    const index = pool.members.findIndex((other) => other === member)
    const behaviour = behaviours[index]
    if (member === undefined || behaviour === undefined) throw new Error("nobody was chosen")
    if (nowMs >= fromMs) {
      got[index] = (got[index] ?? 0) + 1
      made++
    }
    const ticket = pool.start(member, nowMs)
    const endsAt = nowMs + behaviour.latencyMs(random, nowMs)
    const sign = random() < behaviour.failureRatio(nowMs) ? "failure" : "success"
    const end = (): void => {
      member.pending--
      if (pool.settle(member, sign, ticket, endsAt, random)?.state === "ejected") ejections.push(index)
    }
    underWay.push({ endsAt, end })
  }
  return got.map((part) => part / count)
}

describe("the shares of endpoints that are chosen by speed", () => {
  test.each([2, 3, 5])("are equal for %i equal ones", (size) => {
    for (const perSecond of [2, 50, 1000]) {
      for (const share of shares(
        Array.from({ length: size }, () => steady(40)),
        { perSecond },
      )) {
        expect(share).toBeGreaterThan(0.8 / size)
        expect(share).toBeLessThan(1.2 / size)
      }
    }
  })

  test("are smaller for slow ones", () => {
    for (const perSecond of [5, 50, 500]) {
      const [fast = 0, slow = 1] = shares([steady(20), steady(200)], { perSecond })
      expect(slow).toBeLessThan(0.2)
      expect(fast).toBeGreaterThan(0.8)
      expect(slow).toBeGreaterThan(0)
    }
  })

  test("are smaller for one that fails now and then", () => {
    const [well = 0, flaky = 1] = shares([steady(20), steady(20, 0.3)])
    expect(flaky).toBeLessThan(well / 2)
  })

  test("are not larger for one that fails quickly", () => {
    const [well = 0, broken = 1] = shares([steady(200), steady(1, 0.9)])
    expect(broken).toBeLessThan(0.02)
    expect(well).toBeGreaterThan(0.98)
  })

  test("do not rest on times that tell nothing: a failure may be quick, and an attempt be ended too soon", () => {
    const pool = poolOf(1, "fastest")
    const [member] = pool.members as [EndpointHealth]
    pool.settle(member, "success", pool.start(member, 0), 100, () => 0)
    pool.settle(member, "failure", pool.start(member, 100), 101, () => 0)
    pool.settle(member, "nothing", pool.start(member, 100), 110, () => 0)
    expect(member.latency.at(110)).toBeGreaterThan(99)
    pool.settle(member, "nothing", pool.start(member, 110), 610, () => 0)
    expect(member.latency.at(610)).toBe(500)
  })

  test("come back to one that was slow for a while", () => {
    const recovering: Behaviour = { latencyMs: (_, nowMs) => (nowMs < 20_000 ? 2000 : 20), failureRatio: () => 0 }
    const [, share = 0] = shares([steady(20), recovering], { fromMs: 80_000, count: 5000 })
    expect(share).toBeGreaterThan(0.35)
  })

  test("are not flooded where nothing is known: one attempt at a time finds out", () => {
    const random = seededRandom(1)
    const pool = poolOf(2, "fastest")
    const [known] = pool.members as [EndpointHealth, EndpointHealth]
    pool.settle(known, "success", pool.start(known, 0), 30, random)
    const chosen = Array.from({ length: 20 }, () => {
      const member = pool.choose(30, NONE, NONE, random)
      if (member !== undefined) pool.start(member, 30)
      return member
    })
    expect(chosen.filter((member) => member !== known).length).toBe(1)
  })
})

describe("a dead endpoint gets less than 2 % once it is ejected", () => {
  const fromMs = 1000

  test.each(["first", "fastest"] as const)("when the %s is preferred", (preference) => {
    for (const size of [2, 3]) {
      const others = Array.from({ length: size - 1 }, () => steady(20))
      const [dead = 1] = shares([steady(20, 1), ...others], { preference, fromMs })
      expect(dead).toBeLessThan(0.02)
    }
  })

  test("and all of it when it is well again, in the order of preference", () => {
    const healing: Behaviour = { latencyMs: () => 20, failureRatio: (nowMs) => (nowMs < 60_000 ? 1 : 0) }
    const [share] = shares([healing, steady(20)], { preference: "first", fromMs: 200_000, count: 2000 })
    expect(share).toBe(1)
  })
})

describe("an outlier", () => {
  /** Each endpoint that is ejected, and why, where the n-th fails one attempt in so many: 0 for none. */
  function ejected(...failsEvery: readonly number[]): Map<number, string> {
    const pool = poolOf(failsEvery.length, "fastest")
    const found = new Map<number, string>()
    for (let count = 1; count <= 100; count++) {
      pool.members.forEach((member, index) => {
        const every = failsEvery[index] ?? 0
        const sign = every > 0 && count % every === 0 ? "failure" : "success"
        const change = pool.settle(member, sign, pool.start(member, count), count, () => 0)
        if (change?.state === "ejected") found.set(index, change.why)
      })
    }
    return found
  }

  test("is ejected, though it never fails five times in a row", () => {
    expect([...ejected(2, 0, 0)]).toEqual([[0, "far more of its attempts fail than of the others'"]])
    expect([...ejected(10, 12, 2, 11).keys()]).toEqual([2])
  })

  test.each([
    ["all fail alike", [2, 2, 2]],
    ["it fails a little more than the others", [6, 0, 0]],
    ["the others differ as much among themselves", [2, 0, 2, 0]],
    ["there are but two: which of them is the odd one?", [2, 0]],
    ["nothing fails", [0, 0, 0]],
  ])("is none where %s", (_, failsEvery) => {
    expect([...ejected(...failsEvery)]).toEqual([])
  })

  test("is none before there are twenty results of each", () => {
    const pool = poolOf(3, "fastest")
    const [odd, ...others] = pool.members as [EndpointHealth, ...EndpointHealth[]]
    for (let count = 0; count < 19; count++) {
      for (const other of others) pool.settle(other, "success", pool.start(other, 0), 0, () => 0)
      pool.settle(odd, count % 2 === 0 ? "failure" : "success", pool.start(odd, 0), 0, () => 0)
    }
    expect(odd.isEjected).toBe(false)
    for (const member of pool.members) pool.settle(member, "success", pool.start(member, 0), 0, () => 0)
    pool.settle(odd, "failure", pool.start(odd, 0), 0, () => 0)
    expect(odd.isEjected).toBe(true)
  })
})

/** One thing that happens: an attempt begins, one ends, an endpoint asks for rest, time passes. */
const event = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("begin" as const), bar: fc.nat(7), avoid: fc.nat(7) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      which: fc.nat(20),
      sign: fc.constantFrom<Sign>("success", "failure", "failure", "failure", "nothing"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("rest" as const), which: fc.nat(2), restMs: fc.nat(60_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("pass" as const), passedMs: fc.nat(120_000) }) },
)

test("whatever happens: never all are ejected, one probe at a time, nothing barred is chosen, and all ends at 0", () => {
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 150, size: "max" }),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom<Preference>("first", "fastest"),
      fc.integer(),
      (events, size, preference, seed) => {
        const random = seededRandom(seed)
        const pool = poolOf(size, preference)
        const some = (mask: number): Set<EndpointHealth> =>
          new Set(pool.members.filter((_, index) => (mask & (1 << index)) !== 0))
        const underWay: { readonly member: EndpointHealth; readonly ticket: Ticket }[] = []
        const wrong: unknown[] = []
        let nowMs = 0
        const end = (which: number, sign: Sign): void => {
          const [ended] = underWay.splice(which % underWay.length, 1)
          if (ended === undefined) return
          pool.settle(ended.member, sign, ended.ticket, nowMs, random)
          ended.member.pending--
        }
        for (const happening of events) {
          if (happening.kind === "pass") nowMs += happening.passedMs
          else if (happening.kind === "end") end(happening.which, happening.sign)
          else if (happening.kind === "rest") {
            const member = pool.members[happening.which % size]
            if (member !== undefined) member.restsUntil = nowMs + happening.restMs
          } else {
            const barred = some(happening.bar)
            const member = pool.choose(nowMs, barred, some(happening.avoid), random)
            const left = pool.members.filter((other) => !barred.has(other))
            // None is chosen only where all that is left is being probed.
            const isRight = member === undefined ? left.every(({ isProbed }) => isProbed) : left.includes(member)
            if (!isRight) wrong.push(happening)
            if (member !== undefined) underWay.push({ member, ticket: pool.start(member, nowMs) })
          }
          expect(wrong).toEqual([])
          expect(pool.members.some(({ isEjected }) => !isEjected)).toBe(true)
          for (const one of pool.members) {
            const probes = underWay.filter(({ member, ticket }) => member === one && ticket.isProbe)
            expect(probes.length).toBe(one.isProbed ? 1 : 0)
            expect(one.returnsAt ?? nowMs).toBeLessThanOrEqual(nowMs + 300_000)
          }
        }
        while (underWay.length > 0) end(0, "nothing")
        expect(pool.members.map(({ pending, isProbed }) => [pending, isProbed])).toEqual(
          pool.members.map(() => [0, false]),
        )
      },
    ),
    { numRuns: 500 },
  )
})
