import { describe, expect, test } from "vitest"
import { SPIKE } from "../simulation/spike.ts"
import { NO_RETRIES } from "./contenders.ts"
import { failureEnd, flaw, spikeEnd } from "./ends.ts"
import type { Run } from "./run.ts"
import type { FailureScene, SpikeScene } from "./scene.ts"

const START_DATE = 5_000_000
const OBSERVED_MS = 10_000
const END_MS = SPIKE.endsMs + OBSERVED_MS

const spike: SpikeScene = { kind: "spike", perSecond: 10, observedMs: OBSERVED_MS, seed: 1 }
const failures: FailureScene = {
  kind: "failures",
  failureShare: 0.1,
  by: "503",
  perSecond: 10,
  untilMs: 1000,
  seed: 1,
}

/** Ten a second. */
const steady = (fromMs: number, untilMs: number): number[] =>
  Array.from({ length: (untilMs - fromMs) / 100 }, (_, index) => fromMs + index * 100)

interface Numbers {
  begunMs?: number[]
  succeededMs?: number[]
  receivedMs?: number[]
  open?: number
  lateMs?: number
  repliesLateMs?: number
  clientShare?: number
  serverShare?: number
}

function run<S extends SpikeScene | FailureScene>(scene: S, numbers: Numbers): Run<S> {
  const { begunMs = [], succeededMs = [], receivedMs = [], open = 0 } = numbers
  const { lateMs = 1, repliesLateMs = 1, clientShare = 0.1, serverShare = 0.1 } = numbers
  return {
    contender: NO_RETRIES,
    scene,
    drive: { startDate: START_DATE, begunMs, succeededMs, open, lateMs, cpuShare: clientShare },
    service: { receivedAt: receivedMs.map((ms) => START_DATE + ms), lateMs: repliesLateMs, cpuShare: serverShare },
  }
}

describe("a spike's end", () => {
  const calm = steady(0, END_MS)

  test("is the first window from which on goodput is back for good", () => {
    const succeededMs = [...steady(0, SPIKE.endsMs), ...steady(SPIKE.endsMs + 2000, END_MS)]
    const { recoveryS } = spikeEnd(run(spike, { begunMs: calm, succeededMs }), calm)
    // A window may lack 5 % of its 50 successes, which are two.
    expect(recoveryS).toBeCloseTo(1.8)
  })

  test("does not come when goodput stays away", () => {
    const succeededMs = steady(0, SPIKE.endsMs)
    expect(spikeEnd(run(spike, { begunMs: calm, succeededMs }), calm).recoveryS).toBe(Number.POSITIVE_INFINITY)
  })

  test("counts requests and calls from the spike's start to the end of the observation, on one clock", () => {
    const early = steady(0, SPIKE.beginsMs)
    const counted = steady(SPIKE.beginsMs, END_MS)
    const receivedMs = [...early, ...early, ...counted, ...counted, END_MS, END_MS + 1]
    const end = spikeEnd(run(spike, { begunMs: calm, receivedMs, succeededMs: [...early, SPIKE.beginsMs] }), calm)
    expect(end.load).toBe(2)
    expect(end.successShare).toBeCloseTo(1 / counted.length)
  })
})

test("failures cost requests per call and leave a share of successes", () => {
  const end = failureEnd(run(failures, { begunMs: [1, 2, 3, 4], receivedMs: [1, 2, 3, 4, 5], succeededMs: [2, 3, 4] }))
  expect(end).toEqual({ load: 1.25, successShare: 0.75 })
})

describe("a run says nothing", () => {
  test("when a process was short of time", () => {
    expect(flaw(run(spike, { clientShare: 0.6 }))).toBe("the client used 60 % of a core")
    expect(flaw(run(spike, { serverShare: 0.51 }))).toBe("the server used 51 % of a core")
    expect(flaw(run(spike, { lateMs: 51 }))).toBe("calls began up to 51 ms late")
    expect(flaw(run(spike, { repliesLateMs: 51 }))).toBe("replies went out up to 51 ms late")
  })

  test("about failures when calls have not ended; a spike's calls may be under way when it is over", () => {
    expect(flaw(run(failures, { open: 2 }))).toBe("2 calls have not ended")
    expect(flaw(run(spike, { open: 2 }))).toBeUndefined()
  })
})
