import { rehearse } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import { type Policy, TimeoutError } from "../index.ts"

async function timeoutOf(call: Promise<unknown>): Promise<TimeoutError> {
  const error: unknown = await call.then(undefined, (error: unknown) => error)
  if (!TimeoutError.is(error)) throw new Error(`ended with ${String(error)}`)
  return error
}

describe("the deadline", () => {
  test("ends the call at its instant, attempts and waits included", async () => {
    const { api, server, run, clock } = rehearse({
      deadline: 10_000,
      timeout: { attemptMs: 4000 },
      retry: { baseMs: 0 },
    })
    server.hangs().hangs().hangs()
    const error = await timeoutOf(run(api.get("/")))
    expect(error).toMatchObject({ limit: "deadline", message: expect.stringContaining("10000 ms") })
    expect(error.attempts.map(({ durationMs }) => durationMs)).toEqual([4000, 4000, 2000])
    expect([clock.now(), clock.pending]).toEqual([10_000, 0])
  })

  test("is 60 s unless told otherwise", async () => {
    const { api, server, run, clock } = rehearse()
    server.otherwise.hangs()
    await timeoutOf(run(api.get("/")))
    expect(clock.now()).toBe(60_000)
  })

  test("ends a body that is being buffered", async () => {
    const { api, server, run, clock } = rehearse({ deadline: 1000 })
    server.replies(200, { body: "hello", trickle: { chunkBytes: 1, gapMs: 300 } })
    expect(await timeoutOf(run(api.get("/").text()))).toMatchObject({ limit: "deadline" })
    expect([clock.now(), clock.pending, server.openBodies]).toEqual([1000, 0, 0])
  })

  test("ends at the headers of a stream, whose body may take longer", async () => {
    const { api, server, run, clock } = rehearse({ deadline: 1000 })
    server.replies(200, { body: "hello", delayMs: 900, trickle: { chunkBytes: 1, gapMs: 300 } })
    const reader = (await run(api.get("/").stream())).getReader()
    while (!(await run(reader.read())).done) continue
    expect([clock.now(), clock.pending]).toEqual([2400, 0])
  })

  test("can be set by the call, or switched off", async () => {
    const { api, server, run, clock } = rehearse({ deadline: 1000, retry: false, timeout: false })
    server.hangs()
    await timeoutOf(run(api.get("/", { deadline: 2500 })))
    expect(clock.now()).toBe(2500)
    server.replies(200, { delayMs: 86_400_000 })
    expect((await run(api.get("/", { deadline: false }))).status).toBe(200)
  })

  test.each([true, false])(
    "lets nothing go out that a policy held back until after it (time limits: %s)",
    async (limited) => {
      const slow: Policy = {
        name: "slow",
        scope: "call",
        wrap:
          (next, { clock }) =>
          async (exchange) => {
            await new Promise<void>((resolve) => void clock.after(2000, resolve))
            return next(exchange)
          },
      }
      const { api, server, run } = rehearse({ deadline: 1000, add: [slow], ...(limited ? {} : { timeout: false }) })
      expect(await timeoutOf(run(api.get("/")))).toMatchObject({ limit: "deadline" })
      expect(server.requests).toHaveLength(0)
    },
  )

  test("lets no retry begin after it", async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const { api, server, run } = rehearse({ seed, deadline: 2000, retry: { baseMs: 1500 } })
      server.otherwise.replies(503, { delayMs: 100 })
      await run(api.get("/").outcome())
      for (const { startedAtMs } of server.requests) expect(startedAtMs).toBeLessThan(2000)
    }
  })

  test("is not disturbed by a change of the time of day", async () => {
    const { api, server, run, clock } = rehearse({ deadline: 1000, retry: false })
    server.hangs()
    clock.after(500, () => clock.setDate(0))
    await timeoutOf(run(api.get("/")))
    expect(clock.now()).toBe(1000)
  })

  test("gives way to an abort that comes first", async () => {
    const { api, server, run, clock } = rehearse({ deadline: 1000 })
    server.hangs()
    const controller = new AbortController()
    clock.after(999, () => controller.abort("mine"))
    await expect(run(api.get("/", { signal: controller.signal }))).rejects.toBe("mine")
    expect([clock.now(), clock.pending]).toEqual([999, 0])
  })
})

test.each([0, -5, Number.NaN])("a deadline of %s is refused, by the client and by the call", async (deadline) => {
  expect(() => rehearse({ deadline })).toThrow("deadline")
  const { api, run } = rehearse()
  await expect(run(api.get("/", { deadline }))).rejects.toThrow("deadline")
})

test("an attempt timeout above the deadline is refused when the client is made", () => {
  expect(() => rehearse({ timeout: { attemptMs: 60_001 } })).toThrow(/attempt.*60001.*60000/)
  expect(() => rehearse({ deadline: 1000, timeout: { attemptMs: 2000 } })).toThrow(/attempt.*2000.*1000/)
})
