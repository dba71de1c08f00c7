import { rehearse, scriptedTransport, testRuntime } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  apiKey,
  basic,
  bearer,
  retry,
  standard,
  steadfetch,
  timeout,
  type ClientOptions,
  type Steadfetch,
} from "./index.ts"

/** Clients whose requests a test reads; every one is answered 204. */
function family(options: ClientOptions = {}) {
  const runtime = testRuntime()
  const server = scriptedTransport(runtime.clock)
  server.otherwise.replies(204)
  const api = steadfetch({ baseUrl: "https://api.test/v1", transport: server, runtime, ...options })
  const sent = async (client: Steadfetch, url = "/x") => {
    await runtime.clock.runUntil(client.get(url))
    const request = server.requests.at(-1)
    if (request === undefined) throw new Error("nothing was sent")
    return request
  }
  return { api, server, sent }
}

function refusal(work: () => unknown): unknown {
  try {
    work()
    return "nothing was refused"
  } catch (error) {
    return error
  }
}

describe("options that cannot work are refused when the client is made, naming the value and the fix:", () => {
  const known =
    "baseUrl, headers, query, abilities, maxBodyBytes, retry, timeout, deadline, idempotencyKey, contract, add, auth, policies, transport, on, runtime"
  const auth = bearer("t0ken-t0ken")

  test.each<[unknown, string]>([
    [{ baseURL: "https://h" }, `steadfetch: no option "baseURL"; there is ${known}`],
    [{ baseUrl: "/api" }, 'baseUrl "/api" is not an absolute http(s) URL'],
    [{ baseUrl: "https://u:p@h" }, 'baseUrl for h holds a user name or password; use "auth"'],
    [{ auth }, '"auth" needs a "baseUrl": credentials are sent to its origin and to no other'],
    [{ headers: { "x\n": "1" } }, 'header name "x\\n" is no token (RFC 9110 §5.1)'],
    [{ maxBodyBytes: -5 }, "maxBodyBytes: -5; give a number from 0 to Infinity"],
    [{ contract: { 700: "retry" } }, 'contract: 700: "retry" is no row; write { 409: "retry" } or { "4xx": "correct" }'],
    [{ retry: { tries: 3 } }, 'retry: no option "tries"; there is attempts, baseMs, capMs, maxWaitMs, budget'],
    [{ retry: 3 }, "retry: 3; give { attempts, baseMs, capMs, maxWaitMs, budget }"],
    [{ retry: { attempts: 0 } }, "retry.attempts: 0; give a number from 1 to Infinity"],
    [{ retry: { budget: { perSuccess: 2 } } }, "retry.budget.perSuccess: 2; give a number from 0 to 1"],
    [{ retry: { budget: { capacity: 0 } } }, "retry.budget.capacity: 0; give a number from 1 to Infinity"],
    [{ retry: { budget: { size: 1 } } }, 'retry.budget: no option "size"; there is perSuccess, capacity'],
    [{ timeout: { totalMs: 5 } }, 'timeout: no option "totalMs"; there is attemptMs, stallMs'],
    [{ timeout: { attemptMs: -1 } }, "timeout.attemptMs (ms, or false): -1; give a number from 1 to Infinity"],
    [{ timeout: 5000 }, "timeout: 5000; give { attemptMs, stallMs }"],
    [{ deadline: -1 }, "deadline (ms, or false): -1; give a number from 1 to Infinity"],
    [{ timeout: { attemptMs: 9000 }, deadline: 5000 }, "timeout.attemptMs (9000) is above the deadline (5000 ms)"],
    [{ idempotencyKey: { format: "json" } }, 'idempotencyKey.format: "json"; give "raw" or "quoted"'],
    [{ idempotencyKey: { name: "X" } }, 'idempotencyKey: no option "name"; there is header, format, crossOrigin'],
    [{ policies: [], retry: false }, '"policies" is the whole list, and "retry" is set beside it; write policies: standard({ retry: … })'],
    [{ policies: standard(), deadline: 5 }, '"policies" is the whole list, and "deadline" is set beside it; write policies: standard({ deadline: … })'],
  ])("%o", (options, message) => {
    expect(refusal(() => steadfetch(options as ClientOptions))).toMatchObject({ name: "ConfigurationError", message })
  }) // prettier-ignore

  test("policies in an order that cannot work", () => {
    expect(refusal(() => steadfetch({ policies: [timeout(), retry()] }))).toMatchObject({
      name: "ConfigurationError",
      message:
        "policies: retry() (repeater) after timeout() (attempt); list each once, in the order call, repeater, endpoint, gate, attempt, wire",
    })
  })

  test.each([
    ["an empty token", () => bearer(""), 'the credential for "auth" is empty; give a text'],
    ["an empty key", () => apiKey(""), 'the credential for "auth" is empty; give a text'],
    ["a token that is none", () => bearer(undefined as never), 'the credential for "auth" is undefined; give a text'],
    ["a user name with a colon", () => basic("a:b", "p"), 'user name "a:b" holds a ":", which basic authentication cannot carry'],
  ])("%s", (_, make, message) => {
    expect(refusal(make)).toMatchObject({ name: "ConfigurationError", message })
  }) // prettier-ignore

  test("options that are there but undefined are as good as absent", async () => {
    const { api, sent } = family({ headers: undefined, query: undefined, auth: undefined, retry: undefined, timeout: undefined, deadline: undefined, policies: undefined, contract: undefined, maxBodyBytes: undefined, on: undefined }) // prettier-ignore
    expect((await sent(api)).url).toBe("https://api.test/v1/x")
  })
})

describe("extend()", () => {
  test("puts headers beside the client's; those of the same name go before", async () => {
    const { api, sent } = family({ headers: { "X-A": "1", "X-B": "1" } })
    const { headers } = await sent(api.extend({ headers: { "x-b": "2", "x-c": "2" } }))
    expect(Object.fromEntries(headers)).toEqual({ "x-a": "1", "x-b": "2", "x-c": "2" })
  })

  test("puts query parameters beside the client's", async () => {
    const { api, sent } = family({ query: { a: 1, tag: ["x", "y"] } })
    expect((await sent(api.extend({ query: { b: 2, tag: "z" } }))).url).toBe(
      "https://api.test/v1/x?a=1&tag=x&tag=y&b=2&tag=z",
    )
  })

  test("leaves the client that it came from as it was", async () => {
    const { api, sent } = family({ headers: { "x-a": "1" }, query: { a: 1 } })
    api.extend({ headers: { "x-a": "2" }, query: { b: 2 }, baseUrl: "https://api.test/v2" })
    const request = await sent(api)
    expect([request.url, request.header("x-a")]).toEqual(["https://api.test/v1/x?a=1", "1"])
  })

  test("can be repeated; all generations add up", async () => {
    const { api, sent } = family({ headers: { "x-a": "1" } })
    const third = api.extend({ headers: { "x-b": "2" } }).extend({ headers: { "x-c": "3" }, query: { q: 1 } })
    const request = await sent(third)
    expect(Object.fromEntries(request.headers)).toEqual({ "x-a": "1", "x-b": "2", "x-c": "3" })
    expect(request.url).toBe("https://api.test/v1/x?q=1")
  })

  test("can move the base to another path of the origin, with the credentials", async () => {
    const { api, sent } = family({ auth: bearer("t0ken-t0ken") })
    const request = await sent(api.extend({ baseUrl: "https://api.test/v2" }))
    expect([request.url, request.header("authorization")]).toEqual(["https://api.test/v2/x", "Bearer t0ken-t0ken"])
  })

  const moved = {
    name: "ConfigurationError",
    message: expect.stringMatching(
      /^extend\(\) (?=.*https:\/\/api\.test)(?=.*https:\/\/other\.test).*; give/,
    ) as string,
  }

  test.each<[string, ClientOptions]>([
    ["auth", { auth: bearer("t0ken-t0ken") }],
    ["Authorization", { headers: { Authorization: "Bearer t0ken-t0ken" } }],
    ["X-Api-Key", { headers: { "X-Api-Key": "k3y-k3y" } }],
    ["a cookie", { headers: { Cookie: "sid=1" } }],
    ["a key in the query", { query: { api_key: "k3y-k3y" } }],
  ])("does not take %s to another origin", (_, options) => {
    const { api } = family(options)
    expect(refusal(() => api.extend({ baseUrl: "https://other.test" }))).toMatchObject(moved)
  })

  test("takes credentials that are given for the other origin", async () => {
    const { api, sent } = family({ auth: bearer("t0ken-t0ken") })
    const other = api.extend({ baseUrl: "https://other.test", auth: bearer("another-t0ken") })
    expect((await sent(other)).header("authorization")).toBe("Bearer another-t0ken")
    const byHand = family({ headers: { "x-api-key": "k3y-k3y" } })
    const request = await byHand.sent(
      byHand.api.extend({ baseUrl: "https://other.test", headers: { "X-Api-Key": "another-k3y" } }),
    )
    expect(request.header("x-api-key")).toBe("another-k3y")
  })

  test("takes other headers and parameters to another origin", async () => {
    const { api, sent } = family({ headers: { "x-tenant": "7" }, query: { lang: "de" } })
    const request = await sent(api.extend({ baseUrl: "https://other.test" }))
    expect([request.url, request.header("x-tenant")]).toEqual(["https://other.test/x?lang=de", "7"])
  })

  test("refuses unknown options and those that contradict the client's", () => {
    const { api } = family({ policies: standard() })
    expect(refusal(() => api.extend({ header: {} } as ClientOptions))).toMatchObject({
      message: expect.stringMatching(/^extend: no option "header"; there is baseUrl, headers/) as string,
    })
    expect(refusal(() => api.extend({ retry: false }))).toMatchObject({
      message: expect.stringMatching(/^"policies" is the whole list, and "retry" is set beside it/) as string,
    })
  })

  test("shares the retry budget while the way to the server is the same", async () => {
    const { api, server, run } = rehearse({
      retry: { attempts: 10, baseMs: 0, budget: { capacity: 4, perSuccess: 0 } },
    })
    server.otherwise.replies(503)
    const child = api.extend({ headers: { "x-a": "1" }, query: { a: 1 }, baseUrl: "https://api.test/v2" })
    await run(api.get("/").outcome())
    expect(server.requests).toHaveLength(5)
    await run(child.get("/").outcome())
    expect(server.requests).toHaveLength(6)
  })

  test("has a budget of its own with a retry option of its own", async () => {
    const retryOptions = { attempts: 3, baseMs: 0, budget: { capacity: 2, perSuccess: 0 } }
    const { api, server, run } = rehearse({ retry: retryOptions })
    server.otherwise.replies(503)
    const child = api.extend({ retry: retryOptions })
    await run(api.get("/").outcome())
    await run(child.get("/").outcome())
    expect(server.requests).toHaveLength(6)
  })

  test("keeps the listeners", async () => {
    const heard: string[] = []
    const { api, sent } = family({ on: { "call-ended": ({ call }) => heard.push(call.url) } })
    await sent(api.extend({ query: { a: 1 } }))
    expect(heard).toEqual(["https://api.test/v1/x?a=1"])
  })
})
