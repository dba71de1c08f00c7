import { describe, expect, test } from "vitest"
import type { Amendment } from "./enqueue/amendment.ts"
import type { EnqueueOptions } from "./enqueue/enqueue.ts"
import { rehearseOutbox, type OutboxRehearsal } from "./test-outbox.ts"

/** An outbox with an entry that was rejected with this status. */
async function rejected(
  status = 422,
  options: EnqueueOptions = { json: { a: 1 }, key: "k" },
): Promise<OutboxRehearsal & { id: string }> {
  const stage = await rehearseOutbox()
  stage.server.replies(status)
  const { id } = await stage.outbox.post("/x?page=1", options)
  stage.outbox.run()
  await stage.clock.advance(0)
  expect((await stage.outbox.entry(id))?.state).toBe("rejected")
  return { ...stage, id }
}

/** An outbox with an entry that has expired. */
async function expired(): Promise<OutboxRehearsal & { id: string }> {
  const stage = await rehearseOutbox()
  const { id } = await stage.outbox.post("/x", { json: { a: 1 }, lifetimeMs: 1000 })
  await stage.clock.advance(1000)
  stage.outbox.run()
  await stage.clock.advance(0)
  expect((await stage.outbox.entry(id))?.state).toBe("expired")
  return { ...stage, id }
}

describe("an amendment", () => {
  test("has a rejected entry sent again, changed, with a new Idempotency-Key and a whole lifetime", async () => {
    const { outbox, server, clock, id } = await rejected()
    await clock.advance(3_600_000)
    server.expect("POST /x?page=1").replies(201)
    const amended = await outbox.amend(id, { json: { a: 2 } })
    expect(amended).toMatchObject({ state: "waiting", tries: 0, key: "k", bodyBytes: 7 })
    expect(amended.expiresAt.getTime()).toBe(clock.date() + 3 * 86_400_000)
    await clock.advance(0)
    expect(await outbox.entry(id)).toMatchObject({ state: "delivered", tries: 1 })
    const [first, second] = server.requests
    expect(second?.json()).toEqual({ a: 2 })
    expect(second?.header("idempotency-key")).not.toBe(first?.header("idempotency-key"))
    await clock.runUntil(outbox.close())
  })

  test.each<[string, Amendment, object]>([
    ["the method", { method: "put" }, { method: "PUT", url: "https://api.test/x?page=1" }],
    ["the URL", { url: "/y/{id}", path: { id: 7 }, query: { q: "1" } }, { url: "https://api.test/y/7?q=1" }],
    ["the origin", { url: "https://other.test/x" }, { url: "https://other.test/x", origin: "https://other.test" }],
    ["the query", { query: { page: 2 } }, { url: "https://api.test/x?page=2" }],
    ["a header", { headers: { "X-A": "1" } }, { headers: [["content-type", "application/json"], ["x-a", "1"]] }],
    ["the body", { form: { b: "2" } }, { bodyBytes: 3, headers: [["content-type", "application/x-www-form-urlencoded;charset=UTF-8"]] }],
    ["the body by a long one", { body: "a".repeat(100_000) }, { bodyBytes: 100_000 }],
    ["no body", { body: null }, { bodyBytes: undefined, headers: [] }],
    ["the type alone", { headers: { "content-type": "application/problem+json" } }, { bodyBytes: 7, headers: [["content-type", "application/problem+json"]] }],
    ["the Idempotency-Key", { idempotencyKey: "mine" }, { idempotencyKey: "mine" }],
  ])("changes %s, and leaves the rest", async (_, amendment, expected) => {
    const { outbox, clock, id } = await rejected()
    const before = await outbox.entry(id)
    const amended = await outbox.amend(id, amendment)
    expect(amended).toMatchObject({ ...expected, state: "waiting", key: "k" })
    expect(amended.idempotencyKey).not.toBe(before?.idempotencyKey)
    await clock.runUntil(outbox.stop({ graceMs: 0 }))
  }) // prettier-ignore

  const long = { a: "a".repeat(100_000) }
  test.each<[string, Amendment, EnqueueOptions?]>([
    ["its terms alone", { priority: 5, lifetimeMs: 5000 }],
    ["the same body", { json: { a: 1 } }],
    ["the same long body", { json: long }, { json: long }],
    ["the same URL", { url: "/x?page=1" }],
    ["the same headers", { headers: { "content-type": "application/json", other: null } }],
    ["the same Idempotency-Key", { idempotencyKey: "mine" }, { json: { a: 1 }, idempotencyKey: "mine" }],
    ["no Idempotency-Key where there was none", { idempotencyKey: false }, { json: {}, idempotencyKey: false }],
  ])("of a rejected entry has to change its request: not %s", async (_, amendment, options) => {
    const { outbox, clock, id } = await rejected(422, options)
    await expect(outbox.amend(id, amendment)).rejects.toMatchObject({
      code: "state",
      message: expect.stringContaining(
        "a 4xx is not sent again unchanged: change the body, the headers, the URL or the method",
      ),
    })
    expect((await outbox.entry(id))?.state).toBe("rejected")
    await clock.runUntil(outbox.close())
  })

  test("of a waiting entry's terms leaves its Idempotency-Key and its tries: the request is the same", async () => {
    const { outbox, server, clock } = await rehearseOutbox()
    server.replies(503)
    const { id } = await outbox.post("/x", { json: {} })
    outbox.run()
    await clock.advance(0)
    await clock.runUntil(outbox.stop())
    const before = await outbox.entry(id)
    const after = await outbox.amend(id, { priority: 9, lifetimeMs: 5000 })
    expect(after).toMatchObject({ priority: 9, tries: 1, idempotencyKey: before?.idempotencyKey, dueAt: before?.dueAt })
    expect(after.expiresAt.getTime()).toBe(clock.date() + 5000)
  })

  test("of an entry that is not to be sent before a date leaves that date, and counts its lifetime from there", async () => {
    const { outbox, clock } = await rehearseOutbox()
    const notBefore = new Date(clock.date() + 86_400_000)
    const { id } = await outbox.post("/x", { json: { a: 1 }, notBefore })
    const amended = await outbox.amend(id, { json: { a: 2 }, lifetimeMs: 5000 })
    expect(amended.dueAt).toEqual(notBefore)
    expect(amended.expiresAt.getTime()).toBe(notBefore.getTime() + 5000)
    const sooner = new Date(clock.date() + 1000)
    expect((await outbox.amend(id, { notBefore: sooner })).dueAt).toEqual(sooner)
  })

  test("of a request that is to be sent later as it failed is sent at once", async () => {
    const { outbox, server, clock } = await rehearseOutbox()
    server.replies(503, { headers: { "retry-after": "60" } })
    const { id } = await outbox.post("/x", { json: { a: 1 } })
    outbox.run()
    await clock.advance(0)
    await clock.runUntil(outbox.stop())
    expect((await outbox.amend(id, { json: { a: 2 } })).dueAt.getTime()).toBe(clock.date())
  })

  test("gives another Idempotency-Key to a request whose method needs none, if it had one", async () => {
    const { outbox, clock } = await rehearseOutbox()
    const { id } = await outbox.put("/x", { json: { a: 1 }, idempotencyKey: "mine" })
    const { idempotencyKey } = await outbox.amend(id, { json: { a: 2 } })
    expect([typeof idempotencyKey, idempotencyKey === "mine"]).toEqual(["string", false])
    expect((await outbox.amend(id, { json: { a: 3 }, idempotencyKey: false })).idempotencyKey).toBeUndefined()
    expect((await outbox.amend(id, { json: { a: 4 } })).idempotencyKey).toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  test("of an expired entry releases it for a new lifetime", async () => {
    const { outbox, clock, id, server } = await expired()
    server.replies(204)
    await outbox.amend(id, { priority: 1, lifetimeMs: 60_000 })
    await clock.advance(0)
    expect((await outbox.entry(id))?.state).toBe("delivered")
    await clock.runUntil(outbox.close())
  })

  test.each<[string, unknown, string]>([
    ["nothing", {}, "changes nothing; give one of path, query, headers"],
    [
      "nothing but a signal",
      { signal: new AbortController().signal },
      "changes nothing; give one of path, query, headers",
    ],
    ["what there is not", { key: "k2" }, 'the amendment: no option "key"'],
    ["a credential", { headers: { authorization: "x" } }, 'header "authorization" may be a credential'],
    ["a GET with a body", { method: "GET" }, 'a GET request has no body; give "body: null", too'],
    ["two bodies", { json: 1, form: {} }, "a call has one body"],
    ["a URL that cannot be", { url: "//evil" }, "leaves https://api.test"],
    ["a priority", { priority: 1000 }, "priority: 1000"],
    ["a lifetime", { lifetimeMs: -1 }, "lifetimeMs (ms): -1"],
    ["a date", { notBefore: "tomorrow" }, 'notBefore: "tomorrow"; give a Date'],
  ])("is refused: %s", async (_, amendment, message) => {
    const { outbox, clock, id } = await rejected()
    await expect(outbox.amend(id, amendment as Amendment)).rejects.toThrow(message)
    expect((await outbox.entry(id))?.version).toBe(3)
    await clock.runUntil(outbox.close())
  })
})

describe("what is not possible says so", () => {
  test("with an entry that there is not", async () => {
    const { outbox } = await rehearseOutbox()
    const unknown = {
      code: "unknown",
      message: "there is no entry 017; it may have been removed, as its time to be kept has ended",
    }
    await expect(outbox.amend("017", { json: 1 })).rejects.toMatchObject(unknown)
    await expect(outbox.retry("017")).rejects.toMatchObject(unknown)
    await expect(outbox.discard("017")).rejects.toMatchObject(unknown)
    await expect(outbox.receipt("017").status()).rejects.toMatchObject(unknown)
    await expect(outbox.receipt("017").settled()).rejects.toMatchObject(unknown)
    expect(await outbox.entry("017")).toBeUndefined()
    expect(await outbox.find("017")).toBeUndefined()
  })

  test("with one that is being sent, delivered or discarded", async () => {
    const { outbox, server, clock } = await rehearseOutbox()
    server.replies(204, { delayMs: 1000 })
    const { id } = await outbox.post("/x")
    outbox.run()
    await clock.advance(10)
    await expect(outbox.amend(id, { json: 1 })).rejects.toThrow(
      `entry ${id} is being sent, so that it cannot be amended`,
    )
    await clock.advance(1000)
    await expect(outbox.discard(id)).rejects.toThrow(`entry ${id} is delivered, so that it cannot be discarded`)
    await expect(outbox.retry(id)).rejects.toThrow(`entry ${id} is delivered, so that it cannot be sent again`)
    await clock.runUntil(outbox.stop())
    const other = await outbox.post("/x")
    await outbox.discard(other.id)
    await expect(outbox.retry(other.id)).rejects.toMatchObject({ code: "state" })
  })

  test("when someone else was quicker", async () => {
    const { outbox, store } = await rehearseOutbox()
    const { id } = await outbox.post("/x")
    const [one, other] = await Promise.allSettled([outbox.amend(id, { json: 1 }), outbox.amend(id, { json: 2 })])
    expect(one.status).toBe("fulfilled")
    expect(other).toMatchObject({
      status: "rejected",
      reason: { code: "state", message: expect.stringContaining("someone changed it at the same time") },
    })
    expect(store.rows.get(id)?.entry.version).toBe(2)
  })
})

describe("a change of what was looked at", () => {
  test("is made while the entry is as it was", async () => {
    const { outbox, clock, id } = await rejected()
    await clock.runUntil(outbox.stop())
    const { version = 0 } = (await outbox.entry(id)) ?? {}
    await outbox.amend(id, { json: { a: 2 } }, { ifVersion: version })
    expect(await outbox.entry(id)).toMatchObject({ version: version + 1, bodyBytes: 7 })
    await clock.runUntil(outbox.close())
  })

  test("is refused when it has changed", async () => {
    const { outbox, clock, id } = await rejected()
    const { version = 0 } = (await outbox.entry(id)) ?? {}
    const options = { ifVersion: version - 1 }
    const message = `entry ${id} has changed meanwhile, and is rejected; look at it, and try again`
    for (const change of [
      outbox.amend(id, { json: 1 }, options),
      outbox.retry(id, options),
      outbox.discard(id, options),
    ])
      await expect(change).rejects.toMatchObject({ code: "state", message })
    expect((await outbox.entry(id))?.version).toBe(version)
    const wrong = { ifVersion: "1" as unknown as number }
    await expect(outbox.discard(id, wrong)).rejects.toThrow('ifVersion: "1"')
    await clock.runUntil(outbox.close())
  })
})

describe("a retry", () => {
  test("sends a waiting entry now", async () => {
    const { outbox, server, clock } = await rehearseOutbox()
    server.replies(204)
    const { id } = await outbox.post("/x", { notBefore: new Date(clock.date() + 3_600_000) })
    outbox.run()
    await clock.advance(1000)
    await outbox.retry(id)
    await clock.advance(0)
    expect((await outbox.entry(id))?.state).toBe("delivered")
    await clock.runUntil(outbox.close())
  })

  test("releases an expired entry with the same Idempotency-Key", async () => {
    const { outbox, server, clock, id } = await expired()
    server.replies(204)
    const before = await outbox.entry(id)
    const released = await outbox.retry(id)
    expect(released).toMatchObject({ state: "waiting", tries: 0, idempotencyKey: before?.idempotencyKey })
    expect(released.expiresAt.getTime()).toBe(clock.date() + 1000)
    await clock.advance(0)
    expect((await outbox.entry(id))?.state).toBe("delivered")
    await clock.runUntil(outbox.close())
  })

  test.each([401, 403, 407])("releases what was refused for its credentials: %i", async (status) => {
    const { outbox, server, clock, id } = await rejected(status)
    server.replies(204)
    await outbox.retry(id)
    await clock.advance(0)
    expect((await outbox.entry(id))?.state).toBe("delivered")
    await clock.runUntil(outbox.close())
  })

  test.each([400, 404, 422])("does not send a rejected entry again unchanged: %i", async (status) => {
    const { outbox, clock, id } = await rejected(status)
    await expect(outbox.retry(id)).rejects.toThrow("a 4xx is not sent again unchanged: amend it, or discard it")
    await clock.runUntil(outbox.close())
  })
})

test("what is discarded is not sent, and lets those behind it go", async () => {
  const { outbox, server, clock, id } = await rejected(400, { orderingKey: "a" })
  server.expect("POST /next").replies(204)
  const next = await outbox.post("/next", { orderingKey: "a" })
  await clock.advance(10_000)
  expect((await next.status()).state).toBe("waiting")
  await outbox.discard(id)
  await clock.advance(0)
  expect((await next.status()).state).toBe("delivered")
  expect((await outbox.receipt(id).settled()).state).toBe("discarded")
  await clock.runUntil(outbox.close())
  server.verify()
})

test("an entry that cannot be read can be discarded", async () => {
  const { outbox, store } = await rehearseOutbox()
  const { id } = await outbox.post("/x")
  const row = store.rows.get(id)
  if (row !== undefined) row.entry = { ...row.entry, content: Buffer.from("{") }
  await expect(outbox.entry(id)).rejects.toMatchObject({ code: "sealed" })
  await outbox.discard(id)
  expect(row?.entry.state).toBe("discarded")
})

test("entries are listed by state, origin and ordering key, page by page, newest first", async () => {
  const { outbox, clock } = await rehearseOutbox()
  const ids: string[] = []
  for (let count = 0; count < 5; count++) ids.push((await outbox.post("/x", { orderingKey: `k${count % 2}` })).id)
  const other = await outbox.post("https://other.test/x")
  await outbox.discard(ids[0] ?? "")
  const list = async (query = {}): Promise<string[]> => (await outbox.list(query)).map(({ id }) => id)
  expect(await list()).toEqual([other.id, ...ids.toReversed()])
  expect(await list({ states: ["discarded"] })).toEqual([ids[0]])
  expect(await list({ origin: "https://other.test" })).toEqual([other.id])
  expect(await list({ orderingKey: "k1" })).toEqual([ids[3], ids[1]])
  expect(await list({ limit: 2 })).toEqual([other.id, ids[4]])
  expect(await list({ limit: 2, after: ids[4] })).toEqual([ids[3], ids[2]])
  await expect(outbox.list({ limit: 0 })).rejects.toThrow("list.limit: 0; give a number from 1 to 1000")
  await expect(outbox.list({ states: "waiting" as never })).rejects.toThrow(
    'list.states: "waiting"; give a list of waiting, sending',
  )
  await expect(outbox.list({ states: ["refused" as never] })).rejects.toThrow('list.states: "refused"; give a list')
  await expect(outbox.list({ orderingKey: 7 as never })).rejects.toThrow("list.orderingKey: 7")
  await expect(outbox.list({ state: "waiting" } as never)).rejects.toThrow('list: no option "state"')
  expect((await outbox.stats()).states).toMatchObject({ waiting: 5, discarded: 1 })
  expect(clock.pending).toBe(0)
})
