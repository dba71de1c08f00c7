import { describe, expect, test } from "vitest"
import { ConfigurationError } from "steadfetch"
import type { EnqueueOptions } from "./enqueue/enqueue.ts"
import type { Outbox } from "./outbox.ts"
import { rehearseOutbox } from "./test-outbox.ts"

async function bodyOf(outbox: Outbox, id: string): Promise<string | undefined> {
  const body = await (await outbox.entry(id))?.body()
  if (body === undefined) return undefined
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** A stream of so many bytes, which notes whether it was let go. */
function streamOf(bytes: number, end?: unknown): { stream: AsyncIterable<Uint8Array>; state: { isOver: boolean } } {
  const state = { isOver: false }
  async function* stream(): AsyncGenerator<Uint8Array> {
    try {
      for (let at = 0; at < bytes; at += 30_000) yield new Uint8Array(Math.min(30_000, bytes - at)).fill(97)
      if (end !== undefined) throw end
    } finally {
      state.isOver = true
    }
  }
  return { stream: stream(), state }
}

describe("what is written down", () => {
  test("is the request as it was asked for, and not what the client adds", async () => {
    const { outbox, store } = await rehearseOutbox({
      client: { headers: { "x-tenant": "acme", authorization: "Bearer s3cret-token" }, query: { version: "2" } },
    })
    const { id } = await outbox.put("/users/{id}", {
      path: { id: "a/b" },
      query: { notify: true },
      json: { name: "Ada" },
      headers: { "X-Trace": "7" },
    })
    expect(await outbox.entry(id)).toMatchObject({
      state: "waiting",
      version: 1,
      method: "PUT",
      url: "https://api.test/users/a%2Fb?notify=true&version=2",
      origin: "https://api.test",
      headers: [["content-type", "application/json"], ["x-trace", "7"]],
      bodyBytes: 14,
      idempotencyKey: undefined,
      tries: 0,
      priority: 0,
      afterRejection: "hold",
      last: undefined,
    }) // prettier-ignore
    expect(store.raw).toContain('"url":"/users/a%2Fb?notify=true"')
    expect(store.raw).not.toMatch(/acme|s3cret|version/)
    expect(await bodyOf(outbox, id)).toBe('{"name":"Ada"}')
  })

  test("goes to another base when that has moved, unless it was absolute", async () => {
    const first = await rehearseOutbox()
    await first.outbox.post("/relative")
    await first.outbox.post("https://hooks.test/absolute")
    const { outbox, server, clock } = await rehearseOutbox({
      store: first.store,
      client: { baseUrl: "https://new.test/v2" },
    })
    server.expect("POST https://new.test/v2/relative").replies(204)
    server.expect("POST https://hooks.test/absolute").replies(204)
    outbox.run()
    await clock.advance(1000)
    expect(() => server.verify()).not.toThrow()
    await clock.runUntil(outbox.close())
  })

  test("has an Idempotency-Key where the method needs one, the caller's, or none", async () => {
    const { outbox } = await rehearseOutbox()
    const keyOf = async (method: string, options: EnqueueOptions = {}): Promise<string | undefined> =>
      (await (await outbox.request(method, "/x", options)).status()).idempotencyKey
    expect(await keyOf("POST")).toMatch(/^id-\d+$/)
    expect(await keyOf("patch")).toMatch(/^id-\d+$/)
    expect(await keyOf("PUT")).toBeUndefined()
    expect(await keyOf("POST", { idempotencyKey: "mine" })).toBe("mine")
    expect(await keyOf("POST", { idempotencyKey: false })).toBeUndefined()
  })

  test.each<[string, EnqueueOptions, string | undefined, string | RegExp]>([
    ["a text", { body: "héllo" }, "text/plain;charset=UTF-8", "héllo"],
    ["bytes", { body: new Uint8Array([104, 105]) }, undefined, "hi"],
    ["a Blob", { body: new Blob(["hi"], { type: "text/x" }) }, "text/x", "hi"],
    ["fields", { form: { a: "1", b: "x y" } }, "application/x-www-form-urlencoded;charset=UTF-8", "a=1&b=x+y"],
    ["a function", { body: () => "hi" }, undefined, "hi"],
    ["a stream", { body: streamOf(3).stream }, undefined, "aaa"],
    ["a long text", { body: "ab".repeat(50_000) }, "text/plain;charset=UTF-8", /^(ab){50000}$/],
    ["a long stream", { body: streamOf(100_000).stream }, undefined, /^a{100000}$/],
    ["a long Blob", { body: new Blob(["ab".repeat(50_000)]) }, undefined, /^(ab){50000}$/],
    ["no bytes", { body: "" }, "text/plain;charset=UTF-8", ""],
    ["null", { json: null }, "application/json", "null"],
  ])("has %s as its body", async (_, options, type, text) => {
    const { outbox } = await rehearseOutbox()
    const { id } = await outbox.post("/x", options)
    expect(new Map((await outbox.entry(id))?.headers).get("content-type")).toBe(type)
    expect(await bodyOf(outbox, id)).toMatch(text === "" ? /^$/ : text)
  })

  test("is a form encoded once, with its boundary", async () => {
    const { outbox } = await rehearseOutbox()
    const form = new FormData()
    form.set("file", new File(["content"], "a.txt"))
    const { id } = await outbox.post("/x", { form })
    const type = new Map((await outbox.entry(id))?.headers).get("content-type")
    const boundary = /boundary=(.+)$/.exec(type ?? "")?.[1]
    expect(await bodyOf(outbox, id)).toMatch(
      new RegExp(`^--${boundary}\\r\\n.*content\\r\\n--${boundary}--\\r\\n$`, "s"),
    )
  })

  test("is what a schema makes of the JSON", async () => {
    const { outbox } = await rehearseOutbox()
    const requestSchema = {
      "~standard": { version: 1, vendor: "test", validate: () => ({ value: { made: 1 } }) },
    } as const
    const { id } = await outbox.post("/x", { json: {}, requestSchema })
    expect(await bodyOf(outbox, id)).toBe('{"made":1}')
  })
})

describe("refused at the door, with the fix", () => {
  const circular: Record<string, unknown> = {}
  circular["self"] = circular
  const refusing = { "~standard": { version: 1, vendor: "test", validate: () => ({ issues: [{ message: "is wrong", path: ["a"] }] }) } } as const // prettier-ignore

  test.each<[string, string, string | URL, unknown, string]>([
    ["a method", "GE T", "/x", {}, 'method "GE T" is not a token'],
    ["no URL", "POST", undefined as never, {}, "URL: undefined; give a text or a URL"],
    ["a URL of another kind", "POST", "ftp://h/x", {}, 'URL "ftp://h/x" is not an absolute http(s) URL'],
    ["a path out of the base", "POST", "//evil.test/x", {}, "leaves https://api.test"],
    ["user info", "POST", "https://u:p@h.test/", {}, 'URL for h.test holds a user name or password; use "auth"'],
    ["no path value", "POST", "/{id}", {}, 'path value "id" of /{id} is undefined'],
    ["an unknown option", "POST", "/x", { jsn: {} }, 'the entry: no option "jsn"; there is path, query'],
    ["retry", "POST", "/x", { retry: false }, 'the entry: no option "retry"'],
    ["no options", "POST", "/x", 3, "the entry: 3; give {"],
    ["JSON that is none", "POST", "/x", { json: circular }, '"json" cannot be written as JSON'],
    ["a function as JSON", "POST", "/x", { json: () => 1 }, '"json" is a function, which has no JSON form'],
    ["two bodies", "POST", "/x", { json: 1, body: "a" }, "a call has one body"],
    ["a body of GET", "GET", "/x", { json: 1 }, "a GET request has no body"],
    ["a body that is none", "POST", "/x", { body: {} }, "the body is an object (Object)"],
    ["what a schema refuses", "POST", "/x", { json: 1, requestSchema: refusing }, '"json" does not match the schema: a: is wrong'],
    ["a header name", "POST", "/x", { headers: { "a b": "1" } }, 'header name "a b" is no token'],
    ["a header value", "POST", "/x", { headers: { a: "1\n2" } }, 'header "a" holds a line break'],
    ["Authorization", "POST", "/x", { headers: { Authorization: "Bearer x" } }, 'header "authorization" may be a credential, which is not stored; give it to the client'],
    ["Cookie", "POST", "/x", { headers: { cookie: "a=b" } }, 'header "cookie" may be a credential'],
    ["an API key", "POST", "/x", { headers: { "X-Api-Key": "b" } }, 'header "x-api-key" may be a credential'],
    ["a token", "POST", "/x", { headers: { "x-csrf-token": "b" } }, 'header "x-csrf-token" may be a credential'],
    ["Idempotency-Key", "POST", "/x", { headers: { "Idempotency-Key": "b" } }, 'to set it yourself give "idempotencyKey"'],
    ["a token in the URL", "POST", "/x?access_token=abc", {}, 'query parameter "access_token" may be a credential, which is not stored'],
    ["a key in the query", "POST", "/x", { query: { apiKey: "abc" } }, 'query parameter "apiKey" may be a credential'],
    ["a signed URL", "PUT", "https://s3.test/a?X-Amz-Signature=abc", {}, 'query parameter "X-Amz-Signature" may be a credential'],
    ["a long URL", "POST", `/x?a=${"b".repeat(70_000)}`, {}, "URL and headers have 70005 bytes; at most 65536 are stored"],
    ["an empty key", "POST", "/x", { key: "" }, "key: 0 characters; give a text of 1 to 512 characters"],
    ["a long key", "POST", "/x", { key: "k".repeat(513) }, "key: 513 characters; give"],
    ["a number as key", "POST", "/x", { key: 17 }, "key: 17; give a text"],
    ["a control character", "POST", "/x", { orderingKey: "a\0b" }, 'orderingKey: "a\\u0000b"; give'],
    ["half a character", "POST", "/x", { key: "\ud800" }, 'key: "\\ud800"; give'],
    ["a high priority", "POST", "/x", { priority: 101 }, "priority: 101; give a number from -100 to 100"],
    ["half a priority", "POST", "/x", { priority: 0.5 }, "priority: 0.5; give a whole number"],
    ["no lifetime", "POST", "/x", { lifetimeMs: 0 }, "lifetimeMs (ms): 0; give a number from 1"],
    ["an endless lifetime", "POST", "/x", { lifetimeMs: Infinity }, "lifetimeMs (ms): Infinity; give a number from 1"],
    ["a number as date", "POST", "/x", { notBefore: 17 }, "notBefore: 17; give a Date"],
    ["an invalid date", "POST", "/x", { notBefore: new Date(Number.NaN) }, "notBefore: an invalid Date; give a valid one"],
    ["a distant date", "POST", "/x", { notBefore: new Date("9999-01-01") }, "give a date within 100 years"],
    ["what follows", "POST", "/x", { afterRejection: "stop" }, 'afterRejection: "stop"; give "hold" or "skip"'],
    ["an empty Idempotency-Key", "POST", "/x", { idempotencyKey: " " }, 'idempotencyKey: " "; give a text that is not empty, or false'],
    ["a line break in it", "POST", "/x", { idempotencyKey: "a\nb" }, "idempotencyKey holds a line break"],
    ["no signal", "POST", "/x", { signal: new AbortController() }, "signal: an object (AbortController); give an AbortSignal"],
  ])("%s", async (_, method, url, options, message) => {
    const { outbox, store } = await rehearseOutbox()
    const adding = outbox.request(method, url, options as EnqueueOptions)
    await expect(adding).rejects.toThrow(message)
    await expect(adding).rejects.toBeInstanceOf(ConfigurationError)
    expect(store.rows.size).toBe(0)
  }) // prettier-ignore

  test.each(["accesstoken", "APIToken", "clientsecret", "pwd", "passphrase", "AWSAccessKeyId"])(
    "a parameter named %s",
    async (name) => {
      const { outbox } = await rehearseOutbox()
      await expect(outbox.post(`/x?${name}=abc`)).rejects.toThrow(`query parameter "${name}" may be a credential`)
    },
  )

  test.each(["author", "keyword", "design", "monkeys", "authorId", "tokenized"])(
    "but not a parameter named %s",
    async (name) => {
      const { outbox } = await rehearseOutbox()
      await expect(outbox.post("/x", { query: { [name]: "1" } })).resolves.toMatchObject({ isNew: true })
    },
  )

  test.each<[string, EnqueueOptions]>([
    ["a text", { body: "a".repeat(100_001) }],
    ["a stream", { body: streamOf(100_001).stream }],
    ["a short stream", { body: streamOf(100_001).stream }],
    ["a Blob", { body: new Blob(["a".repeat(100_001)]) }],
  ])("a body that is too long: %s", async (_, options) => {
    const { outbox, store } = await rehearseOutbox({ limits: { bodyBytes: 100_000 } })
    await expect(outbox.post("/x", options)).rejects.toThrow(
      'the body has more than 100000 bytes; raise "limits.bodyBytes"',
    )
    expect(store.rows.size).toBe(0)
  })
})

test("what is added without waiting keeps its order, be there a body or not", async () => {
  const { outbox } = await rehearseOutbox()
  const orderingKey = "o"
  const receipts = await Promise.all([
    outbox.put("/x", { json: {}, orderingKey }),
    outbox.delete("/x", { orderingKey }),
    outbox.post("/x", { form: { a: "1" }, orderingKey }),
    outbox.delete("/x", { orderingKey }),
  ])
  expect((await outbox.list({ orderingKey })).map(({ id }) => id)).toEqual(receipts.map(({ id }) => id).toReversed())
})

describe("a key", () => {
  test("gives the entry that is there when the request is the same", async () => {
    const { outbox, store } = await rehearseOutbox()
    const first = await outbox.post("/orders", { json: { a: 1 }, key: "order-17" })
    const second = await outbox.post("/orders", { json: { a: 1 }, key: "order-17" })
    expect([first.isNew, second.isNew]).toEqual([true, false])
    expect(second.id).toBe(first.id)
    expect(store.rows.size).toBe(1)
  })

  test.each<[string, string, string, EnqueueOptions, string]>([
    ["another body", "POST", "/orders", { json: { a: 2 } }, "this request is one with another body"],
    ["another type", "POST", "/orders", { body: '{"a":1}' }, "this request is one with other headers"],
    ["no body", "POST", "/orders", {}, "this request is one with other headers"],
    ["another URL", "POST", "/refunds", { json: { a: 1 } }, "this request is POST /refunds; give it another key"],
    ["another method", "PUT", "/orders", { json: { a: 1 } }, "this request is PUT /orders"],
  ])("of another request is a conflict that names both: %s", async (_, method, url, options, message) => {
    const { outbox } = await rehearseOutbox()
    const { id } = await outbox.post("/orders", { json: { a: 1 }, key: "order-17" })
    const again = outbox.request(method, url, { ...options, key: "order-17" })
    await expect(again).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining(message) })
    await expect(again).rejects.toThrow(
      `key "order-17" belongs to POST /orders (entry ${id}, waiting, added 2026-01-01T00:00:00.000Z)`,
    )
  })

  test("knows a form again, whose boundary is another one each time", async () => {
    const { outbox } = await rehearseOutbox()
    const form = (text: string): FormData => {
      const data = new FormData()
      data.set("file", new Blob([text]))
      return data
    }
    await outbox.post("/x", { form: form("a"), key: "k" })
    expect((await outbox.post("/x", { form: form("a"), key: "k" })).isNew).toBe(false)
    expect((await outbox.post("/x", { body: form("a"), key: "k" })).isNew).toBe(false)
    await expect(outbox.post("/x", { form: form("b"), key: "k" })).rejects.toMatchObject({ code: "conflict" })
  })

  test("knows a long stream again", async () => {
    const { outbox } = await rehearseOutbox()
    await outbox.post("/x", { body: streamOf(100_000).stream, key: "k" })
    const again = streamOf(100_000)
    expect((await outbox.post("/x", { body: again.stream, key: "k" })).isNew).toBe(false)
    expect(again.state.isOver).toBe(true)
    const other = streamOf(100_001)
    await expect(outbox.post("/x", { body: other.stream, key: "k" })).rejects.toMatchObject({ code: "conflict" })
    expect(
      (await outbox.post("/x", { body: "a".repeat(100_000), headers: { "content-type": null }, key: "k2" })).isNew,
    ).toBe(true)
  })

  test("is free again when its entry was discarded", async () => {
    const { outbox } = await rehearseOutbox()
    const first = await outbox.post("/x", { key: "k" })
    await outbox.discard(first.id)
    expect(await outbox.find("k")).toBeUndefined()
    const second = await outbox.post("/y", { key: "k" })
    expect(second.isNew).toBe(true)
    expect((await outbox.find("k"))?.id).toBe(second.id)
  })

  test("still knows its request after an amendment", async () => {
    const { outbox } = await rehearseOutbox()
    const { id } = await outbox.post("/x", { json: { a: 1 }, key: "k" })
    await outbox.amend(id, { json: { a: 2 } })
    expect((await outbox.post("/x", { json: { a: 1 }, key: "k" })).id).toBe(id)
  })
})

describe("pressure", () => {
  test("refuses entries beyond the limit, until some are gone", async () => {
    const { outbox, clock, server } = await rehearseOutbox({ limits: { entries: 2 } })
    await outbox.post("/a")
    await outbox.post("/b")
    let isLetGo = false
    const body = new ReadableStream<Uint8Array>({
      cancel: () => {
        isLetGo = true
      },
    })
    await expect(outbox.post("/c", { body })).rejects.toMatchObject({
      code: "full",
      message: expect.stringContaining("2 entries wait; limits.entries allows 2. Try later: nothing was added"),
    })
    expect(isLetGo).toBe(true)
    server.otherwise.replies(204)
    outbox.run()
    await clock.advance(2000)
    await expect(outbox.post("/c")).resolves.toMatchObject({ isNew: true })
    await clock.runUntil(outbox.close())
  })

  test("refuses bodies beyond the limit of all of them", async () => {
    const { outbox } = await rehearseOutbox({ limits: { totalBytes: 100 } })
    await outbox.post("/a", { body: "a".repeat(100) })
    await expect(outbox.post("/b")).rejects.toThrow(
      "the bodies of those that wait have 100 bytes; limits.totalBytes allows 100",
    )
  })

  test("counts what is being added at the same time", async () => {
    const { outbox, store } = await rehearseOutbox({ limits: { entries: 10 } })
    await outbox.post("/x", { key: "k" })
    const added = await Promise.allSettled(Array.from({ length: 50 }, () => outbox.post("/x")))
    expect(added.filter(({ status }) => status === "fulfilled")).toHaveLength(9)
    expect(store.rows.size).toBe(10)
  })

  test("counts nothing that was not added", async () => {
    const { outbox, store } = await rehearseOutbox({ limits: { entries: 2 } })
    await outbox.post("/x", { key: "k" })
    for (let count = 0; count < 3; count++) await outbox.post("/x", { key: "k" })
    store.failures.push({ method: "add", error: new Error("away") })
    await expect(outbox.post("/x")).rejects.toThrow("away")
    await outbox.post("/x")
    await expect(outbox.post("/x")).rejects.toMatchObject({ code: "full" })
  })

  test("asks the store once a second at most", async () => {
    const { outbox, store, clock } = await rehearseOutbox()
    await Promise.all(Array.from({ length: 20 }, () => outbox.post("/a")))
    expect(store.calls["counts"]).toBe(1)
    await clock.advance(1000)
    await outbox.post("/a")
    expect(store.calls["counts"]).toBe(2)
  })
})

describe("adding that ends early", () => {
  test("rejects with what the body's stream threw, and adds nothing", async () => {
    const { outbox, store } = await rehearseOutbox()
    const broken = new Error("the file is gone")
    await expect(outbox.post("/x", { body: streamOf(10, broken).stream })).rejects.toBe(broken)
    await expect(outbox.post("/x", { body: streamOf(100_000, broken).stream })).rejects.toBe(broken)
    expect(store.rows.size).toBe(0)
  })

  test.each([10, 100_000])(
    "rejects with the reason of its signal at once, while a stream says nothing: after %i bytes",
    async (bytes) => {
      const { outbox, store } = await rehearseOutbox()
      const controller = new AbortController()
      let pulled = 0
      const stream = new ReadableStream<Uint8Array>({
        pull(source) {
          pulled += 1
          if (pulled === 1) source.enqueue(new Uint8Array(bytes))
          else return new Promise(() => {})
          return undefined
        },
        cancel: () => {
          pulled = -1
        },
      })
      const adding = outbox.post("/x", { body: stream, signal: controller.signal })
      const settled = expect(adding).rejects.toBe("enough")
      await new Promise((resolve) => setImmediate(resolve))
      controller.abort("enough")
      await settled
      expect(store.rows.size).toBe(0)
    },
  )

  test("sends nothing to the store when the signal has fired", async () => {
    const { outbox, store } = await rehearseOutbox()
    await expect(outbox.post("/x", { signal: AbortSignal.abort("enough") })).rejects.toBe("enough")
    expect(store.calls["add"]).toBeUndefined()
  })

  test("tells what the store says, and lets the body's stream go", async () => {
    const { outbox, store } = await rehearseOutbox()
    const away = new Error("away")
    store.failures.push({ method: "add", error: away })
    const { stream, state } = streamOf(100_000)
    await expect(outbox.post("/x", { body: stream })).rejects.toBe(away)
    await new Promise((resolve) => setImmediate(resolve))
    expect(state.isOver).toBe(true)
  })
})
