import { rehearse } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import { Cancellation, type RequestOptions } from "./index.ts"

function stage(options: Parameters<typeof rehearse>[0] = {}) {
  const staged = rehearse(options)
  staged.server.otherwise.replies(204)
  return staged
}

/** The one request that a call sends. */
async function sent(options: RequestOptions, method = "POST", url = "/users", client: Parameters<typeof rehearse>[0] = {}) {
  const { api, server, run } = stage(client)
  await run(api.request(method, url, options))
  const [request] = server.requests
  if (request === undefined) throw new Error("nothing was sent")
  return request
} // prettier-ignore

async function refused(options: unknown, method = "POST", url = "/users"): Promise<unknown> {
  const { api, server, run } = stage()
  const error = await run(
    api.request(method, url, options as RequestOptions).then(undefined, (thrown: unknown) => thrown),
  )
  expect(server.requests).toEqual([])
  return error
}

describe("the verbs", () => {
  test.each(["get", "head", "post", "put", "patch", "delete"] as const)("%s sends its method", async (verb) => {
    const { api, server, run } = stage()
    await run(api[verb]("/users"))
    expect(server.requests[0]?.method).toBe(verb.toUpperCase())
  })

  test("request sends any method as it is written", async () => {
    expect((await sent({}, "PROPFIND")).method).toBe("PROPFIND")
    expect((await sent({}, "purge")).method).toBe("purge")
  })

  test.each(["get", "head", "post", "put", "Patch", "delete", "options"])(
    "request sends %s in capitals",
    async (method) => {
      expect((await sent({}, method)).method).toBe(method.toUpperCase())
    },
  )

  test("request gives patch a key, too, so that it is retried", async () => {
    expect((await sent({ json: {} }, "patch")).header("idempotency-key")).toBeDefined()
  })

  test.each(["", "GET ", "GET /x HTTP/1.1\r\nX: y", "G\u00e9t", "a/b"])("%j is no method", async (method) => {
    expect(await refused({}, method)).toMatchObject({
      name: "ConfigurationError",
      message: `method ${JSON.stringify(method)} is not a token (RFC 9110 §9.1)`,
    })
  })
})

describe("a call's own options", () => {
  test("the query comes after the URL's and the client's", async () => {
    const { url } = await sent({ query: { c: 3, tag: ["x", "y"] } }, "GET", "/users?a=1", { query: { b: 2 } })
    expect(url).toBe("https://api.test/users?a=1&b=2&c=3&tag=x&tag=y")
  })

  test("headers go before the client's of the same name, in any case", async () => {
    const { headers } = await sent({ headers: { "X-A": "call" } }, "GET", "/", {
      headers: { "x-a": "client", "x-b": "client" },
    })
    expect(headers).toEqual([
      ["x-b", "client"],
      ["x-a", "call"],
    ])
  })

  test("the path fills the template", async () => {
    expect((await sent({ path: { id: "a/b" } }, "GET", "/users/{id}")).url).toBe("https://api.test/users/a%2Fb")
  })

  test("at another origin the client's headers and query are not sent", async () => {
    const client = { headers: { "x-tenant": "7" }, query: { key: "k" } }
    const request = await sent({ query: { a: 1 } }, "GET", "https://other.test/x", client)
    expect(request.url).toBe("https://other.test/x?a=1")
    expect(request.headers).toEqual([])
  })

  test("at the same origin, written out, they are", async () => {
    const request = await sent({}, "GET", "https://api.test/x", { headers: { "x-tenant": "7" }, query: { a: 1 } })
    expect(request.url).toBe("https://api.test/x?a=1")
    expect(request.header("x-tenant")).toBe("7")
  })
})

describe("a body", () => {
  test.each<[string, RequestOptions, string | undefined, string]>([
    ["json", { json: { a: 1 } }, "application/json", '{"a":1}'],
    ["json null", { json: null }, "application/json", "null"],
    ["json false", { json: false }, "application/json", "false"],
    ["a form record", { form: { a: "1 2" } }, "application/x-www-form-urlencoded;charset=UTF-8", "a=1+2"],
    ["a form", { form: new URLSearchParams("a=1&a=2") }, "application/x-www-form-urlencoded;charset=UTF-8", "a=1&a=2"],
    ["a text", { body: "x" }, "text/plain;charset=UTF-8", "x"],
    ["bytes", { body: new TextEncoder().encode("x") }, undefined, "x"],
    ["a Blob", { body: new Blob(["x"], { type: "text/csv" }) }, "text/csv", "x"],
    ["nothing", {}, undefined, ""],
  ])("from %s has its media type", async (_, options, type, text) => {
    const request = await sent(options)
    expect([request.header("content-type"), request.text()]).toEqual([type, text])
  })

  test("keeps the Content-Type that the caller gives", async () => {
    const headers = { "Content-Type": "application/merge-patch+json" }
    const request = await sent({ json: {}, headers }, "PATCH")
    expect(request.headers.filter(([name]) => name === "content-type")).toEqual([
      ["content-type", "application/merge-patch+json"],
    ])
  })

  test("from FormData is multipart/form-data", async () => {
    const form = new FormData()
    form.append("a", "1")
    const request = await sent({ form })
    const headers = { "content-type": request.header("content-type") ?? "" }
    expect([...(await new Response(request.body, { headers }).formData())]).toEqual([["a", "1"]])
  })

  test.each<[RequestOptions]>([[{ json: {}, body: "x" }], [{ json: {}, form: {} }], [{ form: {}, body: "" }]])(
    "is one: %j is refused",
    async (options) => {
      expect(await refused(options)).toMatchObject({
        name: "ConfigurationError",
        message: `a call has one body; give only one of "json", "form" and "body"`,
      })
    },
  )

  test.each(["GET", "HEAD"])("of %s is refused", async (method) => {
    expect(await refused({ json: {} }, method)).toMatchObject({
      name: "ConfigurationError",
      message: `a ${method} request has no body; use "query", or another method`,
    })
  })
})

describe("an option that cannot work is refused before anything is sent, naming the value and the fix:", () => {
  const known =
    "path, query, headers, json, requestSchema, form, body, signal, maxBodyBytes, retry, timeout, deadline, idempotencyKey, contract, auth, redirect"

  test.each<[unknown, string]>([
    [{ jsn: {} }, `the call: no option "jsn"; there is ${known}`],
    [{ params: { a: 1 } }, `the call: no option "params"; there is ${known}`],
    [{ retry: { attempt: 3 } }, `retry: no option "attempt"; there is attempts, baseMs, capMs, maxWaitMs`],
    [{ retry: { attempts: 0 } }, "retry.attempts: 0; give a number from 1 to Infinity"],
    [{ retry: { attempts: Number.NaN } }, "retry.attempts: NaN; give a number from 1 to Infinity"],
    [{ retry: { baseMs: -1 } }, "retry.baseMs: -1; give a number from 0 to Infinity"],
    [{ retry: { capMs: "5s" } }, 'retry.capMs: "5s"; give a number from 0 to Infinity'],
    [{ retry: { maxWaitMs: -1 } }, "retry.maxWaitMs: -1; give a number from 0 to Infinity"],
    [{ timeout: { attemptMs: 0 } }, "timeout.attemptMs (ms, or false): 0; give a number from 1 to Infinity"],
    [{ timeout: { stallMs: Number.NaN } }, "timeout.stallMs (ms, or false): NaN; give a number from 1 to Infinity"],
    [{ timeout: 5000 }, "timeout: 5000; give { attemptMs, stallMs }"],
    [{ retry: 3 }, "retry: 3; give { attempts, baseMs, capMs, maxWaitMs }"],
    [{ retry: true }, "retry: true; give { attempts, baseMs, capMs, maxWaitMs }"],
    [{ deadline: 0 }, "deadline (ms, or false): 0; give a number from 1 to Infinity"],
    [{ deadline: "5000" }, 'deadline (ms, or false): "5000"; give a number from 1 to Infinity'],
    [{ deadline: "5s" }, 'deadline (ms, or false): "5s"; give a number from 1 to Infinity'],
    [{ maxBodyBytes: -1 }, "maxBodyBytes: -1; give a number from 0 to Infinity"],
    [{ contract: { 200: "fine" } }, `contract: 200: "fine" is no row; write { 409: "retry" } or { "4xx": "correct" }`],
    [{ redirect: "error" }, 'redirect: "error"; give "follow" or "manual"'],
    [{ headers: { "x y": "1" } }, 'header name "x y" is no token (RFC 9110 §5.1)'],
    [{ query: { a: {} } }, 'query value "a" is of type object; give a text, number or boolean, or a list of them'],
    [{ path: { id: 7 } }, 'path value "id" has no {id} in /users'],
    [{ json: 1n }, '"json" cannot be written as JSON: TypeError: Do not know how to serialize a BigInt'],
    [{ idempotencyKey: "a\nb" }, 'header "idempotency-key" holds a line break or a character beyond Latin-1; encode it'],
  ])("%o", async (options, message) => {
    expect(await refused(options)).toMatchObject({ name: "ConfigurationError", message })
  }) // prettier-ignore

  test.each<[string, string]>([
    ["//evil.test/x", 'path "//evil.test/x" leaves https://api.test; write the whole URL if that is meant'],
    ["/{id}", 'path value "id" of /{id} is undefined; give a text that is not empty, "." or ".."'],
    ["ftp://h/x", 'URL "ftp://h/x" is not an absolute http(s) URL'],
  ])("the URL %s", async (url, message) => {
    expect(await refused({}, "GET", url)).toMatchObject({ name: "ConfigurationError", message })
  })
})

describe("a signal", () => {
  test("that fired before rejects with its reason, and nothing is sent", async () => {
    const mine = new Error("changed my mind")
    expect(await refused({ signal: AbortSignal.abort(mine) })).toBe(mine)
  })

  test("that fired before lets go of the body that is not sent", async () => {
    const body = new ReadableStream({ cancel: (why) => void cancelled.push(why) })
    const cancelled: unknown[] = []
    const { api, run } = rehearse()
    const ended = api.post("/", { body, signal: AbortSignal.abort("mine") }).outcome()
    await expect(run(ended)).rejects.toBe("mine")
    expect(cancelled).toHaveLength(1)
  })

  test("that fires under way rejects with its very reason", async () => {
    const { api, server, clock, run } = rehearse()
    server.otherwise.hangs()
    const controller = new AbortController()
    const mine = { any: "value" }
    const ended = api.get("/", { signal: controller.signal }).outcome().then(undefined, (thrown: unknown) => thrown) // prettier-ignore
    await clock.settle()
    controller.abort(mine)
    expect(await run(ended)).toBe(mine)
  })

  test("may be a Cancellation", async () => {
    const { api, server, clock, run } = rehearse()
    server.otherwise.hangs()
    const cancellation = new Cancellation(undefined)
    const ended = api.get("/", { signal: cancellation }).outcome().then(undefined, (thrown: unknown) => thrown) // prettier-ignore
    await clock.settle()
    cancellation.cancel("mine")
    expect(await run(ended)).toBe("mine")
    expect(server.requests.map(({ end }) => end)).toEqual(["aborted"])
  })
})
