import { getEventListeners } from "node:events"
import { rehearse } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { OperationError, polling } from "../index.ts"

/** What the monitor answers to one request. */
const scene = fc.record({
  status: fc.constantFrom(200, 202, 202, 503, 404),
  state: fc.constantFrom(undefined, "Running", "pending", "Failed", "done", "shipped"),
  retryAfterS: fc.option(fc.nat(60), { nil: undefined }),
  delayMs: fc.nat(3000),
  hangs: fc.nat(19).map((chance) => chance === 0),
})

const scenario = fc.record({
  seed: fc.integer(),
  scenes: fc.array(scene, { maxLength: 12 }),
  deadline: fc.integer({ min: 1, max: 120_000 }),
  abortAtMs: fc.option(fc.nat(120_000), { nil: undefined }),
  reading: fc.constantFrom("buffer" as const, "stream" as const),
})

test("whatever the server answers: it ends in time, asks no sooner than asked to, and leaves nothing", () =>
  fc.assert(
    fc.asyncProperty(scenario, async ({ seed, scenes, deadline, abortAtMs, reading }) => {
      const { api, server, clock, run } = rehearse({ seed, abilities: [polling], retry: false, deadline: false, timeout: false }) // prettier-ignore
      server.replies(202, { headers: { location: "/jobs/7" } })
      for (const { status, state, retryAfterS, delayMs, hangs } of scenes) {
        const headers = retryAfterS === undefined ? {} : { "retry-after": String(retryAfterS) }
        if (hangs) server.hangs()
        else server.replies(status, { body: { json: { status: state } }, headers, delayMs })
      }
      server.otherwise.replies(200, { body: { json: "the result" } })
      const controller = new AbortController()
      const callOff = clock.after(abortAtMs ?? Number.POSITIVE_INFINITY, () => controller.abort("left"))
      const call = api.post("/exports", { signal: controller.signal }).poll({ deadline })
      const end = await run(call.outcome({ reading }).then((outcome) => outcome.kind, (error: unknown) => error)) // prettier-ignore
      callOff()
      expect(clock.now()).toBeLessThanOrEqual(Math.min(deadline, abortAtMs ?? deadline))
      expect(["success", "client-error", "server-error", "no-reply", "left"].includes(String(end)) || OperationError.is(end)).toBe(true) // prettier-ignore
      expect(end === "left" ? clock.now() : abortAtMs).toBe(abortAtMs)
      expect([clock.pending, server.openBodies]).toEqual([0, 0])
      expect(getEventListeners(controller.signal, "abort")).toEqual([])
      expect(server.requests.filter((request) => request.end === "open")).toEqual([])
      const asked = server.requests.map(({ startedAtMs }) => startedAtMs)
      for (const [n, { retryAfterS = 0.1, delayMs }] of scenes.entries()) {
        const next = asked[n + 2]
        const gapMs = (next ?? Number.POSITIVE_INFINITY) - (asked[n + 1] ?? 0)
        expect(gapMs).toBeGreaterThanOrEqual(delayMs + retryAfterS * 1000)
      }
    }),
    { numRuns: 300 },
  ))
