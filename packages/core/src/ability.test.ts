import { rehearse } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import { steadfetch, type Ability, type Call } from "./index.ts"

const counting = {
  async count(this: Call): Promise<number> {
    return (await this.json<unknown[]>()).length
  },
}

const again = {
  async again<T>(this: Call, times: number): Promise<T[]> {
    const { method, url, options, request } = { ...this.context, request: this.context.request.bind(this.context) }
    return Promise.all(Array.from({ length: times }, () => request(method, url, options).json<T>()))
  },
}

describe("an ability", () => {
  test("gives every call of its client a method that reads the call", async () => {
    const { api, server, run } = rehearse({ abilities: [counting] })
    server.otherwise.replies(200, { body: { json: ["a", "b"] } })
    expect(await run(api.get("/list").count())).toBe(2)
    expect(await run(api.request("QUERY", "/list").count())).toBe(2)
  })

  test("makes further calls through the client that was asked", async () => {
    const { api, server, run } = rehearse({ abilities: [again], headers: { "x-tenant": "7" } })
    server.otherwise.replies(200, { body: { json: 1 } })
    expect(await run(api.get("/{id}", { path: { id: 3 }, query: { q: 1 } }).again<number>(2))).toEqual([1, 1])
    expect(server.requests.map(({ url }) => url)).toEqual(["https://api.test/3?q=1", "https://api.test/3?q=1"])
    expect(server.requests.every(({ headers }) => headers.some(([name]) => name === "x-tenant"))).toBe(true)
  })

  test("is kept by derived clients, beside those that they add", async () => {
    const { api, server, run } = rehearse({ abilities: [counting] })
    server.otherwise.replies(200, { body: { json: ["a"] } })
    const derived = api.extend({ abilities: [again] }).extend({ abilities: [counting] })
    expect(await run(derived.get("/list").count())).toBe(1)
    expect(await run(derived.get("/list").again(1))).toEqual([["a"]])
    expect("again" in api.get("/list")).toBe(false)
  })

  test("knows the address that its call goes to", () => {
    const { api } = rehearse({ query: { v: 2 } })
    const call = api.get("/users/{id}", { path: { id: "a b" }, query: { q: 1 } })
    expect(call.context.address()).toBe("https://api.test/users/a%20b?v=2&q=1")
    expect(() => api.get("//evil.test/x").context.address()).toThrow("leaves https://api.test")
  })

  test("follows a URL of a server's as it is, and the client's credentials stay home", async () => {
    const { api, server, run } = rehearse({ query: { v: 2 }, headers: { authorization: "secret" } })
    server.otherwise.replies(200)
    const { context } = api.get("/")
    await run(context.follow("GET", new URL("https://api.test/next?v=1&s=%2F~"), {}))
    await run(context.follow("GET", new URL("https://other.test/"), {}))
    expect(server.requests.map((request) => [request.url, request.header("authorization")])).toEqual([
      ["https://api.test/next?v=1&s=%2F~", "secret"],
      ["https://other.test/", undefined],
    ])
  })

  test.each([
    ["https://api.test/2?v=9", "https://api.test/2?v=9&w=3", "7", "own"],
    ["https://api.test/2#end", "https://api.test/2?v=2&w=3#end", "7", "own"],
    ["https://other.test/2", "https://other.test/2", undefined, undefined],
  ])("follows a server's URL, %s, with what belongs there alone", async (given, asked, tenant, note) => {
    const following = {
      followed(this: Call): Call {
        return this.context.follow("GET", new URL(given), { headers: { "x-note": "own", accept: "text/csv" } })
      },
    }
    for (const base of [{ baseUrl: "https://api.test" }, { baseUrl: undefined }]) {
      const { api, server, run } = rehearse({ abilities: [following], headers: { "x-tenant": "7" }, query: { v: 2, w: 3 }, ...base }) // prettier-ignore
      server.otherwise.replies(200)
      await run(api.get("https://api.test/1").followed())
      const [request] = server.requests
      expect(request?.url).toBe(asked)
      expect(["x-tenant", "x-note", "accept"].map((name) => request?.header(name))).toEqual([tenant, note, "text/csv"])
    }
  })

  test("is not there for clients without it", () => {
    expect("count" in rehearse().api.get("/list")).toBe(false)
  })

  test.each<[string, unknown, string]>([
    ["no list", counting, "abilities: an object (Object); give a list: [paging, downloads]"],
    ["no ability", [7], "abilities: a number; give paging, downloads, …"],
    ["nothing", [undefined], "abilities: undefined; give paging, downloads, …"],
    ["no method", [{ count: 3 }], 'abilities: "count": a number; give a function'],
    ["a method that calls have", [{ json: () => 1 }], 'abilities: calls have "json" already; give another name'],
    [
      "two methods of one name",
      [{ a: () => 1 }, { a: () => 2 }],
      'abilities: calls have "a" already; give another name',
    ],
  ])("is refused when it is %s", (_, abilities, message) => {
    expect(() => steadfetch({ abilities: abilities as readonly Ability[] })).toThrow(message)
  })
})
