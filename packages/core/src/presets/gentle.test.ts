import { rehearse } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import { breaker, gentle, type GentleOptions, type Policy } from "../index.ts"

const listed = (policies: readonly Policy[]): string[] => policies.map(({ name, scope }) => `${name}: ${scope}`)

describe("the gentle preset", () => {
  test("is this list, outermost first", () => {
    expect(listed(gentle())).toEqual([
      "deadline: call",
      "idempotency: call",
      "retry: repeater",
      "throttle: gate",
      "concurrency: gate",
      "pace: gate",
      "timeout: attempt",
      "redirect: attempt",
    ])
  })

  test("takes further policies, and what the standard preset and its own policies take", () => {
    const options: GentleOptions = {
      add: [breaker()],
      deadline: 5000,
      throttle: { perAccept: 3 },
      concurrency: { min: 2, max: 20 },
      pace: { perSecond: 10 },
    }
    const gates = listed(gentle(options)).slice(3, 7)
    expect(gates).toEqual(["breaker: gate", "throttle: gate", "concurrency: gate", "pace: gate"])
  })

  test.each([
    ["an unknown option", { hedge: {} }, /gentle: no option "hedge"/],
    ["an option of the standard preset out of range", { deadline: -1 }, /deadline/],
    ["an option of throttle() out of range", { throttle: { perAccept: 0 } }, /throttle\.perAccept/],
    ["an option of concurrency() out of range", { concurrency: { min: 0 } }, /concurrency/],
    ["an option of pace() out of range", { pace: { perSecond: 0 } }, /pace\.perSecond/],
    ["null", { pace: null }, /pace/],
    ["null for a limit", { concurrency: null }, /concurrency\.adaptive: null/],
  ])("refuses %s", (_, options, message) => {
    expect(() => gentle(options as unknown as GentleOptions)).toThrow(message)
  })
})

describe("one 503 with Retry-After", () => {
  test("holds back every call to its origin until then, and none to another", async () => {
    const { api, server, clock, run } = rehearse({ policies: gentle() })
    server.replies(503, { headers: { "retry-after": "10" } }).otherwise.replies(200)
    const first = api.get("/first").outcome()
    first.then(undefined, () => {})
    await clock.advance(1000)
    const later = ["/a", "/b", "/c", "https://other.test/d"].map((url) => api.get(url).outcome())
    await run(Promise.all([first, ...later]))
    const started = new Map(server.requests.slice(1).map(({ url, startedAtMs }) => [url, startedAtMs]))
    expect(started.get("https://other.test/d")).toBe(1000)
    for (const path of ["/first", "/a", "/b", "/c"])
      expect(started.get(`https://api.test${path}`)).toBeGreaterThanOrEqual(10_000)
    expect(clock.pending).toBe(0)
  })

  test("ends a call at once whose deadline comes before that, without an attempt", async () => {
    const { api, server, clock, run } = rehearse({ policies: gentle() })
    server.replies(503, { headers: { "retry-after": "10" } })
    await run(api.get("/first", { retry: false }).outcome())
    const atMs = clock.now()
    const pauseEndsAt = clock.date() + 10_000
    const outcome = await run(api.get("/second", { deadline: 5000 }).outcome())
    expect(outcome).toMatchObject({ kind: "no-reply", error: { code: "rejected" } })
    expect(outcome.kind === "no-reply" && Number(outcome.retryAt)).toBeGreaterThanOrEqual(pauseEndsAt)
    expect([clock.now(), server.requests.length]).toEqual([atMs, 1])
  })

  test("ends it at its deadline when those who wait out the pause hold all permits", async () => {
    const { api, server, clock, run } = rehearse({ policies: gentle({ deadline: 300_000 }) })
    server.replies(503, { headers: { "retry-after": "120" } }).otherwise.replies(200)
    await run(api.get("/first", { retry: false }).outcome())
    const patient = Array.from({ length: 10 }, () => api.get("/patient").outcome())
    await clock.advance(0)
    const outcome = await run(api.get("/second", { deadline: 5000 }).outcome())
    expect([outcome.kind, clock.now(), server.requests.length]).toEqual(["no-reply", 5000, 1])
    await run(Promise.all(patient))
    expect(server.requests).toHaveLength(11)
  })
})

test("however many calls begin at once, few attempts are under way at first, and all calls get their turn", async () => {
  const { api, server, clock, run } = rehearse({ policies: gentle() })
  server.otherwise.replies(200, { delayMs: 50 })
  const calls = Array.from({ length: 100 }, () => api.get("/").outcome())
  const outcomes = await run(Promise.all(calls))
  expect(outcomes.every(({ kind }) => kind === "success")).toBe(true)
  expect(server.requests.filter(({ startedAtMs }) => startedAtMs === 0).length).toBe(10)
  expect(clock.pending).toBe(0)
})
