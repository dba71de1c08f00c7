import { expect, test } from "vitest"
import type { AnsweredRequest } from "./app.ts"
import type { ServedForTest } from "./serve-for-test.ts"
import { serveForTest, tea } from "./serve-for-test.ts"

const order = { items: [tea] }
const count = async ({ call }: ServedForTest) => ((await (await call("GET", "/orders")).json()) as unknown[]).length

test("503;times=2 fails the first two attempts under a key, and the third succeeds", async () => {
  const served = await serveForTest()
  const headers = { "idempotency-key": "a", trouble: "503;times=2;retry-after=1" }
  const attempt = () => served.call("POST", "/orders", { headers, body: order })
  const first = await attempt()
  expect(first.status).toBe(503)
  expect(first.headers.get("retry-after")).toBe("1")
  expect(first.headers.get("content-type")).toBe("application/problem+json")
  expect(await first.json()).toEqual({
    type: "about:blank",
    title: "Service Unavailable",
    status: 503,
    detail: "The server is in trouble on purpose: 503 Service Unavailable.",
    instance: `urn:uuid:${first.headers.get("x-request-id")}`,
  })
  expect([(await attempt()).status, (await attempt()).status]).toEqual([503, 201])
  expect(await count(served)).toBe(1)
})

test("trouble without a key is counted by its id, for each customer", async () => {
  const { call, api } = await serveForTest()
  const headers = { trouble: "429;times=1;id=x;retry-after=2" }
  const first = await call("GET", "/orders", { headers })
  expect([first.status, first.headers.get("retry-after")]).toEqual([429, "2"])
  expect((await call("GET", "/orders", { headers })).status).toBe(200)
  expect((await call("GET", "/orders", { headers, token: api.tokens.grace.access })).status).toBe(429)
})

test("trouble without times strikes always", async () => {
  const { call } = await serveForTest()
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    expect((await call("GET", "/orders", { headers: { trouble: "500" } })).status).toBe(500)
  }
})

test("502 before the order was stored leaves nothing behind", async () => {
  const served = await serveForTest()
  const reply = await served.call("POST", "/orders", { headers: { trouble: "502" }, body: order })
  expect(reply.status).toBe(502)
  expect(await count(served)).toBe(0)
})

test.each(["502;when=after;times=1", "drop;when=after;times=1"])(
  "%s stores the order, and the keyed repetition proves it was stored once",
  async (trouble) => {
    const served = await serveForTest()
    const attempt = () =>
      served
        .call("POST", "/orders", { headers: { "idempotency-key": "a", trouble }, body: order })
        .catch(() => undefined)
    const failed = await attempt()
    expect(failed?.headers.get("location") ?? null).toBeNull()
    expect(failed?.status).toBe(trouble.startsWith("502") ? 502 : undefined)
    expect(await count(served)).toBe(1)
    const repeated = await attempt()
    expect(repeated?.status).toBe(201)
    expect(repeated?.headers.get("idempotent-replayed")).toBe("true")
    expect(await count(served)).toBe(1)
  },
)

test("a dropped connection gives no reply at all, and the API goes on", async () => {
  const answered: AnsweredRequest[] = []
  const served = await serveForTest({ onAnswer: (answer) => answered.push(answer) })
  await expect(served.call("POST", "/orders", { headers: { trouble: "drop" }, body: order })).rejects.toThrow(TypeError)
  expect(answered).toEqual([
    { method: "POST", path: "/orders", status: undefined, requestId: expect.any(String) as string },
  ])
  expect(await count(served)).toBe(0)
})

test("a slow request waits as long as it asked for", async () => {
  const { call, nextWait } = await serveForTest()
  const reply = call("GET", "/orders", { headers: { trouble: "slow;delay-ms=750" } })
  const wait = await nextWait()
  expect(wait.delayMs).toBe(750)
  wait.end()
  expect((await reply).status).toBe(200)
})

test.each([
  ["503;times=2", "needs an Idempotency-Key or an id"],
  ["404", "but was 404"],
])("the field Trouble: %s is refused with 400 and the reason", async (trouble, reason) => {
  const { call } = await serveForTest()
  const reply = await call("GET", "/orders", { headers: { trouble } })
  expect(reply.status).toBe(400)
  const errors = [{ header: "Trouble", detail: expect.stringContaining(reason) as string }]
  expect(await reply.json()).toMatchObject({ errors })
})

test("a share of the traffic fails unasked, the same requests for the same seed", async () => {
  const statuses = async (seed: number) => {
    const { call } = await serveForTest({ trouble: { failShare: 0.3, seed } })
    const seen: number[] = []
    for (let request = 0; request < 60; request += 1) seen.push((await call("GET", "/orders")).status)
    return seen
  }
  const seen = await statuses(4)
  const failed = seen.filter((status) => status >= 500).length
  expect(failed).toBeGreaterThan(8)
  expect(failed).toBeLessThan(30)
  expect(await statuses(4)).toEqual(seen)
  expect(await statuses(5)).not.toEqual(seen)
})

test("a share of 1 fails everything, of 0 nothing", async () => {
  const all = await serveForTest({ trouble: { failShare: 1, seed: 0 } })
  const none = await serveForTest({ trouble: { failShare: 0, seed: 0 } })
  for (let request = 0; request < 10; request += 1) {
    expect((await all.call("GET", "/orders")).status).toBeGreaterThanOrEqual(500)
    expect((await none.call("GET", "/orders")).status).toBe(200)
  }
})
