import { getEventListeners } from "node:events"
import { rehearse } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { chaos, hedge, type Fault } from "../index.ts"

const delayMs = fc.oneof(
  fc.nat(300),
  fc.tuple(fc.nat(100), fc.nat(300)).map(([from, more]) => [from, from + more] as const),
)
const probability = fc.double({ min: 0, max: 0.2, noNaN: true })

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant("latency" as const), probability, delayMs }),
  fc.record({
    kind: fc.constantFrom("refused" as const, "reset" as const, "broken-body" as const),
    probability,
    delayMs,
  }),
  fc.record({
    kind: fc.constant("status" as const),
    probability,
    delayMs,
    status: fc.constantFrom(200, 404, 429, 500, 503),
  }),
)

const scenario = fc.record({
  seed: fc.integer(),
  faults: fc.array(fault, { maxLength: 5 }),
  reading: fc.constantFrom("buffer" as const, "stream" as const),
  attemptMs: fc.integer({ min: 1, max: 500 }),
  abortAtMs: fc.nat(3000),
  hedged: fc.boolean(),
})

test("whatever happens to its attempts, a call ends in time, the record tells how, and nothing is left of it", () =>
  fc.assert(
    fc.asyncProperty(scenario, async ({ seed, faults, reading, attemptMs, abortAtMs, hedged }) => {
      const { api, server, run, clock } = rehearse({
        seed,
        retry: { baseMs: 50 },
        timeout: { attemptMs, stallMs: 500 },
        deadline: 5000,
        add: [...(hedged ? [hedge({ afterMs: 50 })] : []), chaos({ faults })],
      })
      server.otherwise.replies(200, { body: "hello", delayMs: 20, trickle: { chunkBytes: 1, gapMs: 3 } })
      const controller = new AbortController()
      const { signal } = controller
      const callOff = clock.after(abortAtMs, () => controller.abort("stop"))
      const call = api.get("/", { signal }).outcome({ reading })
      const outcome = await run(call.catch((reason: unknown) => ({ kind: "aborted" as const, reason })))
      expect(clock.now()).toBeLessThanOrEqual(5000)
      callOff()
      const whole = outcome.kind === "success" ? await run(outcome.bytes().catch(() => {})) : undefined
      expect([0, 5, undefined]).toContain(whole?.length)
      const told = outcome.kind === "aborted" ? [] : outcome.attempts
      const untold = told.filter(({ status, failure, durationMs }) => (status ?? failure ?? durationMs) === undefined)
      const reason = outcome.kind === "aborted" ? outcome.reason : "stop"
      expect([untold, reason]).toEqual([[], "stop"])
      expect([clock.pending, server.openBodies, getEventListeners(signal, "abort").length]).toEqual([0, 0, 0])
    }),
    { numRuns: 400 },
  ))
