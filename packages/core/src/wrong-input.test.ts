import { rehearse, scriptedTransport, testRuntime } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  apiKey,
  basic,
  bearer,
  createFetch,
  deadline,
  dropIn,
  fetchTransport,
  pipeline,
  retry,
  standard,
  steadfetch,
  timeout,
  type Policy,
} from "./index.ts"

const refused = (message: string): unknown => expect.objectContaining({ name: "ConfigurationError", message })

function thrown(work: () => unknown): unknown {
  try {
    return { returned: work() }
  } catch (error) {
    return error
  }
}

const baseUrl = "https://api.test"
const events =
  "call-started, attempt-started, attempt-ended, waiting, budget, held, rejected, changed, hedged, served, call-ended"
const ofStandard = "retry, timeout, deadline, idempotencyKey, contract, add"
const credentials = "give bearer(token), basic(user, password) or apiKey(key)"
const list = "give a list of policies: [...standard(), mine]"
const table = 'give a table: import { strict } from "steadfetch", or { 409: "retry" }'
const pairs = "give { name: value }, or pairs of them"
const send = "give fetchTransport({ fetch }), or another { send, close }"
const mine = (policy: object): unknown => ({ name: "mine", scope: "attempt", wrap: (next: unknown) => next, ...policy })

describe("a client refuses", () => {
  test.each<[unknown, string]>([
    [{ baseUrl, auth: "Bearer s3cret" }, `auth: a string; ${credentials}`],
    [{ baseUrl, auth: bearer }, `auth: a function; ${credentials}`],
    [{ baseUrl, auth: null }, `auth: null; ${credentials}`],
    [{ policies: standard }, `policies: a function; ${list}`],
    [{ policies: standard, baseUrl, auth: bearer("t0ken") }, `policies: a function; ${list}`],
    [{ policies: [retry(), 1] }, `policies: 1; ${list}`],
    [{ policies: [standard()] }, `policies: an object (Array); ${list}`],
    [{ policies: [mine({ scope: "whole" })] }, 'the scope of mine(): "whole"; give call, repeater, endpoint, gate, attempt, wire'],
    [{ headers: "x: 1" }, `headers: a string; ${pairs}`],
    [{ headers: ["x: 1"] }, `headers: an object (Array); ${pairs}`],
    [{ headers: null }, `headers: null; ${pairs}`],
    [{ headers: [[5, "x"]] }, 'header name 5 is no token (RFC 9110 §5.1)'],
    [{ transport: fetch }, `transport: a function; ${send}`],
    [{ transport: {} }, `transport: an object (Object); ${send}`],
    [{ on: { retry() {} } }, `on: no option "retry"; there is ${events}`],
    [{ on: { waiting: 3 } }, "on.waiting: 3; give a function"],
    [{ on: () => {} }, `on: a function; give { ${events} }`],
    [{ contract: "strict" }, `contract: "strict"; ${table}`],
    [{ contract: null }, `contract: null; ${table}`],
    [{ retry: { attempts: "3" } }, 'retry.attempts: "3"; give a number from 1 to Infinity'],
    [{ deadline: "5s" }, 'deadline (ms, or false): "5s"; give a number from 1 to Infinity'],
    [{ maxBodyBytes: Symbol("x") }, "maxBodyBytes: a symbol; give a number from 0 to Infinity"],
    [{ idempotencyKey: { header: 7 } }, "header name 7 is no token (RFC 9110 §5.1)"],
  ])("%o", (options, message) => {
    expect(thrown(() => steadfetch(options as never))).toEqual(refused(message))
  }) // prettier-ignore

  test.each<[unknown, string]>([
    [null, "null"],
    ["https://ada:s3cret@api.test", '"https://api.test"'],
    ["https://api.test?api_key=s3cret", '"https://api.test?api_key=REDACTED"'],
  ])("%j in place of its options", (options, shown) => {
    const { message } = thrown(() => steadfetch(options as never)) as Error
    expect(message.slice(0, message.indexOf(";"))).toBe(`steadfetch: ${shown}`)
  })

  test("a listener for an event that there is not, and one that is no function", () => {
    const api = steadfetch()
    expect(thrown(() => api.on("wating" as never, () => {}))).toEqual(refused(`on: no option "wating"; there is ${events}`))
    expect(thrown(() => api.on("waiting", undefined as never))).toEqual(refused("on.waiting: undefined; give a function"))
  }) // prettier-ignore
})

describe("a call refuses", () => {
  test.each<[string, unknown, string]>([
    ["a controller for a signal", { signal: new AbortController() }, "signal: an object (AbortController); give an AbortSignal: controller.signal"],
    ["null for a signal", { signal: null }, "signal: null; give an AbortSignal: controller.signal"],
    ["a number for a key", { idempotencyKey: 7 }, "idempotencyKey: 7; give a text that is not empty, or false"],
    ["an empty key", { idempotencyKey: "" }, 'idempotencyKey: ""; give a text that is not empty, or false'],
    ["a blank key", { idempotencyKey: " " }, 'idempotencyKey: " "; give a text that is not empty, or false'],
    ["true for a key", { idempotencyKey: true }, "idempotencyKey: true; give a text that is not empty, or false"],
    ["credentials", { auth: "Bearer s3cret" }, `auth: a string; give false, or an "authorization" header`],
    ["a line for headers", { headers: "x: 1" }, `headers: a string; ${pairs}`],
    ["a text for the query", { query: "key=s3cret" }, `query: a string; ${pairs}`],
    ["the name of a contract", { contract: "strict" }, `contract: "strict"; ${table}`],
    ["an unknown redirect mode", { redirect: "error" }, 'redirect: "error"; give "follow" or "manual"'],
    ["null for its options", null, "the call: null; give { path, query, headers, json, requestSchema, form, body, signal, maxBodyBytes, retry, timeout, deadline, idempotencyKey, contract, auth, redirect }"],
  ])("%s", async (_, options, message) => {
    const { api, server, run } = rehearse()
    expect(await run(api.post("/", options as never).then(undefined, (error: unknown) => error))).toEqual(refused(message))
    expect(server.requests).toEqual([])
  }) // prettier-ignore

  test.each<[unknown, string]>([
    [undefined, "undefined"],
    [{}, "an object (Object)"],
    [7, "7"],
    [null, "null"],
  ])("%j for its URL", async (url, shown) => {
    const { api, server, run } = rehearse()
    const error = await run(api.get(url as never).then(undefined, (error: unknown) => error))
    expect(error).toEqual(refused(`URL: ${shown}; give a text or a URL`))
    expect(server.requests).toEqual([])
  })

  test("no method at all", async () => {
    const { api, run } = rehearse()
    const error = await run(api.request(undefined as never, "/").then(undefined, (error: unknown) => error))
    expect(error).toEqual(refused("method undefined is not a token (RFC 9110 §9.1)"))
  })
})

describe("a preset, a policy, a transport and credentials refuse what they do not read:", () => {
  const transport = scriptedTransport(testRuntime().clock)
  test.each<[string, () => unknown, string]>([
    ["standard", () => standard({ retries: 1 } as never), `standard: no option "retries"; there is ${ofStandard}`],
    ["dropIn", () => dropIn({ timeout: {} } as never), 'dropIn: no option "timeout"; there is retry, idempotencyKey, contract'],
    ["deadline", () => deadline(5000 as never), "deadline: 5000; give { afterMs }"],
    ["timeout", () => timeout(null as never), "timeout: null; give { attemptMs, stallMs }"],
    ["pipeline", () => pipeline(standard as never, transport, testRuntime()), `policies: a function; ${list}`],
    ["fetchTransport", () => fetchTransport(fetch as never), "fetchTransport: a function; give { fetch }"],
    ["fetchTransport", () => fetchTransport({ fetch: 5 as never }), "fetch: 5; give a function"],
    ["bearer", () => bearer("t0ken", { refesh() {} } as never), 'bearer: no option "refesh"; there is refresh'],
    ["bearer", () => bearer("t0ken", { refresh: "now" as never }), 'bearer.refresh: "now"; give a function'],
    ["bearer", () => bearer(undefined as never), 'the credential for "auth" is undefined; give a text'],
    ["basic", () => basic(undefined as never, "s3cret"), "the user name is undefined; give a text"],
    ["basic", () => basic("ada", undefined as never), "the password is undefined; give a text"],
    ["apiKey", () => apiKey("x-api-key", "s3cret" as never), 'apiKey: a string; give { header: name } or { query: name }'],
    ["apiKey", () => apiKey("s3cret", { cookie: "sid" } as never), "apiKey: an object (Object); give { header: name } or { query: name }"],
  ])("%s", (_, make, message) => {
    expect(thrown(make)).toEqual(refused(message))
  }) // prettier-ignore
})

describe("the drop-in fetch refuses", () => {
  test.each<[unknown, string]>([
    [{ fetch: 5 }, "fetch: 5; give a function"],
    [{ policies: dropIn }, `policies: a function; ${list}`],
    [{ on: { retry() {} } }, `on: no option "retry"; there is ${events}`],
    [null, "createFetch: null; give { retry, idempotencyKey, contract, policies, on, fetch, runtime }"],
  ])("%o", (options, message) => {
    expect(thrown(() => createFetch(options as never))).toEqual(refused(message))
  })

  test("an empty idempotency key of a call", async () => {
    const steady = createFetch({ fetch: async () => new Response() })
    await expect(steady("https://h", { method: "POST", steadfetch: { idempotencyKey: "" } })).rejects.toEqual(
      refused('idempotencyKey: ""; give a text that is not empty, or false'),
    )
  })

  test("what is no signal as fetch itself refuses it", async () => {
    const init = { signal: new AbortController() as never }
    await expect(createFetch()("http://127.0.0.1:1", init)).rejects.toBeInstanceOf(TypeError)
  })
})

test("what is right is let through: a policy of one's own, a URL of another realm, a key", async () => {
  const { api, server, run } = rehearse({ policies: [...standard({ deadline: 5000 }), mine({}) as Policy] })
  server.otherwise.replies(204)
  const foreign = { href: "https://api.test/x", toString: () => "https://api.test/x" }
  await run(api.post(foreign as URL, { idempotencyKey: "k-1", auth: false }))
  expect(server.requests[0]?.url).toBe("https://api.test/x")
  expect(server.requests[0]?.header("idempotency-key")).toBe("k-1")
})
