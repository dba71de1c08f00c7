import { rehearse } from "@steadfetch/testing"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { CallRecord } from "./call-record.ts"
import { ConfigurationError } from "./steadfetch-error.ts"
import {
  appendQuery,
  fillPath,
  originOf,
  parseBase,
  pathTemplate,
  resolveUrl,
  type PathInput,
  type QueryInput,
} from "./url.ts"

const base = parseBase("https://api.example.com/v1")
const resolve = (url: string | URL): string => resolveUrl(base, url)

/** What came of it: the text, or the message of the refusal. */
function attempt(work: () => string): { readonly done: string } | { readonly refused: string } {
  try {
    return { done: work() }
  } catch (error) {
    if (ConfigurationError.is(error)) return { refused: error.message }
    throw error
  }
}

const refusal = (work: () => unknown): unknown => attempt(() => String(work()))

describe("a base URL", () => {
  test.each([
    ["https://api.example.com", "https://api.example.com"],
    ["https://api.example.com/", "https://api.example.com"],
    ["https://api.example.com/v1//", "https://api.example.com/v1"],
    ["HTTPS://API.Example.com:443/V1", "https://api.example.com/V1"],
    ["http://127.0.0.1:8080/a/../b", "http://127.0.0.1:8080/b"],
    ["https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"],
  ])("%s is %s", (given, url) => {
    expect(parseBase(given).url).toBe(url)
    expect(parseBase(new URL(given)).url).toBe(url)
  })

  test.each([
    ["", 'baseUrl "" is not an absolute http(s) URL'],
    ["/v1", 'baseUrl "/v1" is not an absolute http(s) URL'],
    ["api.example.com", 'baseUrl "api.example.com" is not an absolute http(s) URL'],
    ["localhost:3000", 'baseUrl "localhost:3000" is not an absolute http(s) URL'],
    ["ftp://api.example.com", 'baseUrl "ftp://api.example.com" is not an absolute http(s) URL'],
    ["file:///etc/passwd", 'baseUrl "file:///etc/passwd" is not an absolute http(s) URL'],
    ["https://", 'baseUrl "https://" is not an absolute http(s) URL'],
    ["https://u:hunter22@api.example.com", 'baseUrl for api.example.com holds a user name or password; use "auth"'],
    ["https://u:hunter22@api.example.com:99999", 'baseUrl "https://api.example.com:99999" is not an absolute http(s) URL'],
    ["https://h/v1?a=1", 'baseUrl "https://h/v1?a=1" holds a query or fragment; give "query" beside it'],
    ["https://h/v1?token=s3cret#x", 'baseUrl "https://h/v1?token=REDACTED" holds a query or fragment; give "query" beside it'],
  ])("%s is refused, without showing credentials", (given, message) => {
    expect(refusal(() => parseBase(given))).toEqual({ refused: message })
  }) // prettier-ignore
})

describe("the URL of a call", () => {
  test.each([
    ["/users", "https://api.example.com/v1/users"],
    ["users", "https://api.example.com/v1/users"],
    ["", "https://api.example.com/v1"],
    ["?page=2", "https://api.example.com/v1?page=2"],
    ["#top", "https://api.example.com/v1#top"],
    ["/users?q=a b", "https://api.example.com/v1/users?q=a%20b"],
    ["/ä ö", "https://api.example.com/v1/%C3%A4%20%C3%B6"],
    ["/users/", "https://api.example.com/v1/users/"],
    ["/a//b", "https://api.example.com/v1/a//b"],
    ["/a/../b", "https://api.example.com/v1/b"],
    ["/models/gpt:run", "https://api.example.com/v1/models/gpt:run"],
    [":8080/x", "https://api.example.com/v1/:8080/x"],
    ["\t//evil.example", "https://api.example.com/v1///evil.example"],
    ["/../v1/x", "https://api.example.com/v1/x"],
    ["@evil.example/x", "https://api.example.com/v1/@evil.example/x"],
    ["/files/..%2f..", "https://api.example.com/v1/files/..%2f.."],
    ["/...", "https://api.example.com/v1/..."],
    ["/.well-known", "https://api.example.com/v1/.well-known"],
    ["/x?next=../..", "https://api.example.com/v1/x?next=../.."],
  ])("%j stays below the base", (given, url) => {
    expect(resolve(given)).toBe(url)
  })

  test("an absolute one goes where it says", () => {
    expect(resolve("https://other.example/x")).toBe("https://other.example/x")
    expect(resolve(new URL("https://other.example/x"))).toBe("https://other.example/x")
    expect(resolveUrl(undefined, "https://other.example")).toBe("https://other.example/")
  })

  test.each(["//evil.example/x", "/..", "/../admin", "/../v1evil", "/a/../../b", "/%2e%2e/admin", "/.%2E/admin", "/%2E./x",
    "\\\\evil.example", "/\\evil.example", "/a\\..\\..\\b", "..", "../v2",  "/.\t./admin",  "//"])(
    "%j would leave it and is refused",
    (given) => {
      expect(refusal(() => resolve(given))).toEqual({
        refused: `path ${JSON.stringify(given)} leaves https://api.example.com/v1; write the whole URL if that is meant`,
      })
    },
  ) // prettier-ignore

  test.each([
    ["/../x?api_key=s3cret", "/../x?api_key=REDACTED"],
    ["//u:s3cret@h/x", "//h/x"],
  ])("the refusal of %s shows no credentials", (given, shown) => {
    expect(refusal(() => resolve(given))).toEqual({
      refused: `path ${JSON.stringify(shown)} leaves https://api.example.com/v1; write the whole URL if that is meant`,
    })
  })

  test("a relative one needs a base", () => {
    expect(refusal(() => resolveUrl(undefined, "/users?token=s3cret"))).toEqual({
      refused: 'URL "/users?token=REDACTED" is relative; make it absolute, or set "baseUrl"',
    })
  })

  test.each([
    ["https://u:s3cret@h/x", 'URL for h holds a user name or password; use "auth"'],
    ["javascript:alert(1)", 'URL "javascript:alert(1)" is not an absolute http(s) URL'],
    ["data:,x", 'URL "data:,x" is not an absolute http(s) URL'],
    ["http://[::1", 'URL "http://[::1" is not an absolute http(s) URL'],
  ])("%s is refused", (given, message) => {
    expect(refusal(() => resolve(given))).toEqual({ refused: message })
  })
})

const piece = fc.constantFrom("..", ".", "/", "//", "\\", "%2e", "%2E", "%2f", "%5c", "\t", "\n", " ", "?", "#", "@", ":", ";", "v1", "x", "evil.example", "[", "%") // prettier-ignore
const tricky = fc.oneof(
  fc.array(piece, { maxLength: 8 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary" }),
)

/** Whether a URL parser, which is what sends it, finds it below the base. */
function isBelow(url: string): boolean {
  const { origin, pathname } = new URL(url)
  return origin === base.origin && `${pathname}/`.startsWith(`${base.path}/`)
}

describe("whatever is given, nothing leaves the base:", () => {
  test("no relative path", () => {
    fc.assert(
      fc.property(tricky, (text) => {
        fc.pre(!/^[a-z][a-z\d+.-]*:/i.test(text))
        const result = attempt(() => resolve(text))
        expect("refused" in result || isBelow(result.done)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  test("no path value: it is one segment, and comes back as it was given", () => {
    fc.assert(
      fc.property(tricky, (id) => {
        fc.pre(id.isWellFormed() && !["", ".", ".."].includes(id))
        const url = resolve(fillPath("/users/{id}/posts", { id }))
        expect(isBelow(url)).toBe(true)
        const segments = new URL(url).pathname.split("/")
        expect(segments).toHaveLength(5)
        expect(decodeURIComponent(segments[3] ?? "")).toBe(id)
      }),
      { numRuns: 1000 },
    )
  })

  test("no template with values in it", () => {
    const template = fc.array(fc.oneof(piece, fc.constant("{a}")), { maxLength: 8 }).map((parts) => parts.join(""))
    fc.assert(
      fc.property(template, tricky, (text, a) => {
        fc.pre(text.includes("{a}") && !/^[a-z][a-z\d+.-]*:/i.test(text))
        const result = attempt(() => resolve(fillPath(text, { a })))
        expect("refused" in result || isBelow(result.done)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  test("no query", () => {
    fc.assert(
      fc.property(tricky, tricky, (name, value) => {
        const url = new URL(appendQuery(resolve("/users"), [[name, value]]))
        expect(url.pathname).toBe("/v1/users")
        expect([...url.searchParams]).toEqual([[name.toWellFormed(), value.toWellFormed()]])
      }),
    )
  })
})

describe("a path template", () => {
  test.each<[string, PathInput, string]>([
    ["/users/{id}", { id: 7 }, "/users/7"],
    ["/users/{id}", { id: "a/b" }, "/users/a%2Fb"],
    ["/users/{id}", { id: "a b?c#d%e" }, "/users/a%20b%3Fc%23d%25e"],
    ["/users/{id}", { id: "%2e%2e" }, "/users/%252e%252e"],
    ["/users/{id}", { id: "..." }, "/users/..."],
    ["/users/{id}", { id: 0 }, "/users/0"],
    ["/users/{id}", { id: false }, "/users/false"],
    ["/users/{id}", { id: 12345678901234567890n }, "/users/12345678901234567890"],
    ["/{a}/{b}/{a}", { a: "1", b: "2" }, "/1/2/1"],
    ["/{a}-{b}", { a: "1", b: "2" }, "/1-2"],
    ["/x", {}, "/x"],
  ])("%s with %o is %s", (template, values, path) => {
    expect(fillPath(template, values)).toBe(path)
  })

  test("without braces and values stays as it is", () => {
    expect(fillPath("/a%20b", undefined)).toBe("/a%20b")
  })

  const notEmpty = 'give a text that is not empty, "." or ".."'
  test.each<[string, unknown, string]>([
    ["/users/{id}", undefined, `path value "id" of /users/{id} is undefined; ${notEmpty}`],
    ["/users/{id}", { id: undefined }, `path value "id" of /users/{id} is undefined; ${notEmpty}`],
    ["/users/{id}", { id: null }, `path value "id" of /users/{id} is null; ${notEmpty}`],
    ["/users/{id}", { id: "" }, `path value "id" of /users/{id} is ""; ${notEmpty}`],
    ["/users/{id}", { id: "." }, `path value "id" of /users/{id} is "."; ${notEmpty}`],
    ["/users/{id}", { id: ".." }, `path value "id" of /users/{id} is ".."; ${notEmpty}`],
    ["/users/{id}", { id: "\ud800" }, `path value "id" of /users/{id} is "\\ud800"; ${notEmpty}`],
    ["/users/{toString}", {}, `path value "toString" of /users/{toString} is undefined; ${notEmpty}`],
    ["/users/{}", {}, `path value "" of /users/{} is undefined; ${notEmpty}`],
    ["/users/{id}", { id: 1, od: 2 }, 'path value "od" has no {od} in /users/{id}'],
    ["/users", { id: 1 }, 'path value "id" has no {id} in /users'],
  ])("%s with %o is refused", (template, values, message) => {
    expect(refusal(() => fillPath(template, values as PathInput))).toEqual({ refused: message })
  })
})

describe("the template of a call's path", () => {
  const base = parseBase("https://api.test/v1/")

  test.each([
    ["/users/{id}", "/v1/users/{id}"],
    ["users/{id}", "/v1/users/{id}"],
    ["/users/{id}?token=s3cret#top", "/v1/users/{id}"],
    ["?id={id}", "/v1"],
    ["https://other.test?id={id}", "/"],
    ["https://other.test:8443/users/{id}", "/users/{id}"],
    ["/users/7", undefined],
    [new URL("https://api.test/{id}"), undefined],
  ])("of %s is %s", (given, template) => {
    expect(pathTemplate(base, given)).toBe(template)
  })

  test("begins with a slash without a base, too", () => {
    expect(pathTemplate(undefined, "https://api.test/{id}")).toBe("/{id}")
  })

  test("is in the call's record", async () => {
    const records: CallRecord[] = []
    const { api, server, run } = rehearse({ on: { "call-ended": ({ call }) => records.push(call) } })
    server.otherwise.replies(200)
    await run(api.get("/users/{id}", { path: { id: 7 } }))
    await run(api.get("/users"))
    expect(records.map(({ template }) => template)).toEqual(["/users/{id}", undefined])
  })
})

describe("a query", () => {
  test.each<[string, QueryInput, string]>([
    ["a record", { a: 1, b: "x y", c: true, d: 10n }, "a=1&b=x+y&c=true&d=10"],
    ["lists", { tag: ["a", "b"], none: [] }, "tag=a&tag=b"],
    ["pairs", [["a", "1"], ["a", "2"]], "a=1&a=2"],
    ["URLSearchParams", new URLSearchParams("a=1&b=%26"), "a=1&b=%26"],
    ["nothing for undefined and null", { a: undefined, b: null, c: [undefined, "1"] }, "c=1"],
    ["empty and false values", { a: "", b: false, c: 0 }, "a=&b=false&c=0"],
    ["reserved characters", { "a&b": "c=d&e#f" }, "a%26b=c%3Dd%26e%23f"],
  ])("is written from %s", (_, query, text) => {
    expect(appendQuery("https://h/p", query)).toBe(text === "" ? "https://h/p" : `https://h/p?${text}`)
  }) // prettier-ignore

  test.each([
    ["https://h/p", "https://h/p?a=1"],
    ["https://h/p?", "https://h/p?a=1"],
    ["https://h/p?x=%20", "https://h/p?x=%20&a=1"],
    ["https://h/p?x&", "https://h/p?x&a=1"],
    ["https://h/p&", "https://h/p&?a=1"],
    ["https://h/p#f", "https://h/p?a=1#f"],
    ["https://h/p?x=1#f?g", "https://h/p?x=1&a=1#f?g"],
  ])("is added to what %s has already", (url, whole) => {
    expect(appendQuery(url, { a: 1 })).toBe(whole)
  })

  test("several are added one after the other; none replaces another", () => {
    expect(appendQuery("https://h/p?a=0", { a: 1 }, undefined, { a: 2 })).toBe("https://h/p?a=0&a=1&a=2")
    expect(appendQuery("https://h/p", {}, undefined)).toBe("https://h/p")
  })

  test.each([
    [{ f: { a: 1 } }, "object"],
    [{ f: [[1]] }, "object"],
    [{ f: () => 1 }, "function"],
    [{ f: Symbol("s") }, "symbol"],
  ])("%o is refused", (query, what) => {
    expect(refusal(() => appendQuery("https://h", query as never))).toEqual({
      refused: `query value "f" is of type ${what}; give a text, number or boolean, or a list of them`,
    })
  })
})

test.each([
  ["https://API.example.com/x", "https://api.example.com"],
  ["http://h:8080?x", "http://h:8080"],
  ["HTTPS://h#x", "https://h"],
  ["/x", ""],
  ["ftp://h", ""],
  ["https:/h", ""],
])("the origin of %s is %j", (url, origin) => {
  expect(originOf(url)).toBe(origin)
})
