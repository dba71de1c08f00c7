import { breaker, fallback, hedge } from "steadfetch"
import { rehearse } from "@steadfetch/testing"
import { expect, test } from "vitest"
import { Collector } from "./collector.ts"

function watched(options: Parameters<typeof rehearse>[0] = {}, room = {}) {
  const rehearsal = rehearse({ ...options })
  const collector = new Collector(rehearsal.clock, room)
  const stop = collector.listen(rehearsal.api)
  return { ...rehearsal, picture: collector.picture, stop }
}

test("a call's story has its attempts, what the server said, and each wait with its reason", async () => {
  const { api, server, run, picture } = watched()
  server.expect("GET /users/7").replies(503, { body: { json: { detail: "Down for maintenance." } }, delayMs: 20 })
  server.expect("GET /users/7").replies(200, { delayMs: 30 })
  await run(api.get("/users/7").text())
  const [call] = picture.calls
  expect(call).toMatchObject({
    method: "GET",
    url: "https://api.test/users/7",
    origin: "https://api.test",
    status: 200,
  })
  expect(call).toMatchObject({ verdict: "accept", attemptCount: 2 })
  const [first, second] = call?.attempts ?? []
  expect(first).toMatchObject({ number: 1, status: 503, durationMs: 20, said: "Down for maintenance.", why: "backoff" })
  expect(second).toMatchObject({ number: 2, status: 200, durationMs: 30, said: undefined })
  expect(second).not.toHaveProperty("waitMs")
  expect(call?.durationMs).toBeCloseTo(50 + (first?.waitMs ?? 0), 2)
})

test("seconds count ends, waits, latencies, and calls that a retry saved", async () => {
  const { api, server, run, picture } = watched()
  server.expect("GET /a").replies(503)
  server.expect("GET /a").replies(200)
  server.expect("GET /b").replies(404)
  server.expect("GET /c").replies(200)
  for (const path of ["/a", "/b", "/c"]) await run(api.get(path).outcome())
  const { seconds } = picture
  const total = (count: (second: (typeof seconds)[number]) => number): number =>
    seconds.reduce((sum, second) => sum + count(second), 0)
  expect([0, 1, 2, 3, 4].map((end) => total(({ calls }) => calls[end] ?? 0))).toEqual([2, 0, 1, 0, 0])
  expect([0, 1, 2, 3, 4].map((end) => total(({ attempts }) => attempts[end] ?? 0))).toEqual([2, 0, 1, 1, 0])
  expect([total(({ recovered }) => recovered), total(({ waits }) => waits)]).toEqual([1, 1])
})

test("a call that is under way is seen, with the attempt that is under way", async () => {
  const { api, server, clock, picture } = watched()
  server.expect("GET /").replies(200, { delayMs: 100 })
  const call = api.get("/").outcome()
  await clock.advance(50)
  expect(picture.calls).toMatchObject([{ attempts: [{ number: 1, durationMs: undefined }] }])
  expect(picture.calls[0]).not.toHaveProperty("durationMs")
  await clock.runUntil(call)
  expect(picture.calls).toMatchObject([{ durationMs: 100, attempts: [{ durationMs: 100 }] }])
})

test("an origin has its calls, its retry budget and its breaker", async () => {
  const { api, server, run, picture } = watched({ retry: { attempts: 2 }, add: [breaker()] })
  server.otherwise.replies(503)
  for (let call = 0; call < 12; call++) await run(api.get("/").outcome())
  const [origin] = picture.keys
  expect(origin).toMatchObject({ key: "https://api.test", calls: 12, policies: { breaker: { state: "open" } } })
  expect(origin?.budgets["retry"]?.tokens).toBeLessThan(10)
  expect(
    picture.calls
      .at(-1)
      ?.remarks.map(({ text }) => text)
      .join(),
  ).toMatch(/breaker/)
})

test("a failure is told in words, without a credential that it quotes", async () => {
  const { api, server, run, picture } = watched({ retry: false, headers: { "x-api-key": "very-secret-key" } })
  server.expect("GET /a").fails("reset")
  server.expect("GET /b").replies(400, { body: "very-secret-key is no key" })
  await run(api.get("/a").outcome())
  await run(api.get("/b?token=also-secret").outcome())
  expect(picture.calls).toMatchObject([
    { failure: "reset" },
    { status: 400, attempts: [{ said: "REDACTED is no key" }] },
  ])
  expect(JSON.stringify(picture.since(0))).not.toMatch(/very-secret-key|also-secret/)
})

test("of a reply the fields are kept that tell how it came about; none that may hold a secret, nor the query of another URL", async () => {
  const { api, server, run, picture } = watched({
    retry: false,
    headers: { "x-api-key": "very-secret-key" },
  })
  const headers = {
    "content-type": "application/json",
    "retry-after": "3",
    "set-cookie": "session=very-secret",
    "x-account": "very-secret",
    "x-request-id": "echo of very-secret-key",
    location: "https://else.test/?token=very-secret",
    via: "v".repeat(500),
  }
  server.expect("GET /").replies(201, { headers, body: "{}" })
  await run(api.get("/").outcome())
  expect(picture.calls[0]?.attempts[0]?.fields).toEqual([
    ["content-type", "application/json"],
    ["location", "https://else.test/?token=REDACTED"],
    ["retry-after", "3"],
    ["via", `${"v".repeat(199)}…`],
    ["x-request-id", "echo of REDACTED"],
  ])
  expect(JSON.stringify(picture.since(0))).not.toContain("very-secret")
})

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("room for %s calls is refused: memory is bounded", (calls) => {
  expect(() => watched({}, { calls })).toThrow(/^room.calls: /)
})

test("memory is bounded: calls, attempts, seconds, keys and the length of texts", async () => {
  const { api, server, run, clock, picture } = watched(
    { retry: { attempts: 100, baseMs: 1, capMs: 1, budget: false }, deadline: false },
    { calls: 5, seconds: 3, keys: 2 },
  )
  server.otherwise.replies(200, { body: "x".repeat(100) })
  for (let index = 0; index < 20; index++) {
    await run(api.get(`https://host-${index}.test/${"long/".repeat(1000)}`).outcome())
    await clock.advance(1000)
  }
  expect([picture.calls.length, picture.seconds.length, picture.keys.length]).toEqual([5, 3, 2])
  expect(picture.calls[0]?.url).toHaveLength(2000)
  const bad = watched({ retry: { attempts: 100, baseMs: 1, capMs: 1, budget: false }, deadline: false })
  bad.server.otherwise.replies(503, { body: "y".repeat(100_000) })
  await bad.run(bad.api.get("/").outcome())
  const [call] = bad.picture.calls
  expect([call?.attemptCount, call?.attempts.length]).toEqual([100, 40])
  expect(call?.attempts.map(({ number }) => number)).toEqual(Array.from({ length: 40 }, (_, index) => 61 + index))
  expect(call?.attempts[0]?.said?.length).toBeLessThanOrEqual(500)
})

test("a call is as long as it took, whatever happens to the time of day meanwhile", async () => {
  const { api, server, run, clock, picture } = watched()
  server.otherwise.replies(200, { delayMs: 100 })
  for (const hours of [-1, 2]) {
    const call = api.get("/").outcome()
    await clock.advance(50)
    clock.setDate(clock.date() + hours * 3_600_000)
    await run(call)
  }
  expect(picture.calls.map(({ durationMs }) => durationMs)).toEqual([100, 100])
})

test("a call that another attempt beside the first won, or that was served from elsewhere, was not saved by a retry", async () => {
  const hedged = watched({ add: [hedge({ afterMs: 20 })] })
  hedged.server.expect("GET /").replies(200, { delayMs: 1000 })
  hedged.server.expect("GET /").replies(200, { delayMs: 1 })
  await hedged.run(hedged.api.get("/").outcome())
  const served = watched({ retry: { attempts: 2 }, add: [fallback({ with: () => ({ json: [] }) })] })
  served.server.otherwise.replies(503)
  await served.run(served.api.get("/").outcome())
  for (const { picture } of [hedged, served]) {
    expect(picture.calls).toMatchObject([{ status: 200, attemptCount: 2 }])
    expect(picture.seconds.map(({ recovered }) => recovered).every((count) => count === 0)).toBe(true)
  }
})

test("calls that have begun are counted as they begin, so that what many attempts are for is known while they last", async () => {
  const { api, server, run, clock, picture } = watched()
  server.expect("GET /").replies(503)
  server.expect("GET /").replies(200, { delayMs: 10_000 })
  const call = api.get("/").outcome()
  await clock.advance(5000)
  expect(picture.keys).toMatchObject([{ begun: 1, calls: 0, attempts: 1 }])
  expect(picture.seconds.reduce((sum, { begun }) => sum + begun, 0)).toBe(1)
  await run(call)
  expect(picture.keys).toMatchObject([{ begun: 1, calls: 1, attempts: 2 }])
})

test("a call that was forgotten while under way does not come back as the newest", async () => {
  const { api, server, clock, picture } = watched({}, { calls: 2 })
  server.otherwise.replies(200, { delayMs: 100 })
  const calls = [1, 2, 3, 4].map((name) => api.get(`/${name}`).outcome())
  const paths = (): string[] => picture.calls.map(({ url }) => url.slice(-2))
  await clock.advance(0)
  expect(paths()).toEqual(["/3", "/4"])
  await clock.runUntil(Promise.all(calls))
  expect(paths()).toEqual(["/3", "/4"])
  expect(picture.keys).toMatchObject([{ begun: 4, calls: 4 }])
})

test("the origin that was called longest ago is forgotten, not the one that was seen first", async () => {
  const { api, server, run, picture } = watched({}, { keys: 2 })
  server.otherwise.replies(200)
  for (const host of ["main", "one", "main", "two", "main"]) await run(api.get(`https://${host}.test/`).outcome())
  expect(picture.keys).toMatchObject([
    { key: "https://two.test", calls: 1 },
    { key: "https://main.test", calls: 3 },
  ])
})

test("what a budget holds is known from the first success on", async () => {
  const { api, server, run, picture } = watched({ retry: { budget: { capacity: 7 } } })
  server.otherwise.replies(200)
  await run(api.get("/").outcome())
  expect(picture.keys).toMatchObject([{ budgets: { retry: { tokens: 7, capacity: 7 } } }])
})

test("after it has stopped listening, nothing more is seen", async () => {
  const { api, server, run, picture, stop, runtime } = watched()
  stop()
  server.expect("GET /").replies(200)
  await run(api.get("/").outcome())
  expect([picture.calls, runtime.events.heard("call-started")]).toEqual([[], false])
})
