import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Circuit, REFUSED, type CircuitNumbers, type CircuitState } from "./circuit.ts"

const usual: CircuitNumbers = {
  windowMs: 10_000,
  minAttempts: 10,
  failureRatio: 0.5,
  slowRatio: 0.5,
  probes: 1,
  openMs: 1000,
  maxOpenMs: 6000,
}

/** Chance at its upper end, so that an opening lasts its whole time. */
const longest = (): number => 1

/** Attempts that end where they begin. */
function attempts(circuit: Circuit, count: number, failed: boolean, at = 0, slow = false): void {
  for (let attempt = 0; attempt < count; attempt++) circuit.settle(circuit.admit(at), failed, slow, at, longest)
}

function opened(numbers: Partial<CircuitNumbers> = {}): Circuit {
  const circuit = new Circuit({ ...usual, ...numbers })
  attempts(circuit, 10, true)
  return circuit
}

describe("a closed circuit", () => {
  test("opens at its ratio, told by its numbers", () => {
    const circuit = new Circuit(usual)
    attempts(circuit, 6, false)
    attempts(circuit, 5, true)
    expect(circuit.state).toBe("closed")
    attempts(circuit, 1, true)
    const numbers = { attempts: 12, failures: 6, slow: 0, openMs: 1000 }
    expect([circuit.state, circuit.turn]).toEqual(["open", { why: "6 of 12 attempts failed", numbers }])
  })

  test("does not open below its least volume", () => {
    const circuit = new Circuit(usual)
    attempts(circuit, 9, true)
    expect(circuit.state).toBe("closed")
    attempts(circuit, 1, true)
    expect(circuit.state).toBe("open")
  })

  test("does not open with a success, even one that completes the volume", () => {
    const circuit = new Circuit(usual)
    attempts(circuit, 9, true)
    attempts(circuit, 1, false)
    expect(circuit.state).toBe("closed")
  })

  test("remembers nothing after ten idle minutes", () => {
    const circuit = new Circuit(usual)
    attempts(circuit, 9, true)
    attempts(circuit, 9, true, 600_000)
    expect(circuit.state).toBe("closed")
  })

  test("opens when enough attempts are slow, failed or not", () => {
    const circuit = new Circuit({ ...usual, failureRatio: 0.8 })
    attempts(circuit, 5, false)
    attempts(circuit, 3, true, 0, true)
    attempts(circuit, 2, false, 0, true)
    expect([circuit.state, circuit.turn.why]).toEqual(["open", "5 of 10 attempts were slow"])
  })
})

describe("an open circuit", () => {
  test("refuses until its time is over", () => {
    const circuit = opened()
    expect([circuit.admit(999), circuit.state, circuit.probeAt]).toEqual([REFUSED, "open", 1000])
    expect([circuit.admit(1000) === REFUSED, circuit.state]).toEqual([false, "half-open"])
  })

  test("stays so for half of its time at least", () => {
    const circuit = new Circuit(usual)
    for (let count = 0; count < 10; count++) circuit.settle(circuit.admit(0), true, false, 0, () => 0)
    expect(circuit.probeAt).toBe(500)
  })

  test("doubles its time with every opening in a row, up to its bound, and starts over after a recovery", () => {
    const circuit = opened()
    const lastedMs: number[] = []
    for (const failed of [true, true, true, true, false]) {
      lastedMs.push(circuit.turn.numbers.openMs)
      attempts(circuit, 1, failed, circuit.probeAt)
    }
    expect([lastedMs, circuit.state]).toEqual([[1000, 2000, 4000, 6000, 6000], "closed"])
    attempts(circuit, 10, true, 100_000)
    expect(circuit.turn.numbers.openMs).toBe(1000)
  })

  test("takes no notice of attempts that began before it opened", () => {
    const circuit = new Circuit(usual)
    const early = [circuit.admit(0), circuit.admit(0), circuit.admit(0)] as const
    attempts(circuit, 10, true)
    const late = (ticket: number, failed: boolean, at: number): boolean =>
      circuit.settle(ticket, failed, false, at, longest)
    expect([late(early[0], false, 10), circuit.state, circuit.probeAt]).toEqual([false, "open", 1000])
    const probe = circuit.admit(1000)
    expect([late(early[1], true, 1001), late(early[2], false, 1001), circuit.state]).toEqual([
      false, false, "half-open",
    ]) // prettier-ignore
    expect([late(probe, false, 1002), circuit.state]).toEqual([true, "closed"])
  })
})

describe("a half-open circuit", () => {
  const admitted = (circuit: Circuit, count: number, at: number): readonly number[] =>
    Array.from({ length: count }, () => circuit.admit(at)).filter((ticket) => ticket !== REFUSED)

  test("lets through as many as it has probes, and closes when all of them succeeded", () => {
    const circuit = opened({ probes: 3 })
    const tickets = admitted(circuit, 50, 1000)
    expect(tickets.length).toBe(3)
    for (const ticket of tickets) {
      expect([circuit.state, circuit.admit(1001)]).toEqual(["half-open", REFUSED])
      circuit.settle(ticket, false, false, 1001, longest)
    }
    expect([circuit.state, circuit.turn.why]).toEqual(["closed", "3 probes succeeded"])
  })

  test("opens with the first probe that fails, and the others decide nothing any more", () => {
    const circuit = opened({ probes: 3 })
    const [first = 0, second = 0, third = 0] = admitted(circuit, 3, 1000)
    circuit.settle(first, false, false, 1001, longest)
    circuit.settle(second, true, false, 1002, longest)
    expect([circuit.state, circuit.turn.why, circuit.probeAt]).toEqual(["open", "a probe failed", 3002])
    expect(circuit.settle(third, false, false, 1003, longest)).toBe(false)
    expect([circuit.state, admitted(circuit, 50, 3002).length]).toEqual(["open", 3])
  })

  test("tells the numbers of its own probes, not of those before", () => {
    const circuit = opened({ probes: 2 })
    const told: unknown[] = []
    for (const outcomes of [[false, true], [true], [false, false]]) {
      const { probeAt } = circuit
      for (const failed of outcomes) attempts(circuit, 1, failed, probeAt)
      const { attempts: ended, failures, openMs } = circuit.turn.numbers
      told.push([circuit.state, ended, failures, openMs])
    }
    expect(told).toEqual([
      ["open", 2, 1, 2000],
      ["open", 1, 1, 4000],
      ["closed", 2, 0, 4000],
    ])
  })

  test("opens when a probe was slow", () => {
    const circuit = opened()
    attempts(circuit, 1, false, 1000, true)
    expect([circuit.state, circuit.turn.why]).toEqual(["open", "a probe was slow"])
  })

  test("gives the place of a probe that tells nothing to another", () => {
    const circuit = opened()
    const [lost = 0] = admitted(circuit, 2, 1000)
    expect([circuit.release(lost), circuit.state, admitted(circuit, 2, 1001).length]).toEqual([true, "half-open", 1])
  })

  test("gives no place for an attempt that began before", () => {
    const circuit = new Circuit(usual)
    const early = circuit.admit(0)
    attempts(circuit, 10, true)
    admitted(circuit, 1, 1000)
    expect([circuit.release(early), admitted(circuit, 5, 1001).length]).toEqual([false, 0])
  })

  test("is not held up for ever by a probe of which nothing is heard again", () => {
    const circuit = opened()
    const [silent = 0] = admitted(circuit, 1, 1000)
    expect([admitted(circuit, 5, 6999).length, admitted(circuit, 5, 7000).length]).toEqual([0, 1])
    expect([circuit.settle(silent, false, false, 7001, longest), circuit.state]).toEqual([true, "closed"])
  })

  test("starts with an empty window when it has closed", () => {
    const circuit = opened()
    attempts(circuit, 1, false, 1000)
    attempts(circuit, 9, true, 1000)
    expect(circuit.state).toBe("closed")
    attempts(circuit, 1, true, 1000)
    expect([circuit.state, circuit.turn.numbers.attempts]).toEqual(["open", 10])
  })
})

const LEGAL: Record<CircuitState, readonly CircuitState[]> = {
  closed: ["closed", "open"],
  open: ["open", "half-open"],
  "half-open": ["half-open", "open", "closed"],
}

test("whatever happens in whatever order, it takes legal steps only, for reasons that hold", () => {
  const step = fc.record({
    afterMs: fc.oneof(fc.nat(50), fc.nat(3000), fc.nat(30_000)),
    begins: fc.boolean(),
    which: fc.nat(),
    end: fc.constantFrom("ok", "ok", "failed", "failed", "slow", "nothing"),
    chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  })
  const numbers = fc.record({
    windowMs: fc.constantFrom(1, 1000, 10_000),
    minAttempts: fc.integer({ min: 1, max: 8 }),
    failureRatio: fc.constantFrom(0.01, 0.3, 0.5, 1),
    slowRatio: fc.constantFrom(0.3, 1, Number.POSITIVE_INFINITY),
    probes: fc.integer({ min: 1, max: 4 }),
    openMs: fc.integer({ min: 1, max: 5000 }),
    maxOpenMs: fc.integer({ min: 5000, max: 20_000 }),
  })
  fc.assert(
    fc.property(numbers, fc.array(step, { maxLength: 200 }), (given, steps) => {
      const circuit = new Circuit(given)
      const wrong: string[] = []
      const claim = (holds: boolean, what: string): unknown => holds || wrong.push(what)
      const underWay: { ticket: number; sinceMs: number; isProbe: boolean }[] = []
      let [now, settledSinceClosed] = [0, 0]
      let before = circuit.state
      const watch = (): void => {
        const { state, turn, probeAt } = circuit
        const { attempts, openMs } = turn.numbers
        const [opens, closes] = [state === "open" && before !== "open", state === "closed" && before !== "closed"]
        claim(LEGAL[before].includes(state), `${before} to ${state}`)
        claim(!opens || (probeAt > now && openMs <= given.maxOpenMs), `open for ${openMs} ms`)
        const counted = attempts >= given.minAttempts && attempts <= settledSinceClosed
        claim(!opens || before !== "closed" || counted, `opened after ${attempts} attempts`)
        if (closes) settledSinceClosed = 0
        before = state
      }
      for (const { afterMs, begins, which, end, chance } of steps) {
        now += afterMs
        if (begins) {
          const ticket = circuit.admit(now)
          watch()
          const isProbe = circuit.state === "half-open"
          claim(isProbe || (ticket === REFUSED) === (circuit.state === "open"), `${circuit.state} gave ${ticket}`)
          if (ticket !== REFUSED) underWay.push({ ticket, sinceMs: now, isProbe })
          const probing = underWay.filter((other) => {
            return other.isProbe && other.ticket === ticket && now - other.sinceMs < given.maxOpenMs
          })
          claim(probing.length <= given.probes, `${probing.length} probes under way`)
        } else if (underWay.length > 0) {
          const [{ ticket } = { ticket: REFUSED }] = underWay.splice(which % underWay.length, 1)
          if (before === "closed" && end !== "nothing") settledSinceClosed++
          if (end === "nothing") circuit.release(ticket)
          else circuit.settle(ticket, end === "failed", end === "slow", now, () => chance)
          watch()
        }
      }
      expect(wrong).toEqual([])
      // Whatever it went through, a server that is well closes it again.
      for (const { ticket } of underWay) circuit.release(ticket)
      for (let probe = 0; probe < given.probes && circuit.state !== "closed"; probe++) {
        now = Math.max(now, circuit.probeAt)
        circuit.settle(circuit.admit(now), false, false, now, () => 0)
      }
      expect(circuit.state).toBe("closed")
    }),
    { numRuns: 500 },
  )
})
