import { bearer } from "steadfetch"
import { describe, expect, test } from "vitest"
import type { Entry } from "./entry.ts"
import { OutboxError } from "./errors.ts"
import { rehearseOutbox, type OutboxRehearsal } from "./test-outbox.ts"
import type { TestStore } from "./test-store.ts"

const DAY_MS = 86_400_000

describe("a 2xx", () => {
  test("delivers, and what was said is kept without cookies and echoes of credentials", async () => {
    const { outbox, server, clock, store } = await rehearseOutbox({ client: { auth: bearer("s3cret-token") } })
    server.expect("POST /x").replies(200, {
      headers: { "set-cookie": "session=abcdef", "x-echo": "Bearer s3cret-token" },
      body: { json: { you: "sent s3cret-token" } },
    })
    const { id } = await outbox.post("/x", { json: { a: 1 } })
    outbox.run()
    await clock.advance(0)
    expect((await outbox.entry(id))?.last).toMatchObject({
      kind: "success",
      status: 200,
      statusName: "OK",
      message: undefined,
      body: '{"you":"sent REDACTED"}',
      isBodyCut: false,
      headers: { "x-echo": "REDACTED", "content-type": "application/json" },
      why: "the API accepted it",
    })
    expect(store.raw).not.toMatch(/s3cret|abcdef/)
    expect(new Map(server.requests[0]?.headers).get("authorization")).toBe("Bearer s3cret-token")
    await clock.runUntil(outbox.close())
  })

  test("with a long body keeps its beginning, and reads no more than it needs", async () => {
    const { outbox, server, clock } = await rehearseOutbox()
    server.replies(200, { body: "é".repeat(500_000), trickle: { chunkBytes: 10_001, gapMs: 0 } })
    const { id } = await outbox.post("/x")
    outbox.run()
    await clock.advance(100)
    const last = (await outbox.entry(id))?.last
    expect(last).toMatchObject({ isBodyCut: true })
    expect(last?.body).toMatch(/^é+$/)
    expect(server.openBodies).toBe(0)
    await clock.runUntil(outbox.close())
  })

  test("whose body is no text delivers without it", async () => {
    const { outbox, server, clock } = await rehearseOutbox()
    server.replies(200, { body: new Uint8Array([255, 254, 0]) })
    const { id } = await outbox.post("/x")
    outbox.run()
    await clock.advance(0)
    expect(await outbox.entry(id)).toMatchObject({ state: "delivered", last: { body: undefined, isBodyCut: true } })
    await clock.runUntil(outbox.close())
  })

  test("whose body breaks off is no reply: it is sent again, with the same key", async () => {
    const { outbox, server, clock, told } = await rehearseOutbox()
    server.replies(200, { body: "0123456789", breaksAfterBytes: 5 })
    server.replies(200)
    const receipt = await outbox.post("/x")
    const { id } = receipt
    outbox.run()
    await clock.advance(0)
    expect(await outbox.entry(id)).toMatchObject({
      state: "waiting",
      tries: 1,
      last: { kind: "no-reply", code: "broken-body" },
    })
    await clock.runUntil(receipt.settled())
    expect(told).toEqual(["retrying /x", "delivered /x"])
    const keys = server.requests.map(({ headers }) => new Map(headers).get("idempotency-key"))
    expect(keys[0]).toBeDefined()
    expect(keys[1]).toBe(keys[0])
    await clock.runUntil(outbox.close())
  })
})

describe("a 4xx", () => {
  test("rejects: it is never sent again, and the server's words are kept", async () => {
    const { outbox, server, clock, told } = await rehearseOutbox()
    server.expect("POST /x").replies(422, {
      headers: { "x-request-id": "req-9" },
      body: { json: { error: { message: "amount is negative", code: "bad_amount" } } },
    })
    const { id } = await outbox.post("/x", { json: { amount: -5 } })
    outbox.run()
    await clock.advance(DAY_MS / 4)
    expect(await outbox.entry(id)).toMatchObject({
      state: "rejected",
      tries: 1,
      last: {
        kind: "client-error",
        status: 422,
        message: "amount is negative",
        code: "bad_amount",
        requestId: "req-9",
        why: "the API refused it: amend it, or discard it",
      },
    })
    expect(told).toEqual(["rejected /x"])
    server.verify()
    await clock.runUntil(outbox.close())
  })

  test.each([408, 409, 413, 423, 425, 429])("that names a time is sent again, not before it: %i", async (status) => {
    const { outbox, server, clock } = await rehearseOutbox()
    server.replies(status, { headers: { "retry-after": "60" } }).replies(204)
    const { id } = await outbox.post("/x")
    outbox.run()
    await clock.advance(59_999)
    expect(server.requests).toHaveLength(1)
    expect(await outbox.entry(id)).toMatchObject({
      state: "waiting",
      last: { retryAt: new Date("2026-01-01T00:01:00.000Z"), why: "it waits as long as it was asked to" },
    })
    await clock.advance(60_000)
    expect(server.requests).toHaveLength(2)
    await clock.runUntil(outbox.close())
  })

  test("without a time is not sent again: 429", async () => {
    const { outbox, server, clock } = await rehearseOutbox()
    server.replies(429)
    const { id } = await outbox.post("/x")
    outbox.run()
    await clock.advance(3_600_000)
    expect((await outbox.entry(id))?.state).toBe("rejected")
    await clock.runUntil(outbox.close())
  })

  test("is what the client's contract makes of it", async () => {
    const { outbox, server, clock } = await rehearseOutbox({
      client: { contract: { 409: "accept", 404: "retry", 501: "correct" } },
    })
    server.expect("POST /a").replies(409)
    server.expect("POST /b").replies(501)
    server.expect("POST /c").replies(404)
    const ids = await Promise.all(["/a", "/b", "/c"].map(async (path) => (await outbox.post(path)).id))
    outbox.run()
    await clock.advance(0)
    expect(await Promise.all(ids.map(async (id) => (await outbox.entry(id))?.state))).toEqual([
      "delivered",
      "rejected",
      "waiting",
    ])
    await clock.runUntil(outbox.stop())
  })
})

describe("a 5xx, and no reply", () => {
  test("are sent again after a backoff that grows, and with the same key", async () => {
    const { outbox, server, clock } = await rehearseOutbox()
    for (let count = 0; count < 4; count++) server.replies(500)
    server.fails("reset").replies(204)
    const receipt = await outbox.post("/x", { json: {} })
    outbox.run()
    await clock.runUntil(receipt.settled())
    const at = server.requests.map(({ startedAtMs }) => startedAtMs)
    expect(at).toHaveLength(6)
    at.slice(1).forEach((each, index) => {
      const mostMs = 1000 * 2 ** index
      expect(each - (at[index] ?? 0)).toBeLessThanOrEqual(index < 4 ? mostMs : mostMs + 1000)
    })
    expect(new Set(server.requests.map(({ headers }) => new Map(headers).get("idempotency-key"))).size).toBe(1)
    await clock.runUntil(outbox.close())
  })

  test("until the lifetime ends: then the entry has expired, and was never sent after it", async () => {
    const { outbox, server, clock, told } = await rehearseOutbox({ lifetimeMs: 3_600_000 })
    server.otherwise.replies(503)
    const receipt = await outbox.post("/x")
    outbox.run()
    const entry = await clock.runUntil(receipt.settled())
    expect(entry).toMatchObject({
      state: "expired",
      last: { status: 503, why: "its lifetime ended before the API accepted it: release it, amend it or discard it" },
    })
    expect(clock.now()).toBeGreaterThanOrEqual(3_600_000)
    expect(clock.now()).toBeLessThan(3_602_000)
    await clock.advance(3_600_000)
    expect(Math.max(...server.requests.map(({ startedAtMs }) => startedAtMs))).toBeLessThan(3_600_000)
    expect(entry.tries).toBe(server.requests.length)
    expect(told.at(-1)).toBe("expired /x")
    await clock.runUntil(outbox.close())
  })

  test("Retry-After beyond the lifetime does not hurry: it waits until its end", async () => {
    const { outbox, server, clock } = await rehearseOutbox({ lifetimeMs: 60_000 })
    server.replies(503, { headers: { "retry-after": "3600" } })
    const receipt = await outbox.post("/x")
    outbox.run()
    await clock.advance(0)
    expect(await receipt.status()).toMatchObject({
      state: "waiting",
      last: { why: "its lifetime ends before it may be sent again" },
    })
    expect(await clock.runUntil(receipt.settled())).toMatchObject({ state: "expired", tries: 1 })
    await clock.runUntil(outbox.close())
  })

  test("an entry whose lifetime ended before anybody sent it expires without a try", async () => {
    const { outbox, clock, server } = await rehearseOutbox()
    const { id } = await outbox.post("/x", { lifetimeMs: 1000 })
    await clock.advance(1000)
    outbox.run()
    await clock.advance(0)
    expect(await outbox.entry(id)).toMatchObject({ state: "expired", tries: 0, last: undefined })
    expect(server.requests).toHaveLength(0)
    await clock.runUntil(outbox.close())
  })
})

describe("a call that cannot be made", () => {
  test("for want of credentials waits, and is told", async () => {
    let isDown = true
    const token = (): string => {
      if (isDown) throw new Error("the token service is down")
      return "token-7"
    }
    const { outbox, server, clock, troubles } = await rehearseOutbox({ client: { auth: bearer(token) } })
    server.replies(204)
    const receipt = await outbox.post("/x")
    outbox.run()
    await clock.advance(0)
    expect(await receipt.status()).toMatchObject({
      state: "waiting",
      tries: 1,
      last: { kind: "error", message: expect.stringContaining("the token service is down") },
    })
    expect(troubles[0]).toMatchObject({ what: "an entry could not be sent", id: receipt.id })
    isDown = false
    expect((await clock.runUntil(receipt.settled())).state).toBe("delivered")
    await clock.runUntil(outbox.close())
  })

  test("as its body is missing waits, and does not keep its origin back", async () => {
    const { outbox, server, clock, store, troubles } = await rehearseOutbox()
    const ids: string[] = []
    for (let count = 0; count < 6; count++) ids.push((await outbox.post("/broken", { body: "a" })).id)
    const good = await outbox.post("/good")
    for (const id of ids) Object.assign(store.rows.get(id) ?? {}, { body: undefined })
    server.expect("POST /good").replies(204)
    outbox.run()
    await clock.advance(0)
    expect((await good.status()).state).toBe("delivered")
    expect(String(troubles[0]?.error)).toContain(`the body of entry ${ids[0]} is missing in memory`)
    await clock.runUntil(outbox.stop())
  })
})

describe("what is sent", () => {
  test.each([0, 10, 65_536, 65_537, 1_000_000, 1_500_000])("is the body, byte for byte: %i bytes", async (bytes) => {
    const { outbox, server, clock } = await rehearseOutbox()
    server.replies(503).replies(204)
    const body = new Uint8Array(bytes).map((_, index) => index % 251)
    const receipt = await outbox.put("/x", { body, headers: { "content-type": "application/x-test" } })
    outbox.run()
    await clock.runUntil(receipt.settled())
    for (const request of server.requests) {
      expect(request.body.byteLength).toBe(bytes)
      expect(Buffer.compare(request.body, body)).toBe(0)
      expect(new Map(request.headers).get("content-type")).toBe("application/x-test")
    }
    expect(server.requests).toHaveLength(2)
    await clock.runUntil(outbox.close())
  })

  test("goes when it is due, the most important first", async () => {
    const { outbox, server, clock } = await rehearseOutbox({ concurrency: { total: 1 } })
    server.otherwise.replies(204)
    await outbox.post("/later", { notBefore: new Date(clock.date() + 60_000), priority: 100 })
    await outbox.post("/second")
    await outbox.post("/first", { priority: 5 })
    await outbox.post("/third", { priority: -5 })
    outbox.run()
    await clock.advance(59_999)
    expect(server.requests.map(({ url }) => new URL(url).pathname)).toEqual(["/first", "/second", "/third"])
    await clock.advance(1)
    expect(server.requests.map(({ url }) => new URL(url).pathname).at(-1)).toBe("/later")
    await clock.runUntil(outbox.close())
  })

  test("goes in order within an ordering key; a rejected one holds up, or is skipped", async () => {
    const { outbox, server, clock } = await rehearseOutbox()
    server.otherwise.replies(204, { delayMs: 10 })
    server.expect("POST /a1").replies(400).expect("POST /b1").replies(400)
    await outbox.post("/a1", { orderingKey: "a" })
    await outbox.post("/b1", { orderingKey: "b", afterRejection: "skip" })
    const held = await outbox.post("/a2", { orderingKey: "a" })
    await outbox.post("/b2", { orderingKey: "b" })
    await outbox.post("/b3", { orderingKey: "b" })
    outbox.run()
    await clock.advance(1000)
    expect(server.requests.map(({ url }) => new URL(url).pathname)).toEqual(["/a1", "/b1", "/b2", "/b3"])
    expect((await held.status()).state).toBe("waiting")
    await clock.runUntil(outbox.close())
  })

  test("is at most so many at the same time, in all and to each origin", async () => {
    const { outbox, server, clock } = await rehearseOutbox({ concurrency: { total: 5, perOrigin: 2 } })
    server.otherwise.replies(204, { delayMs: 1000 })
    for (let count = 0; count < 12; count++) await outbox.post(`https://host${count % 4}.test/x`)
    outbox.run()
    await clock.advance(999)
    expect(server.requests).toHaveLength(5)
    await clock.advance(1)
    expect(server.requests).toHaveLength(10)
    const hosts = server.requests.slice(0, 5).map(({ url }) => new URL(url).host)
    for (const host of hosts) expect(hosts.filter((other) => other === host).length).toBeLessThanOrEqual(2)
    await clock.runUntil(outbox.close())
  })

  test("keeps the pace that was set", async () => {
    const { outbox, server, clock } = await rehearseOutbox({ perSecond: 2 })
    server.otherwise.replies(204)
    for (let count = 0; count < 7; count++) await outbox.post("/x")
    outbox.run()
    await clock.advance(3000)
    expect(server.requests.map(({ startedAtMs }) => startedAtMs)).toEqual([0, 500, 1000, 1500, 2000, 2500, 3000])
    await clock.runUntil(outbox.close())
  })

  test("is what others added, without being told of it", async () => {
    const first = await rehearseOutbox()
    Object.assign(first.store, { listen: () => () => {} })
    const { outbox, server, clock } = await rehearseOutbox({ store: first.store })
    server.otherwise.replies(204)
    outbox.run()
    await clock.advance(10)
    const { id } = await first.outbox.post("/x")
    await clock.advance(5000)
    expect((await outbox.entry(id))?.state).toBe("delivered")
    await clock.runUntil(outbox.close())
  })
})

describe("an origin in outage", () => {
  test("is probed by one entry at a time; the others wait untried", async () => {
    const { outbox, server, clock } = await rehearseOutbox({ client: { timeout: false } })
    server.otherwise.fails("refused")
    for (let count = 0; count < 100; count++) await outbox.post("/x")
    outbox.run()
    await clock.advance(3_600_000)
    expect(server.requests.length).toBeLessThan(110)
    const tries = (await outbox.list({ limit: 1000 })).map((entry) => entry.tries)
    expect(tries.reduce((sum, each) => sum + each)).toBe(server.requests.length)
    const [stats] = (await outbox.stats()).origins
    expect(stats).toMatchObject({
      origin: "https://api.test",
      states: { waiting: 100 },
      gate: { state: "probing", sending: 0 },
    })
    expect((await outbox.list({ limit: 1000 })).some(({ waitingFor }) => waitingFor === "origin")).toBe(true)
    server.otherwise.replies(204)
    await clock.advance(3_600_000)
    expect((await outbox.stats()).states).toMatchObject({ delivered: 100, waiting: 0 })
    await clock.runUntil(outbox.close())
  })

  test("does not keep others back", async () => {
    const { outbox, server, clock } = await rehearseOutbox({ concurrency: { total: 4, perOrigin: 4 } })
    server.otherwise.fails("refused")
    for (let count = 0; count < 20; count++) await outbox.post("/x")
    outbox.run()
    await clock.advance(60_000)
    server.otherwise.replies(204)
    const other = await outbox.post("https://other.test/x")
    await clock.advance(0)
    expect((await other.status()).state).toBe("delivered")
    await clock.runUntil(outbox.close())
  })

  test("that asked to be left alone is, by all its entries", async () => {
    const { outbox, server, clock } = await rehearseOutbox({ concurrency: { perOrigin: 1 } })
    server.replies(503, { headers: { "retry-after": "120" } })
    server.otherwise.replies(204)
    for (let count = 0; count < 3; count++) await outbox.post("/x")
    outbox.run()
    await clock.advance(119_999)
    expect(server.requests).toHaveLength(1)
    expect((await outbox.stats()).origins[0]?.gate).toMatchObject({ state: "paused" })
    await clock.advance(60_000)
    expect((await outbox.stats()).states.delivered).toBe(3)
    await clock.runUntil(outbox.close())
  })
})

test("what the contract does not accept is not delivered, whatever its status", async () => {
  const contract = { "3xx": "correct", 202: "retry" } as const
  const { outbox, server, clock } = await rehearseOutbox({ client: { contract } })
  server.expect("POST /moved").replies(304).expect("POST /later").replies(202).expect("POST /later").replies(201)
  const moved = await outbox.post("/moved")
  outbox.run()
  expect(await clock.runUntil(moved.settled())).toMatchObject({
    state: "rejected",
    last: { status: 304, message: "the contract does not accept a 304 (Not Modified)" },
  })
  const later = await outbox.post("/later")
  expect(await clock.runUntil(later.settled())).toMatchObject({ state: "delivered", tries: 2 })
  await clock.runUntil(outbox.close())
})

describe("stopping", () => {
  test("waits for what is under way, and takes nothing more", async () => {
    const { outbox, server, clock } = await rehearseOutbox({ concurrency: { perOrigin: 1 } })
    server.otherwise.replies(204, { delayMs: 5000 })
    const first = await outbox.post("/a")
    const second = await outbox.post("/b")
    outbox.run()
    await clock.advance(1000)
    await clock.runUntil(outbox.stop())
    expect(clock.now()).toBe(5000)
    expect([(await first.status()).state, (await second.status()).state]).toEqual(["delivered", "waiting"])
    expect(clock.pending).toBe(0)
  })

  test("breaks off what takes longer than the grace, and gives it back untried", async () => {
    const { outbox, server, clock, store } = await rehearseOutbox({ client: { timeout: false, deadline: false } })
    server.hangs()
    const { id } = await outbox.post("/a")
    outbox.run()
    await clock.advance(1000)
    await clock.runUntil(Promise.all([outbox.stop({ graceMs: 2000 }), outbox.stop()]))
    expect(clock.now()).toBe(3000)
    expect(await outbox.entry(id)).toMatchObject({ state: "waiting", tries: 0, last: undefined })
    expect(store.rows.get(id)?.lease).toBeUndefined()
    expect(clock.pending).toBe(0)
    server.replies(204)
    outbox.run()
    await clock.advance(0)
    expect((await outbox.entry(id))?.state).toBe("delivered")
    await clock.runUntil(outbox.close())
    expect(store.listeners).toBe(0)
  })

  test.each(["stop", "close"] as const)(
    "by %s, called again with less grace, waits no longer than that",
    async (again) => {
      const { outbox, server, clock, store } = await rehearseOutbox({ client: { timeout: false, deadline: false } })
      server.hangs()
      const { id } = await outbox.post("/a")
      outbox.run()
      await clock.advance(1000)
      const stopped = outbox[again]({ graceMs: 60_000 })
      await clock.advance(5000)
      await clock.runUntil(Promise.all([stopped, outbox[again]({ graceMs: 500 }), outbox[again]()]))
      expect(clock.now()).toBe(6500)
      expect(clock.pending).toBe(0)
      expect(store.rows.get(id)).toMatchObject({ entry: { state: "waiting", tries: 0 }, lease: undefined })
    },
  )

  test("gives back what a claim takes that was under way, before it is over", async () => {
    const { outbox, clock, store, server } = await rehearseOutbox()
    const { id } = await outbox.post("/a")
    slowClaims(store, clock, 500)
    outbox.run()
    await clock.settle()
    await clock.runUntil(outbox.stop({ graceMs: 0 }))
    expect(await outbox.entry(id)).toMatchObject({ state: "waiting", tries: 0 })
    expect([store.rows.get(id)?.lease, server.requests.length, clock.pending]).toEqual([undefined, 0, 0])
  })

  test("does not wait for ever for a claim, and leaves what it takes to its lease", async () => {
    const { outbox, clock, store } = await rehearseOutbox()
    const { id } = await outbox.post("/a")
    slowClaims(store, clock, 600_000)
    outbox.run()
    await clock.settle()
    await clock.runUntil(outbox.close())
    expect(clock.now()).toBeLessThan(10_000)
    await clock.advance(600_000)
    expect([store.rows.get(id)?.entry.state, store.calls["conclude"], clock.pending]).toEqual(["sending", undefined, 0])
  })

  test("does not wait for ever for a store that never answers", async () => {
    const { outbox, clock, store } = await rehearseOutbox()
    Object.assign(store, { claim: () => new Promise(() => {}), remove: () => new Promise(() => {}) })
    outbox.run()
    await clock.settle()
    await clock.runUntil(outbox.close())
    expect([clock.now() < 10_000, clock.pending]).toEqual([true, 0])
  })

  test("does not hinder a run that begins meanwhile, which is stopped as well", async () => {
    const { outbox, server, clock } = await rehearseOutbox()
    server.otherwise.replies(204, { delayMs: 1000 })
    const first = await outbox.post("/a")
    outbox.run()
    await clock.advance(10)
    const stopped = outbox.stop()
    outbox.run()
    const second = await outbox.post("/b")
    await clock.runUntil(stopped)
    expect([(await first.status()).state, (await second.status()).state]).toEqual(["delivered", "sending"])
    await clock.runUntil(Promise.all([outbox.stop(), outbox.stop()]))
    expect([(await second.status()).state, clock.pending]).toEqual(["delivered", 0])
    expect(server.requests).toHaveLength(2)
  })

  test("does not wait for ever for a store that is away", async () => {
    const { outbox, server, clock, store, troubles } = await rehearseOutbox()
    server.replies(204)
    await outbox.post("/a")
    for (let count = 0; count < 100; count++) store.failures.push({ method: "conclude", error: new Error("away") })
    outbox.run()
    await clock.advance(100)
    await clock.runUntil(outbox.stop({ graceMs: 1000 }))
    expect(clock.now()).toBeLessThan(10_000)
    expect(troubles.at(-1)?.what).toBe("a lease was lost")
  })

  test("is nothing to one that was not begun, and closing refuses what comes later", async () => {
    const { outbox, store } = await rehearseOutbox()
    await outbox.stop()
    await outbox.close()
    await outbox.close()
    expect(store.calls["close"]).toBe(1)
    await expect(outbox.post("/x")).rejects.toThrow("the outbox is closed; open it anew")
    expect(() => outbox.run()).toThrow(OutboxError)
  })
})

/** Has a store take its time to say what it has taken. */
function slowClaims(store: TestStore, clock: OutboxRehearsal["clock"], ms: number): void {
  const claim = store.claim.bind(store)
  const slow: TestStore["claim"] = async (request) => {
    const claims = await claim(request)
    await new Promise<void>((resolve) => clock.after(ms, resolve))
    return claims
  }
  Object.assign(store, { claim: slow })
}

describe("a lease", () => {
  test("is renewed as long as the sending takes, also of several at once", async () => {
    const { outbox, server, clock, store } = await rehearseOutbox({ client: { timeout: false, deadline: false } })
    server.otherwise.replies(204, { delayMs: 600_000 })
    const receipts = [await outbox.post("/a"), await outbox.post("/b"), await outbox.post("/c")]
    outbox.run()
    await clock.advance(599_999)
    for (const { id } of receipts) expect(store.rows.get(id)?.lease?.until).toBeGreaterThan(clock.date())
    for (const receipt of receipts) expect((await clock.runUntil(receipt.settled())).state).toBe("delivered")
    expect(server.requests).toHaveLength(3)
    await clock.runUntil(outbox.close())
  })

  test("that is lost ends the sending; its end is not written, and that is told", async () => {
    const { outbox, server, clock, store, told, troubles } = await rehearseOutbox({
      client: { timeout: false, deadline: false },
    })
    server.replies(204, { delayMs: 600_000 })
    const { id } = await outbox.post("/a", { notBefore: new Date(clock.date() + 1000) })
    outbox.run()
    await clock.advance(2000)
    store.loseLease(id)
    Object.assign(store.rows.get(id)?.entry ?? {}, { dueAt: clock.date() + DAY_MS })
    await clock.advance(30_000)
    expect(server.requests[0]?.end).toBe("aborted")
    expect(told).toEqual([])
    expect(troubles).toMatchObject([{ what: "a lease was lost", id }])
    await clock.runUntil(outbox.close())
  })

  test("that cannot be renewed ends the sending before somebody else begins", async () => {
    const { outbox, server, clock, store } = await rehearseOutbox({ client: { timeout: false, deadline: false } })
    server.otherwise.replies(204, { delayMs: 600_000 })
    await outbox.post("/a")
    outbox.run()
    await clock.advance(0)
    for (let count = 0; count < 20; count++) store.failures.push({ method: "renew", error: new Error("away") })
    await clock.advance(61_000)
    expect(server.requests.map(({ end }) => end)).toEqual(["aborted", "open"])
    await clock.runUntil(outbox.stop({ graceMs: 0 }))
  })
})

describe("trouble", () => {
  test("with the store is told, and it is tried again", async () => {
    const { outbox, server, clock, store, troubles } = await rehearseOutbox()
    server.replies(204)
    const away = new OutboxError("store", "away")
    store.failures.push(
      { method: "claim", error: away },
      { method: "claim", error: away },
      { method: "conclude", error: away },
    )
    const receipt = await outbox.post("/a")
    outbox.run()
    expect((await clock.runUntil(receipt.settled())).state).toBe("delivered")
    expect(server.requests).toHaveLength(1)
    expect(troubles).toEqual([
      { what: "nothing can be taken from memory", id: undefined, error: away },
      { what: "nothing can be taken from memory", id: undefined, error: away },
      { what: "the end of a sending cannot be written to memory", id: receipt.id, error: away },
    ])
    await clock.runUntil(outbox.close())
  })

  test("with an entry that cannot be read is told as that: its end is written all the same", async () => {
    const { outbox, clock, store, troubles } = await rehearseOutbox({ lifetimeMs: 1000 })
    const { id } = await outbox.post("/a")
    const row = store.rows.get(id)
    if (row !== undefined) row.entry = { ...row.entry, content: Buffer.from("{") }
    await clock.advance(1000)
    outbox.on("expired", () => {})
    outbox.run()
    await clock.advance(0)
    expect(row?.entry.state).toBe("expired")
    expect(troubles).toMatchObject([{ what: "an entry is expired, which cannot be told, as it cannot be read", id }])
    await clock.runUntil(outbox.close())
  })

  test.each(["throws", "rejects"])("that a listener makes, which %s, disturbs nothing, and is told", async (how) => {
    const thrown = new Error("mine")
    const fail = (): void => {
      throw thrown
    }
    const { outbox, server, clock, troubles } = await rehearseOutbox({
      on: { delivered: how === "throws" ? fail : async () => fail() },
    })
    server.otherwise.replies(204)
    await outbox.post("/a")
    await outbox.post("/b")
    outbox.run()
    await clock.advance(0)
    expect((await outbox.stats()).states.delivered).toBe(2)
    expect(troubles).toEqual(
      [1, 2].map(() => ({ what: 'a listener of "delivered" threw', id: undefined, error: thrown })),
    )
    await clock.runUntil(outbox.close())
  })
})

test("an end is told after it was written, with the entry as it stands in the store", async () => {
  const { outbox, server, clock } = await rehearseOutbox()
  server.replies(503).replies(204)
  const told: Entry[] = []
  const stored: Promise<Entry | undefined>[] = []
  const note = (entry: Entry): void => {
    told.push(entry)
    stored.push(outbox.entry(entry.id))
  }
  outbox.on("retrying", note)
  const off = outbox.on("delivered", note)
  const receipt = await outbox.post("/a", { json: {} })
  outbox.run()
  await clock.runUntil(receipt.settled())
  const plain = (entries: readonly (Entry | undefined)[]): unknown => JSON.parse(JSON.stringify(entries))
  expect(plain(told)).toEqual(plain(await Promise.all(stored)))
  expect(told.map(({ state }) => state)).toEqual(["waiting", "delivered"])
  off()
  await clock.runUntil(outbox.close())
})

test("settled entries are kept as long as was said, and no longer", async () => {
  const { outbox, server, clock, store } = await rehearseOutbox({
    keep: { deliveredMs: 600_000, rejectedMs: Infinity },
  })
  server.otherwise.replies(204)
  for (let count = 0; count < 2500; count++) await outbox.post("/x")
  server.replies(400)
  const rejected = await outbox.post("/y", { priority: 1 })
  outbox.run()
  await clock.advance(540_000)
  expect(store.rows.size).toBe(2501)
  await clock.advance(300_000)
  expect([...store.rows.keys()]).toEqual([rejected.id])
  await clock.runUntil(outbox.close())
}, 60_000)
