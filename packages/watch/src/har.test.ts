import { expect, test } from "vitest"
import { toHar } from "./har.ts"
import type { CallStory } from "./story.ts"

const call: CallStory = {
  id: 7,
  method: "GET",
  url: "https://api.test/users?page=2&key=REDACTED",
  origin: "https://api.test",
  startedAt: 1000,
  attemptCount: 2,
  remarks: [],
  durationMs: 500,
  status: 200,
  verdict: "accept",
  attempts: [
    { number: 1, method: "GET", url: "https://api.test/users?page=2&key=REDACTED", startedAt: 1000, durationMs: 20, failure: "reset", message: "broke off", waitMs: 400, why: "backoff" },
    { number: 2, method: "GET", url: "https://api.test/users?page=2&key=REDACTED", startedAt: 1420, durationMs: 80, status: 302, fields: [["content-type", "text/html; charset=utf-8"], ["content-length", "12"], ["location", "/new"]] },
  ],
} // prettier-ignore

const har = (calls: readonly CallStory[]) => JSON.parse(JSON.stringify(toHar(calls, "1.2.3")))

test("a call is a page, and each attempt an entry of it, in the order of time", () => {
  const { log } = har([{ ...call, id: 8, startedAt: 2000, attempts: [] }, call])
  expect(log).toMatchObject({ version: "1.2", creator: { name: "steadfetch watch", version: "1.2.3" } })
  expect(log.pages.map(({ id }: { id: string }) => id)).toEqual(["call-8", "call-7"])
  expect(log.entries).toMatchObject([
    { pageref: "call-7", startedDateTime: "1970-01-01T00:00:01.000Z", time: 20, response: { status: 0 }, _failure: "reset" },
    { pageref: "call-7", time: 80, response: { status: 302, statusText: "Found" }, timings: { send: 0, wait: 80, receive: 0 } },
  ]) // prettier-ignore
  expect(log.entries[0]).toMatchObject({ _attempt: 1, _message: "broke off", _waitMs: 400, _why: "backoff" })
})

type Shape = { readonly [name: string]: "string" | "number" | Shape | readonly [Shape] }
const PAIR: Shape = { name: "string", value: "string" }
const MESSAGE: Shape = {
  httpVersion: "string",
  cookies: [PAIR],
  headers: [PAIR],
  headersSize: "number",
  bodySize: "number",
}
/** What HAR 1.2 requires, http://www.softwareishard.com/blog/har-12-spec/. */
const HAR_1_2: Shape = {
  log: {
    version: "string",
    creator: { name: "string", version: "string" },
    pages: [{ startedDateTime: "string", id: "string", title: "string", pageTimings: { onContentLoad: "number", onLoad: "number" } }],
    entries: [
      {
        pageref: "string",
        startedDateTime: "string",
        time: "number",
        request: { method: "string", url: "string", queryString: [PAIR], ...MESSAGE },
        response: {
          status: "number", statusText: "string", content: { size: "number", mimeType: "string" }, redirectURL: "string", ...MESSAGE,
        },
        cache: {},
        timings: { send: "number", wait: "number", receive: "number" },
      },
    ],
  },
} // prettier-ignore

/** Where a value is not of its shape. */
function faults(value: unknown, shape: Shape[string], place: string): string[] {
  if (shape === "string" || shape === "number") return typeof value === shape ? [] : [`${place} is ${typeof value}`]
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${place} is no list`]
    return value.flatMap((item, index) => faults(item, shape[0], `${place}[${index}]`))
  }
  if (typeof value !== "object" || value === null) return [`${place} is no object`]
  const members = value as Readonly<Record<string, unknown>>
  return Object.entries(shape).flatMap(([name, inner]) => faults(members[name], inner, `${place}.${name}`))
}

test("every member that HAR 1.2 requires is there, and of its type", () => {
  const all = har([call, { ...call, id: 9, durationMs: undefined }])
  expect(faults(all, HAR_1_2, "har")).toEqual([])
  expect(all.log.entries).toHaveLength(4)
  expect(faults({ log: { entries: [{ time: "1" }] } }, HAR_1_2, "har")).toContain("har.log.entries[0].time is string")
})

test("the fields of a reply that were kept are its header, media type and where it leads", () => {
  const { request, response } = har([call]).log.entries[1]
  expect(request.headers).toEqual([])
  expect(response.headers).toEqual([
    { name: "content-type", value: "text/html; charset=utf-8" },
    { name: "content-length", value: "12" },
    { name: "location", value: "/new" },
  ])
  expect(response).toMatchObject({ content: { size: 12, mimeType: "text/html; charset=utf-8" }, redirectURL: "/new" })
})

test.each(["many", "12, 12", "-1", "1e3", "0x10"])("a Content-Length of %j tells no size", (length) => {
  const attempt = { number: 1, method: "GET", url: "https://api.test/", startedAt: 1, fields: [["content-length", length]] } as const // prettier-ignore
  expect(har([{ ...call, attempts: [attempt] }]).log.entries[0].response.content.size).toBe(-1)
})

test("a URL that was cut says so, as nothing is there", () => {
  const cut = { ...call, attempts: [{ number: 1, method: "GET", url: "https://api.test/long…", startedAt: 1 }] }
  expect(har([cut]).log.entries[0]).toMatchObject({ _urlIsCut: true })
  expect(har([call]).log.entries[0]).not.toHaveProperty("_urlIsCut")
})

test("the query is taken apart", () => {
  expect(har([call]).log.entries[0].request.queryString).toEqual([
    { name: "page", value: "2" },
    { name: "key", value: "REDACTED" },
  ])
})

test("a call under way has no end, and a URL that is none has no query", () => {
  const { log } = har([{ ...call, durationMs: undefined, attempts: [{ number: 1, method: "GET", url: "not a url?a=b", startedAt: 1 }] }]) // prettier-ignore
  expect([log.pages[0].pageTimings.onLoad, log.entries[0].time, log.entries[0].request.queryString]).toEqual([
    -1,
    0,
    [],
  ])
})
