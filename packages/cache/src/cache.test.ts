import { rehearse } from "@steadfetch/testing"
import { bearer, coalesce, type EventMap, type Policy, type RequestOptions } from "steadfetch"
import { describe, expect, test } from "vitest"
import { cache, type CacheEntry, type CacheOptions, type CacheStore } from "./index.ts"

type Options = Parameters<typeof rehearse>[0]

const MINUTE = { "cache-control": "max-age=60" }

function rehearseCache(own: CacheOptions = {}, options: Options = {}) {
  return rehearse({ retry: false, ...options, add: [cache(own)] })
}

function asking(cacheControl: string): RequestOptions {
  return { headers: { "cache-control": cacheControl } }
}

/** A store like those behind a network: its answers take a turn, and its entries are copies. */
function slowStore(): CacheStore & { readonly entries: Map<string, CacheEntry> } {
  const entries = new Map<string, CacheEntry>()
  return {
    entries,
    get: async (key) => structuredClone(entries.get(key)),
    set: async (key, entry) => entries.set(key, structuredClone(entry)),
    delete: async (key) => entries.delete(key),
  }
}

/** Sends every request to another endpoint, and says so. */
const elsewhere: Policy = {
  name: "elsewhere",
  scope: "endpoint",
  wrap: (next) => async (exchange) => {
    const url = exchange.request.url.replace("api.test", "eu.test")
    const outcome = await next({ ...exchange, request: { ...exchange.request, url } })
    return outcome.kind === "reply" ? { ...outcome, url: outcome.url ?? url, sentTo: url } : outcome
  },
}

describe("a fresh reply", () => {
  test("answers again without a request, marked as what it is", async () => {
    const { api, server, run, clock } = rehearseCache()
    server.replies(200, { headers: { ...MINUTE, "x-own": "1" }, body: { json: [1] } })
    const first = await run(api.get("/"))
    await clock.advance(10_500)
    const second = await run(api.get("/"))
    expect([await first.json(), await second.json()]).toEqual([[1], [1]])
    expect([first.servedBy, second.servedBy, second.attempts]).toEqual([undefined, "cache", []])
    expect(["age", "cache-status", "x-own", "content-type"].map((name) => second.headers.get(name))).toEqual(["10", "steadfetch; hit; ttl=49", "1", "application/json"]) // prettier-ignore
    expect(first.headers.get("cache-status")).toBe("steadfetch; fwd=miss; stored")
  })

  test("answers until it is stale, and no longer", async () => {
    const { api, server, run, clock } = rehearseCache()
    server.otherwise.replies(200, { headers: MINUTE })
    await run(api.get("/"))
    await clock.advance(59_999)
    await run(api.get("/"))
    expect(server.requests.length).toBe(1)
    await clock.advance(1)
    await run(api.get("/"))
    expect(server.requests.length).toBe(2)
  })

  test("is not changed by what a caller does with its bytes", async () => {
    const { api, server, run } = rehearseCache()
    server.replies(200, { headers: MINUTE, body: new Uint8Array([1, 2]) })
    for (let call = 0; call < 3; call++) {
      const bytes = await run(api.get("/").bytes())
      expect(bytes).toEqual(new Uint8Array([1, 2]))
      bytes.fill(0)
    }
  })

  test("may be an error, which is explained as the first time", async () => {
    const { api, server, run } = rehearseCache()
    server.replies(404, { headers: MINUTE, body: { json: { message: "no such user" } } })
    for (let call = 0; call < 2; call++) {
      await expect(run(api.get("/"))).rejects.toMatchObject({ status: 404, serverMessage: "no such user" })
    }
    expect(server.requests.length).toBe(1)
  })

  test("answers a HEAD without its body", async () => {
    const { api, server, run } = rehearseCache()
    server.replies(200, { headers: MINUTE, body: "a body" })
    await run(api.get("/"))
    const reply = await run(api.head("/"))
    expect([reply.servedBy, await reply.text(), reply.headers.get("content-type")]).toEqual(["cache", "", "text/plain; charset=utf-8"]) // prettier-ignore
  })

  test("loses its cookies and what belonged to its connection", async () => {
    const { api, server, run } = rehearseCache()
    const headers = { ...MINUTE, "set-cookie": "sid=1", connection: "x-hop, close", "x-hop": "1", "x-kept": "1" }
    server.replies(200, { headers })
    expect((await run(api.get("/"))).headers.get("set-cookie")).toBe("sid=1")
    const names = [...(await run(api.get("/"))).headers].map(([name]) => name)
    expect(names.toSorted()).toEqual(["age", "cache-control", "cache-status", "x-kept"])
  })

  test("ages from when the request that was answered went out", async () => {
    const { api, server, run, clock } = rehearseCache()
    server.replies(200, { headers: { ...MINUTE, age: "20" }, delayMs: 10_000 })
    await run(api.get("/"))
    expect((await run(api.get("/"))).headers.get("age")).toBe("30")
    await clock.advance(30_000)
    server.replies(200)
    expect((await run(api.get("/"))).servedBy).toBeUndefined()
  })

  test("is not trusted once the time of day was set back", async () => {
    const { api, server, run, clock } = rehearseCache()
    server.otherwise.replies(200, { headers: MINUTE })
    await run(api.get("/"))
    clock.setDate(Date.UTC(2025, 0, 1))
    expect((await run(api.get("/"))).servedBy).toBeUndefined()
  })
})

describe("what a reply is the answer to", () => {
  const variants = async (vary: string, first: RequestOptions, second: RequestOptions): Promise<number> => {
    const { api, server, run } = rehearseCache()
    server.otherwise.replies(200, { headers: { ...MINUTE, vary } })
    for (const options of [first, second, first, second]) await run(api.get("/", options))
    return server.requests.length
  }

  test.each<[string, Record<string, string>, Record<string, string>, number]>([
    ["Accept-Language", { "accept-language": "de" }, { "accept-language": "de" }, 1],
    ["Accept-Language", { "accept-language": "de, en" }, { "accept-language": "de,en" }, 1],
    ["Accept-Language", { "accept-language": "de" }, { "accept-language": "en" }, 2],
    ["Accept-Language", { "accept-language": "de" }, {}, 2],
    ["Accept", { "x-other": "1" }, { "x-other": "2" }, 1],
    ["X-A, x-b", { "x-a": "1", "x-b": "1" }, { "x-a": "1", "x-b": "2" }, 2],
    ["*", {}, {}, 4],
    ["Accept, *", {}, {}, 4],
  ])("by Vary: %s, %j and %j: %i requests", async (vary, first, second, requests) => {
    expect(await variants(vary, { headers: first }, { headers: second })).toBe(requests)
  })

  test("is the whole URL, without its fragment", async () => {
    const { api, server, run } = rehearseCache()
    server.otherwise.replies(200, { headers: MINUTE })
    for (const url of ["/a", "/a?page=1", "/a?page=2", "/a#x", "/a?page=1#y"]) await run(api.get(url))
    expect(server.requests.length).toBe(3)
  })

  test("is whoever asks: other credentials never share", async () => {
    const { api, server, run } = rehearseCache()
    server.otherwise.replies(200, { headers: { "cache-control": "max-age=60, public" } })
    for (const headers of [{ authorization: "Bearer a" }, { authorization: "Bearer b" }, { cookie: "sid=1" }, { "x-api-key": "k" }, {}]) {
      for (let call = 0; call < 2; call++) await run(api.get("/", { headers }))
    } // prettier-ignore
    expect(server.requests.length).toBe(5)
  })

  test("clients with other credentials of their own have other caches", async () => {
    const { api, server, run } = rehearseCache({}, { auth: bearer("first") })
    server.otherwise.replies(200, { headers: MINUTE })
    const other = api.extend({ auth: bearer("second") })
    for (const client of [api, other, api, other, api.extend({ headers: { "x-own": "1" } })]) await run(client.get("/"))
    expect(server.requests.map((request) => request.header("authorization"))).toEqual(["Bearer first", "Bearer second"])
  })

  test("a partition that changes while the client lives has its own replies", async () => {
    let user = "ada"
    const { api, server, run } = rehearseCache({ partition: () => user }, { auth: bearer(() => `token of ${user}`) })
    server.otherwise.replies(200, { headers: MINUTE })
    await run(api.get("/"))
    user = "bob"
    await run(api.get("/"))
    user = "ada"
    expect((await run(api.get("/"))).servedBy).toBe("cache")
    expect(server.requests.map((request) => request.header("authorization"))).toEqual(["Bearer token of ada", "Bearer token of bob"]) // prettier-ignore
  })
})

describe("while the user changes", () => {
  /** A client of whoever is signed in, whose server tells each user something else. */
  function rehearseUsers() {
    const session = { user: "ada" }
    const auth = bearer(() => session.user)
    const own = rehearseCache({ partition: () => session.user }, { auth, retry: { attempts: 2 } })
    const servedTo = async (user: string): Promise<string | undefined> => {
      session.user = user
      own.server.otherwise.replies(200, { body: "asked for" })
      return (await own.run(own.api.get("/"))).servedBy
    }
    return { ...own, session, servedTo }
  }

  test("what a retry with another's token brings is kept for neither", async () => {
    const { api, server, run, clock, session, servedTo } = rehearseUsers()
    server.replies(503, { headers: { "retry-after": "2" } }).replies(200, { headers: MINUTE, body: "bob's" })
    clock.after(1000, () => (session.user = "bob"))
    await run(api.get("/"))
    expect(server.requests.map((request) => request.header("authorization"))).toEqual(["Bearer ada", "Bearer bob"])
    expect([await servedTo("ada"), await servedTo("bob")]).toEqual([undefined, undefined])
  })

  test("nor when the first one is back before the reply is there", async () => {
    const { api, server, run, clock, session, servedTo } = rehearseUsers()
    server.replies(503, { headers: { "retry-after": "2" } }).replies(200, { headers: MINUTE, delayMs: 5000 })
    clock.after(1000, () => (session.user = "bob"))
    clock.after(6000, () => (session.user = "ada"))
    await run(api.get("/"))
    expect([await servedTo("ada"), await servedTo("bob")]).toEqual([undefined, undefined])
  })

  test("a 304 to another is not believed", async () => {
    const { api, server, run, clock, session } = rehearseUsers()
    server.replies(200, { headers: { etag: '"1"' }, body: "ada's" })
    await run(api.get("/"))
    server.replies(503, { headers: { "retry-after": "2" } }).replies(304, { headers: { etag: '"1"', ...MINUTE } })
    server.replies(200, { headers: { etag: '"1"', ...MINUTE }, body: "bob's" })
    clock.after(1000, () => (session.user = "bob"))
    expect(await run(api.get("/").text())).toBe("bob's")
    expect(server.requests.at(-1)?.header("if-none-match")).toBeUndefined()
    session.user = "ada"
    server.replies(304)
    expect(await run(api.get("/").text())).toBe("ada's")
  })

  test.each([200, 304])("a renewal that ends with another's token changes nothing: %i", async (status) => {
    const { api, server, run, clock, session } = rehearseUsers()
    const headers = { "cache-control": "max-age=60, stale-while-revalidate=600", etag: '"1"' }
    server.replies(200, { headers, body: "ada's" })
    await run(api.get("/"))
    await clock.advance(61_000)
    server.replies(503, { headers: { "retry-after": "2" } }).replies(status, { headers, body: status === 200 ? "bob's" : "" }) // prettier-ignore
    expect(await run(api.get("/").text())).toBe("ada's")
    session.user = "bob"
    await clock.advance(10_000)
    expect(server.requests.at(-1)?.header("authorization")).toBe("Bearer bob")
    session.user = "ada"
    server.replies(200, { headers, body: "ada's" })
    const reply = await run(api.get("/"))
    expect([await reply.text(), reply.servedBy]).toEqual(["ada's", "stale cache"])
  })

  test("a change makes the cache forget what both had", async () => {
    const { api, server, run, clock, session, servedTo } = rehearseUsers()
    server.otherwise.replies(200, { headers: MINUTE })
    for (const user of ["ada", "bob"]) {
      session.user = user
      await run(api.get("/"))
    }
    session.user = "ada"
    server.replies(204, { delayMs: 1000 })
    clock.after(500, () => (session.user = "bob"))
    await run(api.put("/"))
    expect([await servedTo("ada"), await servedTo("bob")]).toEqual([undefined, undefined])
  })

  test.each(["GET", "PUT"])(
    "who signs out meanwhile has the reply to a %s all the same, and none is kept",
    async (method) => {
      const session: { user: { id: string } | undefined } = { user: { id: "ada" } }
      const { api, server, run, clock } = rehearseCache({ partition: () => session.user?.id ?? (undefined as never) })
      server.otherwise.replies(200, { headers: MINUTE, delayMs: 1000 })
      clock.after(500, () => (session.user = undefined))
      expect((await run(api.request(method, "/"))).servedBy).toBeUndefined()
      session.user = { id: "ada" }
      expect((await run(api.get("/"))).servedBy).toBeUndefined()
    },
  )

  test("who keeps time further out is told as without a cache", async () => {
    const told: string[] = []
    const note = (what: string) => (): void => void told.push(what)
    const watch = { sending: note("sending"), waiting: note("waiting"), arrived: note("arrived") }
    const timekeeper: Policy = {
      name: "timekeeper",
      scope: "call",
      wrap: (next) => (exchange) => next({ ...exchange, watch }),
    }
    const { api, server, run } = rehearse({ retry: false, add: [timekeeper, cache({ partition: () => "ada" })] })
    server.replies(200, { body: "a body" })
    await run(api.get("/"))
    expect(told).toEqual(["sending", "arrived", "waiting", "arrived", "waiting", "arrived"])
  })

  test("what coalesce() has from another's call is not kept", async () => {
    const session = { user: "ada" }
    const { api, server, run } = rehearse({
      auth: bearer(() => session.user),
      add: [cache({ partition: () => session.user }), coalesce()],
    })
    server.otherwise.replies(200, { headers: MINUTE, delayMs: 100 })
    const first = api.get("/").text()
    await Promise.resolve()
    session.user = "bob"
    await run(Promise.all([first, api.get("/")]))
    expect(server.requests.length).toBe(1)
    expect((await run(api.get("/"))).servedBy).toBeUndefined()
  })
})

describe("what is not kept", () => {
  test.each<[string, number, Record<string, string>]>([
    ["a reply that says so", 200, { "cache-control": "no-store, max-age=60" }],
    ["one that says nothing about its life and has no validator", 200, {}],
    ["one whose age cannot be told, however old it is", 200, { expires: "0" }],
    ["a redirect that is handed over", 301, MINUTE],
    ["a server's error", 503, MINUTE],
    ["a refusal without a lifetime", 404, { etag: '"1"' }],
    ["a part", 206, MINUTE],
  ])("%s", async (_, status, headers) => {
    const { api, server, run } = rehearseCache()
    server.otherwise.replies(status, { headers, body: "a body" })
    for (let call = 0; call < 2; call++) await run(api.get("/", { redirect: "manual" }).outcome())
    expect(server.requests.length).toBe(2)
    expect(server.requests.some((request) => request.header("if-none-match") !== undefined)).toBe(false)
  })

  test.each<[string, (api: ReturnType<typeof rehearse>["api"]) => PromiseLike<unknown>]>([
    ["a request that forbids it", (api) => api.get("/", asking("no-store"))],
    ["a part of a reply", (api) => api.get("/", { headers: { range: "bytes=0-1" } })],
    ["a condition of the caller's", (api) => api.get("/", { headers: { "if-none-match": '"1"' } })],
    ["a stream", async (api) => (await api.get("/").stream()).cancel()],
    ["a POST", (api) => api.post("/")],
    ["a HEAD", (api) => api.head("/")],
    ["an OPTIONS", (api) => api.request("OPTIONS", "/")],
  ])("%s", async (_, send) => {
    const { api, server, run } = rehearseCache()
    server.otherwise.replies(200, { headers: MINUTE, body: "a body" })
    await run(send(api))
    await run(api.get("/"))
    expect(server.requests.length).toBe(2)
  })

  test("what came from elsewhere after a redirect", async () => {
    const { api, server, run } = rehearseCache()
    server.otherwise.replies(200, { headers: MINUTE })
    server.expect("GET /").replies(302, { headers: { location: "/today" } })
    server.expect("GET /today").replies(200, { headers: MINUTE })
    await run(api.get("/"))
    await run(api.get("/"))
    expect(server.requests.length).toBe(3)
  })

  test("what an endpoint elsewhere answered after a redirect", async () => {
    const { api, server, run } = rehearse({ retry: false, add: [cache(), elsewhere] })
    server.otherwise.replies(200, { headers: MINUTE })
    server.expect("GET https://eu.test/").replies(302, { headers: { location: "/today" } })
    await run(api.get("/"))
    expect((await run(api.get("/"))).servedBy).toBeUndefined()
  })

  test("a reply that outgrows the store", async () => {
    const { api, server, run } = rehearseCache({ maxBytes: 1000 })
    server.otherwise.replies(200, { headers: MINUTE, body: "x".repeat(1001) })
    await run(api.get("/"))
    await run(api.get("/"))
    expect(server.requests.length).toBe(2)
  })
})

describe("a stale reply is validated", () => {
  test("with its ETag and Last-Modified; a 304 makes it fresh again, with new header fields", async () => {
    const { api, server, run, clock } = rehearseCache()
    const modified = "Wed, 31 Dec 2025 00:00:00 GMT"
    server.replies(200, { headers: { ...MINUTE, etag: '"1"', "last-modified": modified, "x-old": "1", "x-both": "1" }, body: "a body" }) // prettier-ignore
    server.replies(304, { headers: { "cache-control": "max-age=120", etag: '"1"', "x-new": "2", "x-both": "2", "content-length": "0" } }) // prettier-ignore
    await run(api.get("/"))
    await clock.advance(60_000)
    const validated = await run(api.get("/"))
    expect(server.requests[1]?.header("if-none-match")).toBe('"1"')
    expect(server.requests[1]?.header("if-modified-since")).toBe(modified)
    expect([validated.status, await validated.text(), validated.servedBy]).toEqual([200, "a body", undefined])
    expect(validated.attempts.map(({ status }) => status)).toEqual([304])
    expect(["x-old", "x-both", "x-new", "content-length", "cache-status"].map((name) => validated.headers.get(name))).toEqual(["1", "2", "2", null, "steadfetch; fwd=stale; fwd-status=304"]) // prettier-ignore
    await clock.advance(119_000)
    expect(await (await run(api.get("/"))).text()).toBe("a body")
    expect(server.requests.length).toBe(2)
  })

  test("a 304 without any validator is about the one that was asked for", async () => {
    const { api, server, run } = rehearseCache()
    server.replies(200, { headers: { etag: 'W/"1"' }, body: "a body" }).replies(304)
    await run(api.get("/"))
    expect(await run(api.get("/").text())).toBe("a body")
  })

  test("a 304 about something else is not believed, and the reply asked for anew", async () => {
    const { api, server, run } = rehearseCache()
    server.replies(200, { headers: { etag: '"1"' }, body: "old" })
    server.replies(304, { headers: { etag: '"2"' } })
    server.replies(200, { headers: { etag: '"2"', ...MINUTE }, body: "new" })
    await run(api.get("/"))
    expect(await run(api.get("/").text())).toBe("new")
    expect(server.requests.map((request) => request.header("if-none-match"))).toEqual([undefined, '"1"', undefined])
    expect((await run(api.get("/"))).servedBy).toBe("cache")
  })

  test("a 304 of another resource, after a redirect, is not believed", async () => {
    const { api, server, run } = rehearseCache()
    server.replies(200, { headers: { etag: '"1"' }, body: "old" })
    await run(api.get("/latest"))
    for (const status of [304, 200]) {
      server.expect("GET /latest").replies(302, { headers: { location: "/v2" } })
      server.expect("GET /v2").replies(status, { headers: { etag: '"1"' }, body: status === 200 ? "new" : "" })
    }
    expect(await run(api.get("/latest").text())).toBe("new")
    expect(server.requests.at(-1)?.header("if-none-match")).toBeUndefined()
    server.verify()
  })

  test("a HEAD that another resource answered disproves it", async () => {
    const { api, server, run } = rehearseCache()
    server.replies(200, { headers: { ...MINUTE, etag: '"1"' }, body: "a body" })
    server.replies(302, { headers: { location: "/v2" } }).replies(200, { headers: { etag: '"1"' } })
    server.otherwise.replies(200)
    await run(api.get("/"))
    await run(api.head("/", asking("no-cache")))
    expect((await run(api.get("/"))).servedBy).toBeUndefined()
  })

  test("what another endpoint of the same API answers is kept, and validated there", async () => {
    const { api, server, run, clock } = rehearse({ retry: false, add: [cache(), elsewhere] })
    server.replies(200, { headers: { ...MINUTE, etag: '"1"' }, body: "a body" }).replies(304, { headers: MINUTE })
    await run(api.get("/"))
    expect((await run(api.get("/"))).servedBy).toBe("cache")
    await clock.advance(60_000)
    expect(await run(api.get("/").text())).toBe("a body")
    expect(server.requests.map(({ url }) => url)).toEqual(["https://eu.test/", "https://eu.test/"])
    expect((await run(api.get("/"))).servedBy).toBe("cache")
  })

  test("another reply takes its place", async () => {
    const { api, server, run, clock } = rehearseCache()
    server.replies(200, { headers: { ...MINUTE, etag: '"1"' }, body: "old" })
    server.replies(200, { headers: { ...MINUTE, etag: '"2"' }, body: "new" })
    await run(api.get("/"))
    await clock.advance(60_000)
    expect(await run(api.get("/").text())).toBe("new")
    expect(await run(api.get("/").text())).toBe("new")
    server.verify()
  })

  test.each([401, 403, 404, 410])("a %i disproves it", async (status) => {
    const { api, server, run } = rehearseCache({ staleIfErrorMs: 1e9 })
    server
      .replies(200, { headers: { etag: '"1"' } })
      .replies(status)
      .replies(503)
    for (let call = 0; call < 2; call++) await run(api.get("/").outcome())
    expect(await run(api.get("/").outcome())).toMatchObject({ status: 503 })
    expect(server.requests[2]?.header("if-none-match")).toBeUndefined()
  })

  test("a 429 does not", async () => {
    const { api, server, run } = rehearseCache()
    server
      .replies(200, { headers: { etag: '"1"' } })
      .replies(429)
      .replies(304)
    for (let call = 0; call < 2; call++) await run(api.get("/").outcome())
    expect((await run(api.get("/"))).status).toBe(200)
  })

  test.each<[string, Record<string, string>, boolean]>([
    ["the same ETag", { etag: '"1"' }, true],
    ["another ETag", { etag: '"2"' }, false],
    ["another length", { etag: '"1"', "content-length": "9" }, false],
  ])("a HEAD with %s leaves or forgets it", async (_, headers, isLeft) => {
    const { api, server, run } = rehearseCache()
    server.replies(200, { headers: { ...MINUTE, etag: '"1"', "content-length": "6" }, body: "a body" })
    server.otherwise.replies(200, { headers })
    await run(api.get("/"))
    await run(api.head("/", asking("no-cache")))
    expect((await run(api.get("/"))).servedBy === "cache").toBe(isLeft)
  })
})

describe("the request's own Cache-Control", () => {
  test("no-cache asks the server first, as does Pragma alone", async () => {
    for (const headers of [{ "cache-control": "no-cache" }, { pragma: "no-cache" }]) {
      const { api, server, run } = rehearseCache()
      server.replies(200, { headers: { ...MINUTE, etag: '"1"' }, body: "a body" }).replies(304)
      await run(api.get("/"))
      const reply = await run(api.get("/", { headers }))
      expect([await reply.text(), reply.attempts.length]).toEqual(["a body", 1])
    }
  })

  test("only-if-cached never asks it", async () => {
    const rejected: EventMap["rejected"][] = []
    const { api, server, run } = rehearseCache({}, { on: { rejected: (event) => rejected.push(event) } })
    server.replies(200, { headers: MINUTE, body: "a body" })
    const outcome = await run(api.get("/", asking("only-if-cached")).outcome())
    expect(outcome).toMatchObject({ kind: "no-reply", error: { code: "rejected" } })
    expect(rejected.map(({ policy, key }) => [policy, key])).toEqual([["cache", "https://api.test/"]])
    expect(server.requests.length).toBe(0)
    await run(api.get("/"))
    expect(await run(api.get("/", asking("only-if-cached")).text())).toBe("a body")
  })

  test("max-stale takes a stale one", async () => {
    const { api, server, run, clock } = rehearseCache()
    server.replies(200, { headers: MINUTE })
    await run(api.get("/"))
    await clock.advance(70_000)
    const reply = await run(api.get("/", asking("max-stale=10")))
    expect([reply.servedBy, reply.headers.get("cache-status")]).toEqual(["stale cache", "steadfetch; hit; ttl=-10; detail=max-stale"]) // prettier-ignore
  })

  test("no-store leaves what is kept alone", async () => {
    const { api, server, run } = rehearseCache()
    server.otherwise.replies(200, { headers: MINUTE })
    await run(api.get("/"))
    expect((await run(api.get("/", asking("no-store")))).headers.get("cache-status")).toBeNull()
    expect((await run(api.get("/"))).servedBy).toBe("cache")
  })
})

describe("while a stale reply is renewed", () => {
  const SWR = { "cache-control": "max-age=60, stale-while-revalidate=60", etag: '"1"' }

  test("it answers at once, and the renewal is made once", async () => {
    const { api, server, run, clock } = rehearseCache()
    server.replies(200, { headers: SWR, body: "old" })
    server.replies(200, { headers: SWR, body: "new", delayMs: 5000 })
    await run(api.get("/"))
    await clock.advance(61_000)
    const replies = await run(Promise.all([api.get("/"), api.get("/"), api.head("/")]))
    expect([await replies[0].text(), clock.now(), replies[0].servedBy, replies[0].attempts]).toEqual(["old", 61_000, "stale cache", []]) // prettier-ignore
    expect(replies[0].headers.get("cache-status")).toBe("steadfetch; hit; ttl=-1; detail=stale-while-revalidate")
    expect(server.requests.map(({ method }) => method)).toEqual(["GET", "GET"])
    await clock.advance(5000)
    expect([await run(api.get("/").text()), server.requests.length, clock.pending]).toEqual(["new", 2, 0])
  })

  test("the renewal outlives the caller, its abort and its deadline", async () => {
    const { api, server, run, clock } = rehearseCache({}, { deadline: 1000, timeout: false })
    server.replies(200, { headers: SWR, body: "old" })
    server.replies(304, { headers: SWR, delayMs: 20_000 })
    await run(api.get("/"))
    await clock.advance(61_000)
    const controller = new AbortController()
    await run(api.get("/", { signal: controller.signal }))
    controller.abort()
    await clock.advance(20_000)
    expect([server.requests[1]?.end, (await run(api.get("/"))).servedBy]).toEqual(["answered", "cache"])
  })

  test("the renewal has a bound of its own, and the next call tries again", async () => {
    const { api, server, run, clock } = rehearseCache({}, { timeout: false })
    server.replies(200, { headers: { ...SWR, "cache-control": "max-age=60, stale-while-revalidate=600" } }).hangs().hangs() // prettier-ignore
    await run(api.get("/"))
    await clock.advance(60_000)
    await run(api.get("/"))
    await clock.advance(60_000)
    expect([server.requests[1]?.end, clock.pending]).toEqual(["aborted", 0])
    await run(api.get("/"))
    await clock.settle()
    expect(server.requests.length).toBe(3)
  })

  test("a renewal that fails, or is a defect, disturbs nobody", async () => {
    const ended: EventMap["call-ended"][] = []
    const { api, server, run, clock } = rehearseCache({}, { on: { "call-ended": (event) => ended.push(event) } })
    server.replies(200, { headers: SWR, body: "old" }).replies(503).throws(new TypeError("a defect"))
    await run(api.get("/"))
    await clock.advance(60_000)
    for (let call = 0; call < 2; call++) {
      expect(await run(api.get("/").text())).toBe("old")
      await clock.settle()
    }
    const renewals = ended.filter(({ call }) => call.servedBy === undefined).slice(1)
    expect(renewals.map(({ outcome }) => outcome?.kind)).toEqual(["reply", undefined])
    server.verify()
  })
})

describe("when the server fails", () => {
  const SIE = { "cache-control": "max-age=60, stale-if-error=600" }

  test.each([500, 502, 503, 504, 599])("a stale reply stands in for a %i", async (status) => {
    const { api, server, run, clock } = rehearseCache({}, { retry: { attempts: 2 } })
    server.replies(200, { headers: SIE, body: "old" })
    server.otherwise.replies(status)
    await run(api.get("/"))
    await clock.advance(70_000)
    const reply = await run(api.get("/"))
    expect([await reply.text(), reply.status, reply.servedBy]).toEqual(["old", 200, "stale cache"])
    expect(reply.attempts.map((attempt) => attempt.status)).toEqual([status, status])
    expect(reply.headers.get("cache-status")).toBe(`steadfetch; fwd=stale; fwd-status=${status}; detail=stale-if-error`)
    expect(server.openBodies).toBe(0)
  })

  test.each(["refused", "dns", "reset", "timeout", "network", "broken-body", "rejected"] as const)(
    "and for no reply because of %s",
    async (code) => {
      const { api, server, run, clock } = rehearseCache()
      server.replies(200, { headers: SIE, body: "old" }).fails(code)
      await run(api.get("/"))
      await clock.advance(70_000)
      const reply = await run(api.get("/"))
      expect([await reply.text(), reply.headers.get("cache-status")]).toEqual(["old", "steadfetch; fwd=stale; detail=stale-if-error"]) // prettier-ignore
    },
  )

  test("and when the deadline comes", async () => {
    const { api, server, run, clock } = rehearseCache({}, { deadline: 1000 })
    server.replies(200, { headers: SIE, body: "old" }).hangs()
    await run(api.get("/"))
    await clock.advance(70_000)
    expect([await run(api.get("/").text()), clock.now()]).toEqual(["old", 71_000])
  })

  test.each([400, 404, 429, 501, 505])("not for a %i, which is an answer", async (status) => {
    const { api, server, run, clock } = rehearseCache()
    server.replies(200, { headers: SIE }).replies(status)
    await run(api.get("/"))
    await clock.advance(70_000)
    expect(await run(api.get("/").outcome())).toMatchObject({ status, servedBy: undefined })
  })

  test("nor when the caller aborts", async () => {
    const { api, server, run, clock } = rehearseCache()
    server.replies(200, { headers: SIE }).hangs()
    await run(api.get("/"))
    await clock.advance(70_000)
    const controller = new AbortController()
    clock.after(10, () => controller.abort("mine"))
    await expect(run(api.get("/", { signal: controller.signal }))).rejects.toBe("mine")
  })

  test("`staleIfErrorMs` is for replies that do not say; without it the failure stands", async () => {
    for (const [staleIfErrorMs, status] of [[20_000, 200], [10_000, 503], [0, 503]] as const) {
      const { api, server, run, clock } = rehearseCache({ staleIfErrorMs })
      server.replies(200, { headers: MINUTE }).replies(503)
      await run(api.get("/"))
      await clock.advance(70_000)
      expect(await run(api.get("/").outcome())).toMatchObject({ status })
    } // prettier-ignore
  })

  test("with `staleIfErrorMs` a reply that says nothing of its life is kept for that, and always asked for", async () => {
    const { api, server, run } = rehearseCache({ staleIfErrorMs: 1000 })
    server.replies(200, { body: "1" }).replies(200, { body: "2" }).fails("refused")
    const texts = [1, 2, 3].map(() => () => run(api.get("/").text()))
    expect([await texts[0]?.(), await texts[1]?.(), await texts[2]?.()]).toEqual(["1", "2", "2"])
  })
})

describe("what may change something", () => {
  const afterChange = async (change: (api: ReturnType<typeof rehearse>["api"]) => PromiseLike<unknown>, status: number, headers = {}) => {
    const { api, server, run } = rehearseCache()
    for (const path of ["/a", "/b", "/c"]) server.expect(`GET ${path}`).replies(200, { headers: MINUTE })
    server.replies(status, { headers })
    server.otherwise.replies(200, { headers: MINUTE })
    for (const path of ["/a", "/b", "/c"]) await run(api.get(path))
    await run(change(api))
    const replies = []
    for (const path of ["/a", "/b", "/c"]) replies.push((await run(api.get(path))).servedBy)
    return replies.map((servedBy) => servedBy === "cache")
  } // prettier-ignore

  test.each(["POST", "PUT", "PATCH", "DELETE", "MKCOL"])("%s makes the cache forget its URL", async (method) => {
    expect(await afterChange((api) => api.request(method, "/a"), 204)).toEqual([false, true, true])
  })

  test.each(["Idempotency-Key", "X-Request-Key", "X-Session"])(
    "a key in %s does not keep it from doing so",
    async (header) => {
      const { api, server, run } = rehearseCache({}, { idempotencyKey: { header } })
      server.replies(200, { headers: MINUTE }).replies(204).replies(200)
      await run(api.get("/a"))
      await run(api.post("/a"))
      expect((await run(api.get("/a"))).servedBy).toBe(undefined)
    },
  )

  test("what its reply names at the same origin goes, too; elsewhere nothing", async () => {
    const post = (api: ReturnType<typeof rehearse>["api"]): PromiseLike<unknown> => api.post("/a").outcome()
    expect(await afterChange(post, 201, { location: "/b", "content-location": "https://api.test/c" })).toEqual([false, false, false]) // prettier-ignore
    expect(await afterChange(post, 201, { location: "https://other.test/b" })).toEqual([false, true, true])
    expect(await afterChange(post, 201, { location: "https://[" })).toEqual([false, true, true])
  })

  test.each([400, 404, 409, 500, 503])("a %i leaves all as it was", async (status) => {
    expect(await afterChange((api) => api.post("/a").outcome(), status)).toEqual([true, true, true])
  })

  test("the reply to a read that was under way meanwhile is not kept", async () => {
    const { api, server, run, clock } = rehearseCache()
    server.expect("GET /a").replies(200, { headers: MINUTE, body: "old", delayMs: 1000 })
    server.expect("PUT /a").replies(204, { delayMs: 100 })
    server.expect("GET /a").replies(200, { headers: MINUTE, body: "new" })
    const reading = api.get("/a").text()
    await clock.advance(10)
    await run(api.put("/a"))
    expect(await run(reading)).toBe("old")
    expect(await run(api.get("/a").text())).toBe("new")
  })
})

// Digests are made on another thread, which the virtual clock does not wait for: these calls need no time to pass.
describe("a store of one's own", () => {
  test("keeps what survives being copied, under keys that tell nothing, and no secrets", async () => {
    const store = slowStore()
    const { api, server } = rehearseCache({ store, partition: "ada" })
    server.otherwise.replies(200, { headers: { ...MINUTE, vary: "Cookie, Accept-Language", "set-cookie": "sid=fresh-secret" }, body: "a body" }) // prettier-ignore
    const headers = { authorization: "Bearer top-secret", cookie: "sid=old-secret", "accept-language": "de" }
    const url = "/a?api_key=query-secret"
    await api.get(url, { headers })
    expect(await api.get(url, { headers }).text()).toBe("a body")
    expect(server.requests.length).toBe(1)
    expect([...store.entries.keys()]).toEqual([expect.stringMatching(/^[\da-f]{64}$/)])
    expect(JSON.stringify([...store.entries])).not.toContain("secret")
  })

  test("serves another client only where the partition is the same", async () => {
    const store = slowStore()
    const clients = ["ada", "ada", "bob"].map((partition) => rehearseCache({ store, partition }))
    const servedBy: unknown[] = []
    for (const { api, server } of clients) {
      server.otherwise.replies(200, { headers: MINUTE })
      servedBy.push((await api.get("/")).servedBy)
    }
    expect(servedBy).toEqual([undefined, "cache", undefined])
  })

  test("that fails disturbs no call, and is told once", async () => {
    const changed: EventMap["changed"][] = []
    let isDown = true
    const kept = slowStore()
    const guard = <T>(run: () => T): T => {
      if (isDown) throw new RangeError("redis://user:secret@host is down")
      return run()
    }
    const store: CacheStore = {
      get: (key) => guard(() => kept.get(key)),
      set: async (key, entry) => guard(() => kept.set(key, entry)),
      delete: (key) => guard(() => kept.delete(key)),
    }
    const { api, server } = rehearseCache({ store, partition: "" }, { on: { changed: (event) => changed.push(event) } }) // prettier-ignore
    server.otherwise.replies(200, { headers: MINUTE })
    for (const send of [() => api.get("/"), () => api.get("/"), () => api.post("/")]) await send()
    isDown = false
    await api.get("/")
    expect((await api.get("/")).servedBy).toBe("cache")
    expect(changed.map(({ state, why }) => [state, why])).toEqual([
      ["failing", "store.get() threw RangeError"],
      ["working", "store.get() works again"],
    ])
  })

  test("that holds something else is one that fails", async () => {
    const store = { get: () => ({ replies: "none" }) as never, set: () => {}, delete: () => {} }
    const { api, server } = rehearseCache({ store, partition: "" })
    server.otherwise.replies(200, { headers: MINUTE })
    expect((await api.get("/")).status).toBe(200)
  })

  test("that does not answer ends with the caller's patience", async () => {
    let asked = (): void => {}
    const never = (): Promise<never> => {
      asked()
      return new Promise(() => {})
    }
    const store = { get: never, set: () => {}, delete: never }
    const { api, server, run, clock } = rehearseCache({ store, partition: "" }, { deadline: 1000 })
    server.otherwise.replies(200)
    for (const [method, kind] of [["GET", "no-reply"], ["POST", "success"]] as const) {
      const isAsked = new Promise<void>((resolve) => (asked = resolve))
      const outcome = api.request(method, "/").outcome()
      await isAsked
      expect((await run(outcome)).kind).toBe(kind)
    } // prettier-ignore
    expect([clock.now(), clock.pending]).toEqual([2000, 0])
  })
})

test("before coalesce(), reads at the same time lead to one request, and later ones to none", async () => {
  const { api, server, run } = rehearse({ add: [cache(), coalesce()] })
  server.otherwise.replies(200, { headers: MINUTE, delayMs: 10 })
  await run(Promise.all([api.get("/"), api.get("/"), api.get("/")]))
  await run(Promise.all([api.get("/"), api.get("/")]))
  expect(server.requests.length).toBe(1)
})

test("who listens hears why a call was served", async () => {
  const heard: EventMap["served"][] = []
  const { api, server, run, clock } = rehearseCache({ staleIfErrorMs: 1e6 }, { on: { served: (event) => heard.push(event) } }) // prettier-ignore
  server.replies(200, { headers: MINUTE }).replies(503).fails("dns")
  await run(api.get("/"))
  await run(api.get("/"))
  await clock.advance(70_000)
  for (let call = 0; call < 2; call++) await run(api.get("/"))
  expect(heard.map(({ policy, why }) => [policy, why])).toEqual([
    ["cache", "fresh"],
    ["cache", "stale by 10 s: the server answered 503"],
    ["cache", "stale by 10 s: no reply: dns"],
  ])
})

test.each<[string, unknown]>([
  ["no options", null],
  ["an unknown one", { maxAge: 5 }],
  ["a negative time", { staleIfErrorMs: -1 }],
  ["a time that is no number", { staleIfErrorMs: "1 h" }],
  ["a negative size", { maxBytes: -1 }],
  ["no entries", { maxEntries: 0 }],
  ["a store without an owner", { store: slowStore() }],
  ["a store that lacks something", { store: { get: () => {} }, partition: "" }],
  ["a store by name", { store: "redis", partition: "" }],
  ["limits for a store of one's own", { store: slowStore(), partition: "", maxBytes: 5 }],
  ["an owner that is no text", { partition: 7 }],
])("%s: refused", (_, options) => {
  expect(() => cache(options as never)).toThrow(/cache.*(give|there is)/)
})

test("an owner that turns out to be no text is refused by the call", async () => {
  const { api, run } = rehearseCache({ partition: () => undefined as never })
  await expect(run(api.get("/"))).rejects.toThrow("cache.partition: undefined; give a text")
})
