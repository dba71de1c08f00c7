import { getEventListeners } from "node:events"
import { rehearse, type Rehearsal } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  bearer,
  BodyError,
  byCursor,
  byLink,
  byNextUrl,
  byOffset,
  byPage,
  CallError,
  ConfigurationError,
  NotFoundError,
  paging,
  pagingBy,
  ServerError,
  type MethodsOf,
  type Page,
  type Pages,
  type PagesOptions,
} from "../index.ts"

type Stage = Rehearsal<MethodsOf<readonly [typeof paging]>>
type Options = Parameters<typeof rehearse>[0]

/** A client that pages, and retries at once. */
function stage(options: Options = {}): Stage {
  return rehearse({ retry: { baseMs: 0, attempts: 2 }, ...options, abilities: [paging] })
}

/** A page of two items, and the link to the next one while there is one. */
function page(number: number, of = 3) {
  const link = number < of ? { link: `</list?page=${number + 1}>; rel="next"` } : {}
  return { body: { json: [number * 10, number * 10 + 1] }, headers: link }
}

/** A server of so many pages, which all take 100 ms. */
function serve({ server }: Stage, of = 3): void {
  for (let number = 1; number <= of; number++) server.replies(200, { ...page(number, of), delayMs: 100 })
}

/** Reads to the end, and how that came. */
async function read<T>(items: AsyncIterable<T>): Promise<{ seen: T[]; error: unknown }> {
  const seen: T[] = []
  try {
    for await (const item of items) seen.push(item)
    return { seen, error: undefined }
  } catch (error) {
    return { seen, error }
  }
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error))

describe("a list", () => {
  test("gives the items of all its pages, in order", async () => {
    const { api, server, run, ...rest } = stage()
    serve({ api, server, run, ...rest })
    expect(await run(api.get("/list").pages().collect())).toEqual([10, 11, 20, 21, 30, 31])
    expect(server.requests.map(({ url }) => url)).toEqual(
      ["", "?page=2", "?page=3"].map((query) => `https://api.test/list${query}`),
    )
    expect(server.openBodies).toBe(0)
  })

  test("gives whole pages, each with its reply and its place", async () => {
    const it = stage()
    serve(it, 2)
    const { seen } = await it.run(read(it.api.get("/list").pages<number>()))
    expect(seen.map(({ items, body, reply, cursor, next, total }) => [items, body, reply.status, cursor, next, total])).toEqual([
      [[10, 11], [10, 11], 200, "first", 'link:"https://api.test/list?page=2"', undefined],
      [[20, 21], [20, 21], 200, 'link:"https://api.test/list?page=2"', undefined, undefined],
    ]) // prettier-ignore
  })

  test("sends nothing before it is read, and each reading is a new one", async () => {
    const it = stage()
    const pages = it.api.get("/list").pages<number>()
    pages.items()
    await it.clock.settle()
    expect(it.server.requests).toEqual([])
    serve(it, 2)
    serve(it, 2)
    expect(await it.run(pages.collect())).toEqual([10, 11, 20, 21])
    expect(await it.run(pages.collect())).toEqual([10, 11, 20, 21])
  })

  test("of one page without any word about further ones ends with it", async () => {
    const it = stage()
    it.server.replies(200, { body: { json: { users: ["a"] } } })
    expect(await it.run(it.api.get("/list").pages().collect())).toEqual(["a"])
  })

  test("without content is empty", async () => {
    const it = stage()
    it.server.replies(204)
    expect(await it.run(it.api.get("/list").pages().collect())).toEqual([])
  })

  test("keeps the options of its call on every page, but for what belongs to one request", async () => {
    const it = stage({ query: { v: 2 }, headers: { "x-tenant": "7" } })
    it.server.replies(200, { body: { json: [] }, headers: { link: '</list?v=2&q=a%20b&page=2>; rel="next"' } })
    it.server.replies(200, { body: { json: [] }, headers: { link: '</list?q=a%20b&page=3>; rel="next"' } })
    it.server.replies(200, { body: { json: [] } })
    const call = it.api.post("/{list}", {
      path: { list: "list" },
      query: { q: "a b" },
      headers: { "x-mine": "1", "idempotency-key": "k" },
      json: { filter: 1 },
    })
    await it.run(call.pages().collect())
    expect(it.server.requests.map(({ url }) => url)).toEqual([
      "https://api.test/list?v=2&q=a+b",
      "https://api.test/list?v=2&q=a%20b&page=2",
      "https://api.test/list?q=a%20b&page=3&v=2",
    ])
    const fields = ["x-tenant", "x-mine", "accept"].map((name) =>
      it.server.requests.map((request) => request.header(name)),
    )
    expect(fields).toEqual([
      ["7", "7", "7"],
      ["1", "1", "1"],
      ["application/json", "application/json", "application/json"],
    ])
    expect(it.server.requests.map((request) => request.json())).toEqual(
      Array.from({ length: 3 }, () => ({ filter: 1 })),
    )
    const keys = it.server.requests.map((request) => request.header("idempotency-key"))
    expect(keys[0]).toBe("k")
    expect(new Set(keys).size).toBe(3)
  })

  test("is asked as its next URL says, where the client's query says otherwise", async () => {
    const it = stage({ query: { per_page: 500, key: "k", cursor: "mine" } })
    it.server.replies(200, {
      body: { json: [] },
      headers: { link: '</list?per_page=100&page=2&sig=%2F~>; rel="next"' },
    })
    it.server.replies(200, { body: { json: [] } })
    await it.run(it.api.get("/list").pages().collect())
    expect(it.server.requests[1]?.url).toBe("https://api.test/list?per_page=100&page=2&sig=%2F~&key=k&cursor=mine")
    it.server.replies(200, { body: { json: { data: [], next: "c2" } } }).replies(200, { body: { json: { data: [] } } })
    await it.run(
      it.api
        .get("/list")
        .pages({ by: byCursor({ cursor: "next", query: "cursor" }) })
        .collect(),
    )
    expect(it.server.requests[3]?.url).toBe("https://api.test/list?per_page=500&key=k&cursor=c2")
  })

  test.each<[string, string | false, number]>([
    ["is not repeated for other pages", "mine", 2],
    ["stays switched off", false, 1],
  ])("has an idempotency key that %s", async (_, idempotencyKey, different) => {
    const it = stage()
    it.server.replies(200, { body: { json: [1] } }).replies(200, { body: { json: [] } })
    await it.run(it.api.post("/list", { idempotencyKey }).pages({ by: byPage() }).collect())
    expect(new Set(it.server.requests.map((request) => request.header("idempotency-key"))).size).toBe(different)
  })
})

describe("the items of a page", () => {
  test.each<[string, PagesOptions["items"], unknown]>([
    ["the body", undefined, ["a"]],
    ["the only list in it", undefined, { users: ["a"], name: "x" }],
    ["a list with a common name", undefined, { data: ["a"], facets: ["b"] }],
    ["the list beside errors and warnings", undefined, { warnings: ["b"], users: ["a"], errors: [] }],
    ["the only list in _embedded", undefined, { _embedded: { users: ["a"] } }],
    ["what a path leads to", "data.users", { data: { users: ["a"] } }],
    ["what a function finds", (body) => (body as { a?: [] }).a ?? ["a"], {}],
  ])("are %s", async (_, items, json) => {
    const it = stage()
    it.server.replies(200, { body: { json } })
    expect(await it.run(it.api.get("/list").pages({ items }).collect())).toEqual(["a"])
  })

  test.each<[string, PagesOptions["items"], unknown, string]>([
    [
      "there is no list",
      undefined,
      { ok: false, error: "ratelimited" },
      "no list that is clearly the one; its body is or has ok (boolean), error (string)",
    ],
    ["there are several lists", undefined, { users: [], groups: [] }, "its body is or has users (list), groups (list)"],
    ["the list is deeper", undefined, { data: { users: [] } }, "its body is or has data (object)"],
    ["the path leads nowhere", "data.users", { users: [] }, 'no list at "data.users"; its body is or has users (list)'],
    ["the path leads to something else", "users", { users: {} }, 'no list at "users"'],
    ["the body is a text", undefined, "hello", "its body is or has a string"],
    ["the body is null", undefined, null, "its body is or has null"],
    ["the body is empty", undefined, {}, "its body is or has an empty object"],
    [
      "there are many members",
      undefined,
      Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`m${index}`, index])),
      "m11 (number), 8 more; say where",
    ],
  ])("are an error that helps where %s", async (_, items, json, expected) => {
    const it = stage()
    it.server.replies(200, { body: { json } })
    const { error } = await it.run(read(it.api.get("/list").pages({ items }).items()))
    expect(error).toBeInstanceOf(BodyError)
    expect(message(error)).toContain("GET https://api.test/list → 200 OK: ")
    expect(message(error)).toContain(expected)
    expect(message(error)).toContain('say where with items: "data.users", or a function of the body')
    expect(error).toMatchObject({ status: 200, attempts: [{ status: 200 }] })
  })

  test("are not needed by who looks at pages alone", async () => {
    const it = stage()
    it.server.replies(200, { body: { json: { a: 1 } }, headers: { link: '<?p=2>; rel="next"' } })
    it.server.replies(200, { body: { json: { a: 2 } } })
    const { seen, error } = await it.run(read(it.api.get("/list").pages()))
    expect([seen.map(({ body }) => body), error]).toEqual([[{ a: 1 }, { a: 2 }], undefined])
  })
})

describe("a first page whose style is not known", () => {
  test.each<[string, unknown, string]>([
    ["a cursor", { users: [], cursor: "x" }, "cursor"],
    ["a next page that is no URL", { users: [], next: "abc" }, "next"],
    ["null as the next URL, and a cursor", { users: [], next: null, end_cursor: "x" }, "end_cursor"],
    ["more", { users: [], hasMore: true }, "hasMore"],
    ["pages further in", { users: [], meta: { pages: 3 } }, "meta.pages"],
    ["pages that are numbered otherwise", { users: [], page: 0, total_pages: 2 }, "total_pages"],
    ["an offset that was not asked for", { users: [], offset: 10, total: 20 }, "offset, 0 of 20 items"],
    ["a token of AWS", { Items: [], NextToken: "x" }, "NextToken"],
    ["more items than came", { users: ["a"], total: 2 }, "1 of 2 items"],
    ["a cursor beside HAL's links", { users: [], _links: { self: {} }, next_cursor: "x" }, "next_cursor"],
    ["more beside JSON:API's links", { data: [], links: { self: "/" }, meta: { has_more: true } }, "meta.has_more"],
  ])("is refused when it tells of %s", async (_, json, members) => {
    const it = stage()
    it.server.replies(200, { body: { json } })
    const { error } = await it.run(read(it.api.get("/list").pages()))
    expect(error).toBeInstanceOf(BodyError)
    expect(message(error)).toContain(`is not known (${members}); say it with by: byCursor({ … })`)
  })

  test.each<[string, Record<string, string>, string]>([
    ["a cursor", { "x-next-cursor": "abc" }, "x-next-cursor"],
    ["a token", { "x-ms-continuation": "abc" }, "x-ms-continuation"],
    ["more items than came", { "x-total-count": "7" }, "1 of 7 items"],
  ])("is refused when its header fields tell of %s", async (_, headers, expected) => {
    const it = stage()
    it.server.replies(200, { body: { json: ["a"] }, headers })
    const { error } = await it.run(read(it.api.get("/list").pages()))
    expect(message(error)).toContain(`is not known (${expected}); say it`)
  })

  test("is not taken for one with links because of a link that is about something else", async () => {
    const it = stage()
    const link = '</other>; rel="next"; anchor="#chapter"'
    it.server.replies(200, { body: { json: { data: ["a"], next_cursor: "b" } }, headers: { link } })
    const { error } = await it.run(read(it.api.get("/list").pages()))
    expect(message(error)).toContain("is not known (next_cursor); say it")
  })

  test("ends the list when its header fields are about something else", async () => {
    const it = stage()
    const headers = { "x-next-cursor": "", "x-nextjs-cache": "HIT", link: '</style.css>; rel="preload"' }
    it.server.replies(200, { body: { json: ["a"] }, headers })
    expect(await it.run(it.api.get("/list").pages().collect())).toEqual(["a"])
  })

  test("does not have to have its items where they are looked for", async () => {
    const it = stage()
    it.server.otherwise.replies(200, { body: { json: { total: 3, answer: { users: ["a"] } } } })
    const [pages, known] = [it.api.get("/list").pages(), it.api.get("/list").pages({ items: "answer.users" })]
    expect((await it.run(read(pages))).seen).toHaveLength(1)
    expect(message((await it.run(read(known))).error)).toContain("(1 of 3 items)")
  })

  test.each<[string, unknown]>([
    ["empty", { users: ["a"], next: "", cursor: null, hasMore: false, paging: {}, pages: 0 }],
    ["about something else", { users: ["a"], nextSyncToken: "x", total: 1, homepage: "y" }],
  ])("ends the list when what it tells is %s", async (_, json) => {
    const it = stage()
    it.server.replies(200, { body: { json } })
    expect(await it.run(it.api.get("/list").pages().collect())).toEqual(["a"])
  })

  test("is taken where no other is wanted", async () => {
    const it = stage()
    it.server.replies(200, { body: { json: { users: ["a"], cursor: "x" } } })
    expect(await it.run(it.api.get("/list").pages({ maxPages: 1 }).collect())).toEqual(["a"])
  })

  test("that only seems to be known is noticed when the same page comes again", async () => {
    const it = stage()
    it.server.otherwise.replies(200, { body: { json: { users: ["a"], page: 1, total_pages: 3 } } })
    const { seen, error } = await it.run(read(it.api.get("/list").pages().items()))
    expect(seen).toEqual(["a"])
    expect(message(error)).toContain('"page" in its body is not what was asked for; say with "by"')
  })
})

describe("a next URL", () => {
  const leadingTo = (target: string, more: PagesOptions = {}, options: Options = {}) => {
    const it = stage(options)
    it.server.replies(200, { body: { json: [1] }, headers: { link: `<${target}>; rel="next"` } })
    it.server.replies(200, { body: { json: [2] } })
    const headers = { "x-api-key": "secret-1", "accept-language": "de", cookie: "a=secret-2" }
    const pages = it.api.get("/v1/list", { headers, query: { q: 1 } }).pages<number>({ by: byLink(), ...more })
    return { ...it, pages }
  }

  test("that is empty is the page itself, which was read", async () => {
    const { run, pages, server } = leadingTo("")
    const { error } = await run(read(pages))
    expect([server.requests.length, message(error).includes("was read before")]).toEqual([1, true])
  })

  test.each([
    ["/other?page=2", "https://api.test/other?page=2"],
    ["?page=2", "https://api.test/v1/list?page=2"],
    ["more", "https://api.test/v1/more"],
    ["//api.test/list", "https://api.test/list"],
    ["HTTPS://API.test/list", "https://api.test/list"],
    ["/list#part", "https://api.test/list"],
    ["/a{b}c", "https://api.test/a{b}c"],
  ])("%j resolves against the reply's", async (target, expected) => {
    const { run, pages, server } = leadingTo(target)
    await run(read(pages))
    const [, second] = server.requests
    expect(new URL(second?.url ?? "").href.replace(/#.*/, "")).toBe(new URL(expected).href)
  })

  test.each([
    ["https://evil.test/list", "at https://evil.test/list, another origin; if that is meant, allow it with origins: [\"https://evil.test\"]"],
    ["https://api.test:8443/list", ", another origin"],
    ["//evil.test/list", ", another origin"],
    ["http://api.test/list", "without TLS; the server, or a proxy before it, writes http: where it means https:"],
    ["ftp://api.test/list", "not an absolute http(s) URL"],
    ["javascript:alert(1)", "not an absolute http(s) URL"],
    ["https://[", "not an absolute http(s) URL"],
    ["https://me:secret@api.test/list", "at https://api.test/list, which holds a user name or password"],
    ["https://evil.test/list?access_token=secret", "at https://evil.test/list?access_token=REDACTED"],
  ])("%s is refused once the items before it were handed over", async (target, expected) => {
    const { run, pages, server } = leadingTo(target)
    const { seen, error } = await run(read(pages.items()))
    expect([seen, server.requests.length]).toEqual([[1], 1])
    expect(error).toBeInstanceOf(CallError)
    expect(message(error)).toContain("GET https://api.test/v1/list?q=1 → 200 OK: the next page is ")
    expect(message(error)).toContain(expected)
    expect(JSON.stringify(error)).not.toContain("secret")
  }) // prettier-ignore

  test("that tells a credential of the call is refused without it", async () => {
    const { run, pages } = leadingTo("https://evil.test/open-sesame?c=open-sesame", {}, { auth: bearer("open-sesame") })
    const { error } = await run(read(pages.items()))
    expect(message(error)).toContain("the next page is at https://evil.test/REDACTED?c=REDACTED, another origin")
    expect(JSON.stringify(error)).not.toContain("sesame")
  })

  test("of an origin that is allowed is asked for without any credentials", async () => {
    const options = { auth: bearer("secret-3"), headers: { "x-tenant": "secret-4" }, query: { key: "secret-5" } }
    const { run, pages, server } = leadingTo("https://eu.test/list?page=2", { origins: ["https://eu.test/"] }, options)
    expect(await run(pages.collect())).toEqual([1, 2])
    const [first, second] = server.requests
    expect(
      JSON.stringify(first)
        .match(/secret-\d/g)
        ?.toSorted(),
    ).toEqual(
      ["secret-1", "secret-2", "secret-3", "secret-4", "secret-5"], // prettier-ignore
    )
    expect(second?.url).toBe("https://eu.test/list?page=2")
    expect(JSON.stringify(second)).not.toContain("secret")
    expect(second?.header("accept-language")).toBe("de")
  })

  test("never leads to TLS being left, whatever is allowed", () => {
    const { api } = stage()
    expect(() => api.get("/list").pages({ origins: ["http://api.test"] })).toThrow("origins with https:")
  })

  test("is the redirect's where the reply came from, and so refused at another origin", async () => {
    const it = stage()
    it.server.replies(302, { headers: { location: "https://cdn.test/list" } })
    it.server.replies(200, { body: { json: [1] }, headers: { link: '<?page=2>; rel="next"' } })
    const { error } = await it.run(read(it.api.get("/list").pages()))
    expect(message(error)).toContain("https://cdn.test/list?page=2, another origin")
  })

  test("with an anchor is not the list's", async () => {
    const it = stage()
    const link = '</other>; rel="next"; anchor="#chapter", </list?page=2>; rel="next"'
    it.server.replies(200, { body: { json: [1] }, headers: { link } }).replies(200, { body: { json: [] } })
    await it.run(it.api.get("/list").pages().collect())
    expect(it.server.requests[1]?.url).toBe("https://api.test/list?page=2")
  })
})

describe("a list that does not end", () => {
  test("because its next URL comes back is an error that says so", async () => {
    const it = stage()
    it.server.otherwise.replies(200, { body: { json: [1] }, headers: { link: '</list?page=2>; rel="next"' } })
    const { seen, error } = await it.run(read(it.api.get("/list").pages().items()))
    expect([seen, it.server.requests.length]).toEqual([[1, 1], 2])
    expect(error).toBeInstanceOf(CallError)
    expect(message(error)).toContain(
      "GET https://api.test/list?page=2 → 200 OK: the next page, https://api.test/list?page=2, was read before; the list goes round in circles",
    )
  })

  test("because its cursor comes back in a JSON body is an error, too", async () => {
    const it = stage()
    it.server.otherwise.replies(200, { body: { json: { data: [1], next: "x" } } })
    const by = byCursor({ cursor: "next", json: "after" })
    const { error } = await it.run(read(it.api.post("/list", { json: {} }).pages({ by })))
    expect(it.server.requests.map((request) => request.json())).toEqual([{}, { after: "x" }])
    expect(message(error)).toContain("was read before")
  })

  test("though every URL is new is an error after 10,000 pages", async () => {
    const it = stage()
    it.server.otherwise.replies(200, { body: { json: [1] } })
    const { seen, error } = await it.run(read(it.api.get("/list").pages({ by: byPage() })))
    expect([seen.length, it.server.requests.length]).toEqual([10_000, 10_000])
    expect(message(error)).toContain("10000 pages, and still a next one; give maxPages if there are so many")
  })

  test("goes on beyond 10,000 pages when that was said", async () => {
    const it = stage()
    it.server.otherwise.replies(200, { body: { json: [1] } })
    const { seen, error } = await it.run(read(it.api.get("/list").pages({ by: byPage(), maxPages: 10_002 })))
    expect([seen.length, error]).toEqual([10_002, undefined])
  })
})

describe("a limit", () => {
  test("on pages ends the list there, and asks for no further one", async () => {
    const it = stage()
    serve(it)
    const pages = it.api.get("/list").pages({ maxPages: 2 })
    expect(await it.run(pages.collect())).toEqual([10, 11, 20, 21])
    expect([it.server.requests.length, pages.resumeAt]).toEqual([2, 'link:"https://api.test/list?page=3"'])
  })

  test.each([
    [1, [10], 1, "first"],
    [2, [10, 11], 1, 'link:"https://api.test/list?page=2"'],
    [3, [10, 11, 20], 2, 'link:"https://api.test/list?page=2"'],
    [6, [10, 11, 20, 21, 30, 31], 3, undefined],
    [7, [10, 11, 20, 21, 30, 31], 3, undefined],
  ])("of %i items ends the list there, and asks for no page in vain", async (maxItems, items, requests, resumeAt) => {
    const it = stage()
    serve(it)
    const pages = it.api.get("/list").pages({ maxItems })
    expect(await it.run(pages.collect())).toEqual(items)
    expect([it.server.requests.length, pages.resumeAt]).toEqual([requests, resumeAt])
  })

  test("on items ends pages with the one in which it is reached", async () => {
    const it = stage()
    serve(it)
    const { seen } = await it.run(read(it.api.get("/list").pages({ maxItems: 3 })))
    expect(seen.map(({ items }) => items)).toEqual([[10, 11], [20, 21]]) // prettier-ignore
  })
})

describe("a page that fails", () => {
  test("is retried by itself, with a deadline of its own", async () => {
    const it = stage({ deadline: 1000, retry: { attempts: 3, baseMs: 0 } })
    it.server.replies(503).replies(200, { ...page(1), delayMs: 900 })
    it.server.fails("reset").replies(200, { ...page(2), delayMs: 900 })
    it.server.replies(429, { headers: { "retry-after": "0" } }).replies(200, { ...page(3), delayMs: 900 })
    expect(await it.run(it.api.get("/list").pages().collect())).toEqual([10, 11, 20, 21, 30, 31])
    expect(it.clock.now()).toBe(2700)
  })

  test("ends the list with its error once the items before it were handed over, and can be taken up again", async () => {
    const it = stage()
    it.server.replies(200, page(1)).replies(200, page(2)).replies(503).replies(503)
    const pages = it.api.get("/list").pages<number>()
    const { seen, error } = await it.run(read(pages.items()))
    expect(seen).toEqual([10, 11, 20, 21])
    expect(error).toBeInstanceOf(ServerError)
    expect(error).toMatchObject({ url: "https://api.test/list?page=3", attempts: [{ status: 503 }, { status: 503 }] })
    expect(pages.resumeAt).toBe('link:"https://api.test/list?page=3"')
    const elsewhere = stage()
    elsewhere.server.expect("GET /list?page=3").replies(200, page(3))
    const rest = elsewhere.api.get("/list").pages({ from: pages.resumeAt })
    expect(await elsewhere.run(rest.collect())).toEqual([30, 31])
    expect(rest.resumeAt).toBe(undefined)
  })

  test("as the first one leaves all to do", async () => {
    const it = stage()
    it.server.replies(404)
    const pages = it.api.get("/list").pages()
    expect(pages.resumeAt).toBe("first")
    const { error } = await it.run(read(pages))
    expect([NotFoundError.is(error), pages.resumeAt]).toEqual([true, "first"])
    it.server.replies(200, page(1, 1))
    expect(await it.run(it.api.get("/list").pages({ from: pages.resumeAt }).collect())).toEqual([10, 11])
  })

  test("because it is no JSON, or no list, is a BodyError", async () => {
    const it = stage()
    it.server.replies(200, page(1)).replies(200, { body: "<html>" })
    const { seen, error } = await it.run(read(it.api.get("/list").pages().items()))
    expect([seen, error instanceof BodyError]).toEqual([[10, 11], true])
  })

  test.each<[string, PagesOptions["by"], unknown, string]>([
    ["more and no cursor", byCursor({ cursor: "c", more: "more", query: "c" }), { data: [1], more: true }, "there is more, it says, and there is no cursor to go on with"],
    ["more and no last item", byCursor({ lastItem: "id", more: "more", query: "c" }), { data: [], more: true }, 'no "id" in its last item'],
    ["a last item without the member", byCursor({ lastItem: "id", query: "c" }), { data: [{}] }, 'no "id" in its last item'],
    ["a cursor that fits in no query", byCursor({ cursor: "c", query: "c" }), { data: [1], c: { a: 1 } }, 'the next page is said to be an object (Object), which "cursor" cannot go on with'],
    ["a next URL that is none", byNextUrl("next"), { data: [1], next: 7 }, 'the next page is said to be a number, which "url" cannot go on with'],
    ["no number of pages", byPage({ totalPages: "pages" }), { data: [1] }, '"totalPages" should be a number there, and is undefined'],
    ["more items and none came", byOffset({ total: "total" }), { data: [], total: 7 }, "there are more items, it says, and none came"],
    ["more, and no items came", byOffset({ more: "more" }), { data: [], more: true }, "there are more items, it says, and none came"],
    ["no number of items", byOffset({ total: "total" }), { data: [1], total: "many" }, '"total" should be a number there, and is a string'],
  ])("because the server says %s is an error that tells it", async (_, by, json, expected) => {
    const it = stage()
    it.server.replies(200, { body: { json } })
    const { error } = await it.run(read(it.api.get("/list").pages({ by })))
    expect(error).toBeInstanceOf(BodyError)
    expect(message(error)).toContain(expected)
  }) // prettier-ignore

  test("because the call's own page is no number is an error", async () => {
    const it = stage()
    it.server.replies(200, { body: { json: [1] } })
    const { error } = await it.run(read(it.api.get("/list", { query: { page: "a" } }).pages({ by: byPage() })))
    expect(message(error)).toContain(`the call's "page" is no whole number, so the next one is not known`)
  })
})

describe("the page ahead", () => {
  /** Reads two pages, one second of work each, and when which request went out. */
  async function work(options: PagesOptions) {
    const it = stage()
    serve(it)
    const starts: number[] = []
    const reading = (async () => {
      for await (const _ of it.api.get("/list").pages(options)) {
        starts.push(it.clock.now())
        await new Promise<void>((resolve) => it.clock.after(1000, resolve))
      }
    })()
    await it.run(reading)
    return { starts, asked: it.server.requests.map(({ startedAtMs }) => startedAtMs) }
  }

  test("is asked for while the one before is worked on, and never the one after it", async () => {
    expect(await work({})).toEqual({ starts: [100, 1100, 2100], asked: [0, 100, 1100] })
  })

  test("is asked for only when it is wanted, with prefetch: false", async () => {
    expect(await work({ prefetch: false })).toEqual({ starts: [100, 1200, 2300], asked: [0, 1100, 2200] })
  })

  test("is let go when the consumer breaks out", async () => {
    const it = stage()
    it.server.replies(200, page(1)).hangs()
    const pages = it.api.get("/list").pages<number>()
    const reading = (async () => {
      for await (const item of pages.items()) if (item === 10) break
    })()
    await it.run(reading)
    await it.clock.settle()
    expect(it.server.requests.map(({ end }) => end)).toEqual(["answered", "aborted"])
    expect([it.clock.pending, it.server.openBodies, pages.resumeAt]).toEqual([0, 0, "first"])
  })

  test("may fail unheard when the consumer breaks out", async () => {
    const unhandled: unknown[] = []
    const listen = (reason: unknown): unknown => unhandled.push(reason)
    process.on("unhandledRejection", listen)
    const it = stage({ retry: false })
    it.server.replies(200, page(1)).fails("reset")
    const reading = (async () => {
      for await (const _ of it.api.get("/list").pages()) {
        await new Promise<void>((resolve) => it.clock.after(1000, resolve))
        break
      }
    })()
    await it.run(reading)
    await it.clock.settle()
    process.off("unhandledRejection", listen)
    expect([it.server.requests.map(({ end }) => end), unhandled]).toEqual([["answered", "failed"], []])
  })

  test("does not hold up an iterator that is ended while it waits", async () => {
    const it = stage()
    it.server.replies(200, page(1)).hangs()
    const items = it.api.get("/list").pages<number>({ prefetch: false }).items()
    await it.run(items.next())
    await it.run(items.next())
    const waiting = items.next()
    await it.clock.settle()
    expect(await it.run(items.return())).toEqual({ done: true, value: undefined })
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(it.server.requests.map(({ end }) => end)).toEqual(["answered", "aborted"])
    expect(await items.next()).toEqual({ done: true, value: undefined })
  })
})

describe("the signal of the call", () => {
  const reason = { any: "value" }

  /** A list of three pages that take 100 ms, whose consumer works 1000 ms on each. */
  function slow(options: PagesOptions = {}) {
    const it = stage()
    serve(it)
    const controller = new AbortController()
    const pages = it.api.get("/list", { signal: controller.signal }).pages<number>(options)
    const working = async function* (): AsyncGenerator<Page<number>> {
      for await (const page of pages) {
        yield page
        await new Promise<void>((resolve) => it.clock.after(1000, resolve))
      }
    }
    return { ...it, controller, pages, reading: () => read(working()) }
  }

  test.each<[string, number, number, PagesOptions]>([
    ["while the first page is under way", 50, 0, {}],
    ["while the consumer works and the page ahead is under way", 150, 1, {}],
    ["while the consumer works and nothing is under way", 500, 1, {}],
    ["while the consumer waits for a page", 1150, 1, { prefetch: false }],
    ["on the last page", 2500, 3, {}],
  ])("ends it with the exact reason %s", async (_, atMs, seen, options) => {
    const { clock, controller, reading, run, server } = slow(options)
    clock.after(atMs, () => controller.abort(reason))
    const end = await run(reading())
    expect(end.error).toBe(reason)
    expect(end.seen).toHaveLength(seen)
    expect(server.requests.filter(({ end }) => end === "open")).toEqual([])
    expect([clock.pending, server.openBodies, getEventListeners(controller.signal, "abort").length]).toEqual([0, 0, 0])
  })

  test("ends what is under way at once, also while nobody reads", async () => {
    const it = stage()
    it.server.replies(200, page(1)).hangs()
    const controller = new AbortController()
    const items = it.api.get("/list", { signal: controller.signal }).pages<number>().items()
    expect(await it.run(items.next())).toEqual({ done: false, value: 10 })
    controller.abort(reason)
    await it.clock.settle()
    expect(it.server.requests.map(({ end }) => end)).toEqual(["answered", "aborted"])
    // The second item is there, and not handed over any more.
    await expect(items.next()).rejects.toBe(reason)
    expect(await items.next()).toEqual({ done: true, value: undefined })
  })

  test("that fired before sends nothing", async () => {
    const { controller, reading, run, server } = slow()
    controller.abort(reason)
    expect((await run(reading())).error).toBe(reason)
    expect(server.requests).toEqual([])
  })

  test("is not listened to by an iterator that was left standing", async () => {
    const it = stage()
    serve(it)
    const controller = new AbortController()
    const items = it.api.get("/list", { signal: controller.signal }).pages<number>().items()
    await it.run(items.next())
    await it.clock.advance(1000)
    expect(getEventListeners(controller.signal, "abort")).toEqual([])
  })
})

describe("a cursor", () => {
  const call = (options: PagesOptions): Pages => stage().api.get("/v1/list").pages(options)

  test.each<[string, PagesOptions, string]>([
    ["no text", { from: 7 as never }, "pages.from: a number that is no cursor"],
    ["empty", { from: "" }, "pages.from: a string that is no cursor"],
    ["a URL", { from: "https://api.test/list" }, "that is no cursor"],
    ["of no known style", { from: 'nobody:"x"' }, "that is no cursor"],
    ["not JSON", { from: "link:x" }, "that is no cursor"],
    ["of another style", { by: byPage(), from: 'link:"https://api.test"' }, 'a cursor of "link"; give one of "page", as "by" says'],
    ["of a wrong kind", { from: 'link:["https://api.test"]' }, 'a cursor of "link" that it cannot have made'],
    ["of another origin", { from: 'link:"https://evil.test/?token=secret-1"' }, "a cursor that leads to https://evil.test/?token=REDACTED, another origin"],
    ["of another scheme", { from: 'link:"file:///etc/passwd"' }, "not an absolute http(s) URL"],
    ["without TLS", { from: 'link:"http://api.test/list"' }, "without TLS"],
    ["with a password", { from: 'link:"https://a:b@api.test/list"' }, "holds a user name or password"],
    ["relative", { from: 'link:"//evil.test/list"' }, "not an absolute http(s) URL"],
    ["a page below 0", { by: byPage(), from: "page:-1" }, "that it cannot have made"],
    ["a page as text", { by: byPage(), from: 'page:"2"' }, "that it cannot have made"],
    ["an object for a query", { from: 'slack:{"a":1}' }, "that it cannot have made"],
    ["nothing", { from: "slack:null" }, "that it cannot have made"],
  ])("that is %s is refused before anything is sent", (_, options, expected) => {
    expect(() => call(options)).toThrow(ConfigurationError)
    expect(() => call(options)).toThrow(expected)
    expect(() => call(options)).not.toThrow("secret")
  }) // prettier-ignore

  test("leaves the rest of the query as it is written", async () => {
    const it = stage()
    it.server.replies(200, { body: { json: [1] } }).replies(200, { body: { json: [] } })
    const url = "/list?$filter=a%20eq%20'b'&page=1&flag&%70age=1#top"
    await it.run(it.api.get(url).pages({ by: byPage() }).collect())
    expect(it.server.requests[1]?.url).toBe("https://api.test/list?$filter=a%20eq%20%27b%27&flag&page=2#top")
  })

  test("changes its own parameter and nothing else of the request", async () => {
    const it = stage()
    it.server.otherwise.replies(200, { body: { json: { data: [], response_metadata: { next_cursor: "" } } } })
    const from = `slack:${JSON.stringify("x&admin=1#/../?\r\nhost: evil")}`
    await it.run(
      it.api
        .get("/v1/list", { query: { limit: 2 } })
        .pages({ from })
        .collect(),
    )
    const [request] = it.server.requests
    const url = new URL(request?.url ?? "")
    expect([request?.method, url.origin, url.pathname, [...url.searchParams.keys()]]).toEqual([
      "GET",
      "https://api.test",
      "/v1/list",
      ["limit", "cursor"],
    ])
  })

  test("of a page is where it begins again, and what follows comes after it", async () => {
    const it = stage()
    serve(it)
    const { seen } = await it.run(read(it.api.get("/list").pages()))
    it.server.expect("GET /list?page=2").replies(200, page(2)).expect("GET /list?page=3").replies(200, page(3))
    const from = JSON.parse(JSON.stringify(seen[1]?.cursor)) as string
    expect(await it.run(it.api.get("/list").pages({ from }).collect())).toEqual([20, 21, 30, 31])
  })

  test("of the page at hand is where to go on while it is worked on", async () => {
    const it = stage()
    serve(it)
    const pages = it.api.get("/list").pages<number>()
    const places: (string | undefined)[] = [pages.resumeAt]
    const reading = (async () => {
      for await (const _ of pages.items()) places.push(pages.resumeAt?.replace(/^link:.*list/, ""))
    })()
    await it.run(reading)
    expect([...places, pages.resumeAt]).toEqual([
      "first", "first", "first", '?page=2"', '?page=2"', '?page=3"', '?page=3"', undefined,
    ]) // prettier-ignore
  })
})

describe("options that cannot work are refused at once:", () => {
  test.each<[string, PagesOptions, string]>([
    ["an unknown one", { limit: 3 } as never, 'pages: no option "limit"; there is by, items, from, maxPages, maxItems, prefetch, origins'],
    ["no options at all", 3 as never, "pages: 3; give {"],
    ["no style", { by: "link" as never }, "pages.by: a string; give byLink()"],
    ["a style that was not made", { by: byLink as never }, "pages.by: a function; give byLink()"],
    ["a style whose name breaks cursors", { by: { ...byLink(), name: "a:b" } }, "pages.by"],
    ["a place that is none", { items: 3 as never }, "pages.items: a number; give a path"],
    ["no pages", { maxPages: 0 }, "pages.maxPages: 0; give a number from 1"],
    ["half a page", { maxPages: 1.5 }, "pages.maxPages: 1.5; give a whole number"],
    ["no items", { maxItems: 0 }, "pages.maxItems: 0"],
    ["half an item", { maxItems: 1.5 }, "pages.maxItems: 1.5; give a whole number"],
    ["an unclear prefetch", { prefetch: 2 as never }, "pages.prefetch: 2; give true or false"],
    ["one origin", { origins: "https://a.test" as never }, "pages.origins: a string; give a list"],
    ["more than an origin", { origins: ["https://a.test/v1"] }, 'pages.origins: "https://a.test/v1"; give origins with https:'],
    ["what is no origin", { origins: ["a.test"] }, 'pages.origins: "a.test"; give origins with https:'],
  ])("%s", (_, options, expected) => {
    expect(() => stage().api.get("/list").pages(options)).toThrow(expected)
  }) // prettier-ignore

  test.each<[string, () => unknown, string]>([
    ["byCursor without a place for it", () => byCursor({ cursor: "a" } as never), 'one of "query" and "json"'],
    ["byCursor with two places", () => byCursor({ cursor: "a", query: "a", json: "b" }), 'one of "query" and "json"'],
    ["byCursor without a cursor", () => byCursor({ query: "a" } as never), 'one of "cursor" and "lastItem"'],
    ["byCursor with two", () => byCursor({ cursor: "a", lastItem: "b", query: "a" }), 'one of "cursor" and "lastItem"'],
    ["byCursor with an unknown one", () => byCursor({ after: "a" } as never), 'byCursor: no option "after"'],
    ["byCursor with an empty path", () => byCursor({ cursor: "", query: "a" }), "byCursor.cursor"],
    ["byNextUrl without a place", () => byNextUrl(undefined as never), "byNextUrl.spot: null; give a path"],
    ["byPage with half a page", () => byPage({ first: 0.5 }), "byPage.first: 0.5"],
    ["byPage with a number for a place", () => byPage({ totalPages: 3 as never }), "byPage.totalPages: a number"],
    ["byOffset with an empty name", () => byOffset({ query: "" }), "byOffset"],
    ["byOffset with no options", () => byOffset(null as never), "byOffset: null"],
  ])("%s", (_, make, expected) => {
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(expected)
  })

  test("a stream as the body, which the first page would use up", () => {
    const body = new ReadableStream<Uint8Array>()
    expect(() => stage().api.post("/list", { body }).pages()).toThrow(
      "pages.body: a stream, which one page would use up",
    )
  })

  test("a path that leaves the base", () => {
    expect(() => stage().api.get("//evil.test/list").pages()).toThrow("leaves https://api.test")
  })
})

describe("pagingBy", () => {
  const able = () => rehearse({ abilities: [pagingBy] })

  test("reads lists whose style is said", async () => {
    const { api, server, run } = able()
    server.replies(200, page(1, 2)).replies(200, page(2, 2))
    expect(await run(api.get("/list").pages({ by: byLink() }).collect())).toEqual([10, 11, 20, 21])
  })

  test.each([{}, { by: undefined }])("does not guess the style: pages(%j) is refused", (options) => {
    expect(() =>
      able()
        .api.get("/list")
        .pages(options as never),
    ).toThrow("pages.by: undefined; give byLink(), byNextUrl(…), byCursor({ … }), byPage() or byOffset()")
  })

  test("knows the cursors of its style alone", () => {
    const { api } = able()
    expect(() => api.get("/list").pages({ by: byPage(), from: 'slack:"x"' })).toThrow('a cursor of "slack"')
    expect(() => api.get("/list").pages({ by: byPage(), from: "page:2" })).not.toThrow()
  })
})

test("a style can be one's own", async () => {
  const it = stage()
  it.server.expect("GET /list").replies(200, { body: { json: [1] }, headers: { "x-next": "2" } })
  it.server.expect("GET /list/2").replies(200, { body: { json: [2] } })
  const by = {
    name: "header",
    next: ({ reply }: { reply: { headers: { get(name: string): string | null } } }) => reply.headers.get("x-next"),
    request: (position: unknown, first: { url: string }) => ({ ...first, url: `${first.url}/${String(position)}` }),
  }
  expect(await it.run(it.api.get("/list").pages({ by }).collect())).toEqual([1, 2])
})
