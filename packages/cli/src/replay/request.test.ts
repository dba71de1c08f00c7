import { expect, test } from "vitest"
import type { RecordedCall } from "./recording.ts"
import { repeated, type ReplayedCall, type RequestPlan } from "./request.ts"
import { recordedCall } from "./test-recording.ts"

const plan: RequestPlan = { unsafe: false, to: undefined, withCredentials: false, givenFields: new Set() }

function made(call: Partial<RecordedCall>, given: Partial<RequestPlan> = {}): ReplayedCall {
  const request = repeated(recordedCall(call), { ...plan, ...given })
  if ("why" in request) throw new Error(request.what)
  return request
}

const CREDENTIALS: [string, string][] = [
  ["Authorization", "Bearer hush"],
  ["Cookie", "sid=hush"],
  ["Proxy-Authorization", "Basic hush"],
  ["X-Api-Key", "hush"],
  ["X-Auth-Token", "hush"],
  ["X-CSRF-Token", "hush"],
]

test("a call is repeated with its fields, and redirects are left to the recording", () => {
  const headers: [string, string][] = [
    ["Accept", "application/json"],
    ["X-Tenant", "a"],
    ["Idempotency-Key", "order-7"],
  ]
  expect(made({ headers })).toMatchObject({
    method: "GET",
    url: "https://api.example.com/users/7",
    options: {
      headers: [
        ["accept", "application/json"],
        ["x-tenant", "a"],
        ["idempotency-key", "order-7"],
      ],
      redirect: "manual",
    },
    without: [],
  })
})

test.each([
  [":authority"],
  [":method"],
  ["Host"],
  ["Content-Length"],
  ["Accept-Encoding"],
  ["Connection"],
  ["Keep-Alive"],
  ["Proxy-Connection"],
  ["TE"],
  ["Trailer"],
  ["Transfer-Encoding"],
  ["Upgrade"],
  ["HTTP2-Settings"],
  ["Expect"],
])("%s is not repeated", (name) => {
  const { options, without } = made({
    headers: [
      [name, "0"],
      ["accept", "*/*"],
    ],
  })
  expect([options.headers, without]).toEqual([[["accept", "*/*"]], []])
})

test("nor are fields that Connection lists", () => {
  const headers: [string, string][] = [
    ["Connection", "close, X-Hop"],
    ["x-hop", "1"],
    ["x-end", "2"],
  ]
  expect(made({ headers }).options.headers).toEqual([["x-end", "2"]])
})

test.each(CREDENTIALS)("%s stays behind, and is named", (name, value) => {
  const { options, without } = made({ headers: [[name, value]] })
  expect([options.headers, without]).toEqual([[], [name.toLowerCase()]])
})

test("recorded credentials are sent where that is asked for, but those that the user gives go before them", () => {
  const { options, without } = made(
    { headers: CREDENTIALS },
    { withCredentials: true, givenFields: new Set(["authorization"]) },
  )
  expect(without).toEqual([])
  expect(options.headers.map(([name]) => name)).toEqual(CREDENTIALS.slice(1).map(([name]) => name.toLowerCase()))
})

test.each([
  ["?api_key=hush&a=b%20c", "?a=b%20c", ["api_key"]],
  ["?a=1&access_token=hush", "?a=1", ["access_token"]],
  ["?key=hush", "", ["key"]],
  ["?X-Amz-Signature=hush&X-Amz-Date=1", "?X-Amz-Date=1", ["X-Amz-Signature"]],
  ["?PHPSESSID=hush", "", ["PHPSESSID"]],
  ["?client_secret=hush&password=hush&sig=hush", "", ["client_secret", "password", "sig"]],
  [
    "?page_token=2&pageToken=2&assignee=x&keyword=y&sort_key=z&a+b",
    "?page_token=2&pageToken=2&assignee=x&keyword=y&sort_key=z&a+b",
    [],
  ],
  ["?q=a%2fb&&empty=", "?q=a%2fb&&empty=", []],
  ["#access_token=hush", "", []],
])("of the query %s, %s is left", (search, left, without) => {
  const call = made({ url: `https://api.example.com/users${search}` })
  expect([call.url, call.without]).toEqual([`https://api.example.com/users${left}`, without])
})

test("a query's credentials are kept where that is asked for, and a user name is never sent", () => {
  const { url, without } = made({ url: "https://ada:hush@api.example.com/?key=7" }, { withCredentials: true })
  expect([url, without]).toEqual(["https://api.example.com/?key=7", ["user name and password"]])
})

test("values that the recording does not have: a credential is left out, another makes the call incomplete", () => {
  expect(made({ url: "https://api.example.com/?key=REDACTED" }, { withCredentials: true }).without).toEqual(["key"])
  expect(repeated(recordedCall({ url: "https://api.example.com/?page_token=REDACTED" }), plan)).toEqual({
    why: "incomplete",
    what: 'log.entries[3].request.url has no value for "page_token"',
  })
})

test("a URL that was cut makes the call incomplete", () => {
  expect(repeated(recordedCall({ urlIsCut: true }), plan)).toEqual({
    why: "incomplete",
    what: "log.entries[3].request.url was cut",
  })
})

test("another origin takes the place of the recorded one, also in Origin and Referer", () => {
  const headers: [string, string][] = [
    ["Origin", "https://api.example.com"],
    ["Referer", "https://api.example.com/reset?token=hush&a=b"],
  ]
  const { url, options } = made({ url: "https://api.example.com/users?a=b", headers }, { to: "http://localhost:3000" })
  expect(url).toBe("http://localhost:3000/users?a=b")
  expect(options.headers).toEqual([
    ["origin", "http://localhost:3000"],
    ["referer", "http://localhost:3000/reset?a=b"],
  ])
})

test("an Origin and Referer of other sites stay, without credentials", () => {
  const headers: [string, string][] = [
    ["Origin", "https://app.example.com"],
    ["Referer", "https://app.example.com/?token=hush"],
  ]
  expect(made({ headers }, { to: "http://localhost:3000" }).options.headers).toEqual([
    ["origin", "https://app.example.com"],
    ["referer", "https://app.example.com/"],
  ])
})

test.each([
  [{ url: "data:text/plain,hush" }, { why: "no-http", what: "data:" }],
  [{ url: "wss://api.example.com/live" }, { why: "no-http", what: "wss:" }],
  [{ method: "CONNECT" }, { why: "no-http", what: "CONNECT" }],
  [{ status: 101 }, { why: "endless", what: "upgrade" }],
  [{ replyType: "text/event-stream; charset=utf-8" }, { why: "endless", what: "event stream" }],
  [{ method: "POST" }, { why: "unsafe", what: "POST" }],
  [{ method: "DELETE" }, { why: "unsafe", what: "DELETE" }],
  [{ method: "PURGE" }, { why: "unsafe", what: "PURGE" }],
])("%j is left out", (call, leftOut) => {
  expect(repeated(recordedCall(call), plan)).toEqual(leftOut)
})

test.each([["GET"], ["HEAD"], ["OPTIONS"], ["TRACE"], ["QUERY"]])("%s is safe", (method) => {
  expect(made({ method }).method).toBe(method)
})

test("unsafe methods are sent where that is asked for, with their body and its type", () => {
  const body = { mimeType: "application/json", text: "{}", encoding: "", params: [] }
  expect(made({ method: "POST", body }, { unsafe: true }).options).toMatchObject({
    headers: [["content-type", "application/json"]],
    body: new Uint8Array(Buffer.from("{}")),
  })
  const incomplete = repeated(recordedCall({ method: "POST", bodyBytes: 7 }), { ...plan, unsafe: true })
  expect(incomplete).toEqual({ why: "incomplete", what: "log.entries[3].request.postData is not in the recording" })
})

test("the type of a body that the user gives goes before the recorded one", () => {
  const body = { mimeType: "text/plain", text: "a", encoding: "", params: [] }
  const given = { unsafe: true, givenFields: new Set(["content-type"]) }
  expect(made({ method: "POST", body, headers: [["Content-Type", "text/plain"]] }, given).options.headers).toEqual([])
})
