import { getEventListeners } from "node:events"
import { rehearse, type Rehearsal } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  bearer,
  CallError,
  NotFoundError,
  OperationError,
  polling,
  reviveError,
  TimeoutError,
  type MethodsOf,
  type PollOptions,
  type PollProgress,
  type RequestOptions,
} from "../index.ts"

type Stage = Rehearsal<MethodsOf<readonly [typeof polling]>>
type Parts = NonNullable<Parameters<Stage["server"]["replies"]>[1]>
type Reply = readonly [status: number, parts?: Parts]

const json = (value: unknown, headers: Record<string, string> = {}): Parts => ({ body: { json: value }, headers })
const at = (location: string, more: Record<string, string> = {}): Parts => ({ headers: { location, ...more } })

/** A client with the ability, and no chance. */
function stage(options: Parameters<typeof rehearse>[0] = {}): Stage {
  return rehearse({ abilities: [polling], ...options }) as Stage
}

/** A stage whose server answers in this order. */
function playing(script: Record<string, Reply>, options: Parameters<typeof rehearse>[0] = {}): Stage {
  const staged = stage(options)
  for (const [line, [status, parts]] of Object.entries(script)) staged.server.expect(line.replace(/ #\d+$/, "")).replies(status, parts) // prettier-ignore
  return staged
}

/** What a promise is rejected with. */
async function reason<E = OperationError>(promise: PromiseLike<unknown>): Promise<E> {
  return promise.then(() => { throw new Error("resolved") }, (error: unknown) => error as E) // prettier-ignore
}

/** What an export brings, and which requests it took. */
async function exported(
  script: Record<string, Reply>,
  options: PollOptions = {},
  call: RequestOptions = {},
): Promise<{ value: unknown; server: Stage["server"]; clock: Stage["clock"] }> {
  const { api, server, clock, run } = playing(script)
  const value = await run(
    api
      .post("/exports", { json: {}, ...call })
      .poll(options)
      .json(),
  )
  server.verify()
  expect([clock.pending, server.openBodies]).toEqual([0, 0])
  return { value, server, clock }
}

describe("poll() brings the result of", () => {
  test.each<[string, Record<string, Reply>, unknown]>([
    ["an API that did it at once", { "POST /exports": [200, json({ rows: 3 })] }, { rows: 3 }],
    ["an API that made a resource at once", { "POST /exports": [201, json({ id: 1, status: "open" }, { location: "/exports/1" })] }, { id: 1, status: "open" }],
    ["one that answers 202 until it has the result", {
      "POST /exports": [202, at("/jobs/7")], "GET /jobs/7": [202], "GET /jobs/7 #2": [202, json({ done: 40 })], "GET /jobs/7 #3": [200, json({ rows: 3 })],
    }, { rows: 3 }],
    ["one whose result has a status of its own", {
      "POST /exports": [202, at("/orders/7")], "GET /orders/7": [200, json({ id: 7, status: "shipped", state: "TX" })],
    }, { id: 7, status: "shipped", state: "TX" }],
    ["one whose monitor moves on", {
      "POST /exports": [202, at("/jobs/7")], "GET /jobs/7": [202, at("/jobs/7/b")], "GET /jobs/7/b": [200, json(1)],
    }, 1],
    ["one that sends to the result by 303", {
      "POST /exports": [202, at("/jobs/7")], "GET /jobs/7": [200, json({ status: "running" })], "GET /jobs/7 #2": [303, at("/files/7")], "GET /files/7": [200, json({ status: "pending" })],
    }, { status: "pending" }],
    ["one that redirects to its monitor", {
      "POST /exports": [202, at("/jobs/7")], "GET /jobs/7": [307, at("/m/7")], "GET /m/7": [200, json({ state: "queued" })], "GET /jobs/7 #2": [200, json({ state: "finished", rows: 3 })],
    }, { state: "finished", rows: 3 }],
    ["one that redirects the call itself to a monitor", {
      "POST /exports": [303, at("/jobs/7")], "GET /jobs/7": [200, json({ status: "in_progress" })], "GET /jobs/7 #2": [200, json({ status: "complete" })],
    }, { status: "complete" }],
    ["one that names its monitor by Content-Location", {
      "POST /exports": [202, { headers: { "content-location": "/jobs/7" } }], "GET /jobs/7": [200, json({ rows: 3 })],
    }, { rows: 3 }],
    ["Microsoft's: Operation-Location, and resourceLocation", {
      "POST /exports": [202, { headers: { "operation-location": "https://api.test/operations/7?v=1" } }],
      "GET /operations/7?v=1": [200, json({ status: "NotStarted" })], "GET /operations/7?v=1 #2": [200, json({ status: "Phase 2 of 3" })],
      "GET /operations/7?v=1 #3": [200, json({ status: "Succeeded", resourceLocation: "https://api.test/exports/7" })], "GET /exports/7": [200, json({ rows: 3 })],
    }, { rows: 3 }],
    ["Microsoft's, of an operation that makes nothing", {
      "POST /exports": [202, { headers: { "operation-location": "/operations/7" } }], "GET /operations/7": [200, json({ status: "Succeeded", resourceLocation: "" })],
    }, { status: "Succeeded", resourceLocation: "" }],
    ["Azure's: Azure-AsyncOperation, and Location for the result", {
      "POST /exports": [202, at("/results/7", { "azure-asyncoperation": "/operations/7" })],
      "GET /operations/7": [200, json({ status: "InProgress" })], "GET /operations/7 #2": [200, json({ status: "Succeeded" })], "GET /results/7": [200, json({ rows: 3 })],
    }, { rows: 3 }],
    ["Azure's: a resource that is made, with its state inside", {
      "POST /exports": [201, json({ properties: { provisioningState: "Creating" } }, { location: "/vms/7" })],
      "GET /vms/7": [200, json({ properties: { provisioningState: "Updating" } })], "GET /vms/7 #2": [200, json({ properties: { provisioningState: "Succeeded" } })],
    }, { properties: { provisioningState: "Succeeded" } }],
    ["one that makes a job whose state tells", {
      "POST /exports": [201, json({ id: 7, status: "queued" }, { location: "/jobs/7" })], "GET /jobs/7": [200, json({ id: 7, status: "completed" })],
    }, { id: 7, status: "completed" }],
    ["one whose finished monitor names the result in Location", {
      "POST /exports": [202, at("/jobs/7")], "GET /jobs/7": [200, json({ status: "done" }, { location: "/files/7" })], "GET /files/7": [200, json({ rows: 3 })],
    }, { rows: 3 }],
  ])("%s", async (_, script, result) => {
    expect((await exported(script)).value).toEqual(result)
  }) // prettier-ignore

  test("Azure's, also where its method is written in small letters", async () => {
    const { api, server, run } = playing({
      "POST /exports": [202, at("/results/7", { "azure-asyncoperation": "/operations/7" })],
      "GET /operations/7": [200, json({ status: "Succeeded" })], "GET /results/7": [200, json({ rows: 3 })],
    })
    expect(await run(api.request("post", "/exports", { json: {} }).poll().json())).toEqual({ rows: 3 })
    server.verify()
  }) // prettier-ignore

  test.each<[string, unknown, unknown]>([
    ["Google's", { name: "operations/7", done: false }, { name: "operations/7", done: true, response: { rows: 3 } }],
    ["Google's, which leave out what is false", { name: "projects/a/operations/7", metadata: {} }, { name: "projects/a/operations/7", done: true, response: {} }],
    ["Google Compute's", { name: "operation-7", status: "PENDING" }, { name: "operation-7", status: "DONE", error: null }],
    ["OpenAI's", { id: 7, status: "validating" }, { id: 7, status: "completed", error: null }],
  ])("%s, when it is told where the monitor is", async (_, running, done) => {
    const monitor: PollOptions["monitor"] = async () => Promise.resolve("/v1/jobs/7")
    const script = { "POST /exports": [200, json(running)], "GET /v1/jobs/7": [200, json(running)], "GET /v1/jobs/7 #2": [200, json(done)] } as const // prettier-ignore
    expect((await exported(script, { monitor })).value).toEqual(done)
  }) // prettier-ignore

  test("Azure's that removes something: there is nothing at Location, and the monitor's reply is the last", async () => {
    const { api, server, run } = playing({
      "DELETE /vms/7": [202, at("/results/7", { "azure-asyncoperation": "/operations/7" })],
      "GET /operations/7": [200, json({ status: "Succeeded" })],
    })
    expect(await run(api.delete("/vms/7").poll().json())).toEqual({ status: "Succeeded" })
    server.verify()
  })

  test("any other API, when it is told how the operation stands", async () => {
    const until: PollOptions["until"] = async (reply) => {
      const { phase, url } = await reply.json<{ phase: number; url: string }>()
      return phase < 3 ? "running" : { result: url }
    }
    const script = {
      "POST /exports": [202, at("/jobs/7")],
      "GET /jobs/7": [200, json({ phase: 1, status: "failed" })],
      "GET /jobs/7 #2": [200, json({ phase: 3, url: "files/7" })],
      "GET /jobs/files/7": [200, json({ rows: 3 })],
    } as const
    expect((await exported(script, { until })).value).toEqual({ rows: 3 })
  })
})

describe("poll() is", () => {
  test("a call like any other: it goes out when it is read, once, and asks for what it is read as", async () => {
    const { api, server, run } = playing({ "POST /exports": [202, at("/jobs/7")], "GET /jobs/7": [200, json({ rows: 3 })] })
    const call = api.post("/exports", { json: {} }).poll()
    expect(server.requests).toEqual([])
    const [value, text, reply, outcome] = await run(Promise.all([call.json(), call.text(), call, call.outcome()]))
    expect([value, text, reply.url, outcome]).toEqual([{ rows: 3 }, '{"rows":3}', "https://api.test/jobs/7", reply])
    expect(server.requests.map((request) => request.header("accept"))).toEqual(["application/json", "application/json"])
  }) // prettier-ignore

  test("never a second first request: a call that was sent is gone on with", async () => {
    const { api, server, run } = playing({ "POST /exports": [202, at("/jobs/7")], "GET /jobs/7": [200, json(1)] })
    const call = api.post("/exports", { json: {} })
    expect((await run(call)).status).toBe(202)
    expect(await run(call.poll().json())).toBe(1)
    server.verify()
  })

  test("taken up again at the monitor, whatever began it", async () => {
    const { api, server, run } = playing({
      "GET /jobs/7": [200, json({ status: "running" })],
      "GET /jobs/7 #2": [202],
      "GET /jobs/7 #3": [200, json({ status: "succeeded" })],
    })
    expect(await run(api.get("https://api.test/jobs/7").poll().json())).toEqual({ status: "succeeded" })
    server.verify()
  })

  test("a stream at its end: result by URL, by redirect, at the monitor", async () => {
    const big = "x".repeat(3 << 20)
    for (const script of [
      { "GET /jobs/7": [200, json({ status: "done" }, { location: "/files/7" })], "GET /files/7": [200, { body: big }] },
      { "GET /jobs/7": [303, at("/files/7")], "GET /files/7": [200, { body: big }], "GET /jobs/7 #2": [303, at("/files/7")], "GET /files/7 #2": [200, { body: big }] },
      { "GET /jobs/7": [200, { body: big }], "GET /jobs/7 #2": [200, { body: big }] },
    ] as Record<string, Reply>[]) {
      const { api, server, run } = playing({ "POST /exports": [202, at("/jobs/7")], ...script })
      const stream = await run(api.post("/exports", { json: {} }).poll().stream())
      expect((await run(new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text())).length).toBe(big.length)
      expect(server.openBodies).toBe(0)
      server.verify()
    }
  }) // prettier-ignore

  test("a stream also where it is taken up when all is done", async () => {
    const big = "x".repeat(70 << 20)
    const { api, server, run } = playing({
      "GET /jobs/7": [200, { body: big }],
      "GET /jobs/7 #2": [200, { body: big }],
    })
    const stream = await run(
      api
        .get("/jobs/{id}", { path: { id: 7 } })
        .poll()
        .stream(),
    )
    expect((await run(new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text())).length).toBe(big.length)
    server.verify()
  })

  test.each(["GET", "get"])("a stream of a %s that is sent as it is, both times", async (method) => {
    const big = "x".repeat(3 << 20)
    const { api, server, run } = playing({ "GET /jobs/7?a=1": [206, { body: big }], "GET /jobs/7?a=1 #2": [206, { body: big }] })
    const stream = await run(api.request(method, "/jobs/7", { query: { a: 1 }, headers: { range: "bytes=7-" } }).poll().stream())
    await run(stream.cancel())
    expect(server.requests.map((request) => request.header("range"))).toEqual(["bytes=7-", "bytes=7-"])
    expect(server.openBodies).toBe(0)
  }) // prettier-ignore

  test("a stream that outlives the operation, and that the caller's signal ends", async () => {
    const script = {
      "POST /exports": [202, at("/jobs/7")],
      "GET /jobs/7": [200, json({ status: "done" }, { location: "/files/7" })],
      "GET /files/7": [200, { body: "0123456789", stallsAfterBytes: 5 }],
    } as const
    const { api, server, run, clock } = playing(script, { timeout: false })
    const controller = new AbortController()
    const stream = await run(api.post("/exports", { signal: controller.signal }).poll({ deadline: 5000 }).stream())
    expect(clock.pending).toBe(0)
    clock.after(60_000, () => controller.abort("enough"))
    expect(await run(reason(new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text()))).toBe("enough")
    expect([clock.now() > 60_000, server.openBodies]).toEqual([true, 0])
    expect(getEventListeners(controller.signal, "abort")).toEqual([])
  })
})

describe("between two looks", () => {
  /** When the requests went out, in milliseconds. */
  const times = async (script: Record<string, Reply>, options: PollOptions = {}): Promise<number[]> =>
    (await exported(script, options)).server.requests.map(({ startedAtMs }) => startedAtMs)
  const running = (headers: Record<string, string> = {}): Reply => [202, { headers }]
  const ten: Record<string, Reply> = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`GET /jobs/7 #${n}`, running()])) // prettier-ignore
  const script = { "POST /exports": [202, at("/jobs/7")], ...ten, "GET /jobs/7": [200, json(1)] } as Record<
    string,
    Reply
  >

  test("the wait grows by half each time, up to a limit, and chance adds little", async () => {
    const { server } = await exported(script)
    const waits = server.requests.map(({ startedAtMs }, n) => startedAtMs - (server.requests[n - 1]?.startedAtMs ?? 0)).slice(1) // prettier-ignore
    const least = waits.map((_, n) => Math.min(30_000, 1000 * 1.5 ** n))
    for (const [n, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(least[n] ?? 0)
      expect(wait).toBeLessThan((least[n] ?? 0) + Math.min((least[n] ?? 0) / 10, 1000))
    }
    expect(waits.length).toBe(10)
  })

  test("Retry-After is the least, in seconds or as a date, and is asked for anew each time", async () => {
    const [first, second, third] = await times({
      "POST /exports": [202, at("/jobs/7", { "retry-after": "5" })],
      "GET /jobs/7": running({ "retry-after": "Thu, 01 Jan 2026 00:01:00 GMT" }),
      "GET /jobs/7 #2": [200, json(1)],
    })
    expect(first).toBe(0)
    expect(second).toBeGreaterThanOrEqual(5000)
    expect(second).toBeLessThan(5500)
    expect(third).toBeGreaterThanOrEqual(60_000)
    expect(third).toBeLessThan(61_000)
  })

  test("there is always a tenth of a second", async () => {
    const [, second] = await times({ "POST /exports": [202, at("/jobs/7", { "retry-after": "0" })], "GET /jobs/7": [200, json(1)] }) // prettier-ignore
    expect(second).toBeGreaterThanOrEqual(100)
    expect(second).toBeLessThan(111)
  })

  test("the numbers may be others", async () => {
    const [, second, third] = await times(
      { "POST /exports": [202, at("/jobs/7")], "GET /jobs/7": running(), "GET /jobs/7 #2": [200, json(1)] },
      { baseMs: 10_000, capMs: 12_000 },
    )
    expect(second).toBeGreaterThanOrEqual(10_000)
    expect(third).toBeGreaterThanOrEqual((second ?? 0) + 12_000)
    expect(third).toBeLessThan((second ?? 0) + 13_000)
  })

  test("someone may listen", async () => {
    const heard: PollProgress[] = []
    await exported(
      {
        "POST /exports": [202, json({ status: "Accepted" }, { location: "/jobs/7" })],
        "GET /jobs/7": [200, json({ status: "Running", percent: 40 })],
        "GET /jobs/7 #2": [202],
        "GET /jobs/7 #3": [200, json({ status: "Succeeded" })],
      },
      { onProgress: (progress) => heard.push(progress) },
    )
    expect(heard.map(({ state, count, reply }) => [state, count, reply.status])).toEqual([
      ["Accepted", 1, 202],
      ["Running", 2, 200],
      [undefined, 3, 202],
    ])
    expect(await heard[1]?.reply.json()).toEqual({ status: "Running", percent: 40 })
    expect(heard[1]?.elapsedMs).toBe(heard[0]?.waitMs)
    expect(heard[2]?.elapsedMs).toBe((heard[0]?.waitMs ?? 0) + (heard[1]?.waitMs ?? 0))
  })
})

describe("the requests of a poll", () => {
  test("have what belongs to the call, but not what belongs to its body", async () => {
    const { api, server, run } = playing(
      { "PUT /exports/7?v=2": [202, at("/jobs/7")], "GET /jobs/7?v=2": [200, json(1)] },
      { headers: { "x-tenant": "3" }, query: { v: 2 }, auth: bearer("sesame-open") },
    )
    const headers = { "If-Match": '"a"', "Idempotency-Key": "k", Prefer: "respond-async", "Content-Language": "de", Accept: "text/csv", "X-Trace": "1" } // prettier-ignore
    await run(api.put("/exports/{id}", { path: { id: 7 }, json: { a: 1 }, headers }).poll())
    const sent = Object.fromEntries(server.requests[1]?.headers ?? [])
    expect(sent).toEqual({ "x-tenant": "3", accept: "text/csv", "x-trace": "1", authorization: "Bearer sesame-open" })
    expect(server.requests[1]?.text()).toBe("")
    server.verify()
  })

  test("do not double the client's query where the server repeats it", async () => {
    const { api, server, run } = playing({ "POST /exports?v=2": [202, at("/jobs/7?v=2&a=1")], "GET /jobs/7?v=2&a=1": [200, json(1)] }, { query: { v: 2 } }) // prettier-ignore
    expect((await run(api.post("/exports").poll())).url).toBe("https://api.test/jobs/7?v=2&a=1")
    server.verify()
  })

  test("are retried like any other", async () => {
    const { value, server } = await exported({
      "POST /exports": [503],
      "POST /exports #2": [202, at("/jobs/7")],
      "GET /jobs/7": [502],
      "GET /jobs/7 #2": [200, json(1)],
    })
    expect([value, server.requests.length]).toEqual([1, 4])
  })

  test("end the poll as they end themselves", async () => {
    const { api, run } = playing({
      "POST /exports": [202, at("/jobs/7")],
      "GET /jobs/7": [404, json({ detail: "gone" })],
    })
    const error = await run(reason<NotFoundError>(api.post("/exports").poll().json()))
    expect(NotFoundError.is(error)).toBe(true)
    expect(error).toMatchObject({ url: "https://api.test/jobs/7", serverMessage: "gone" })
    const refused = playing({ "POST /exports": [422, json({ detail: "too short" })] })
    expect(await refused.run(refused.api.post("/exports").poll().outcome())).toMatchObject({ kind: "client-error", status: 422 }) // prettier-ignore
  })

  test.each([
    ["the monitor", { "POST /exports": [202, at("https://evil.test/jobs/7")] }],
    ["the result", { "POST /exports": [202, at("/jobs/7")], "GET /jobs/7": [200, json({ status: "done" }, { location: "https://evil.test/jobs/7" })] }],
  ] as [string, Record<string, Reply>][])("do not go to another origin unasked: %s", async (_, script) => {
    const { api, server, run, clock } = playing(script, { auth: bearer("sesame-open") })
    const error = await run(reason(api.post("/exports").poll().json()))
    expect(error).toMatchObject({ name: "OperationError", reason: "other-origin", monitor: "https://evil.test/jobs/7" })
    expect(error.message).toContain('the operation goes on at https://evil.test/jobs/7, another origin; if that is meant, allow it with origins: ["https://evil.test"]')
    expect(server.requests.every(({ url }) => url.startsWith("https://api.test/"))).toBe(true)
    expect(clock.now()).toBeLessThan(server.requests.length * 1100 - 1000)
  }) // prettier-ignore

  test("do not leave TLS, and say whose slip that is", async () => {
    const { api, run } = playing({ "POST /exports": [202, at("http://api.test/jobs/7")] })
    const error = await run(reason(api.post("/exports").poll()))
    expect(error.reason).toBe("other-origin")
    expect(error.message).toContain("goes on at http://api.test/jobs/7, without TLS; the server, or a proxy before it")
  })

  test("go to another origin that is allowed, without credentials and the call's own fields", async () => {
    const { api, server, run } = playing(
      { "POST /exports": [202, at("https://eu.test/jobs/7")], "GET https://eu.test/jobs/7": [200, json(1)] },
      { auth: bearer("sesame-open"), headers: { "x-tenant": "3" } },
    )
    await run(
      api
        .post("/exports", { headers: { "x-own": "1" } })
        .poll({ origins: ["https://eu.test"] })
        .json(),
    )
    expect(server.requests[1]?.headers).toEqual([["accept", "application/json"]])
  })

  test.each([["javascript:alert(1)"], ["https://ada:pw@api.test/jobs"], ["http://["], [""]])(
    "do not follow %j",
    async (location) => {
      const { api, run } = playing({ "POST /exports": [202, at(location)] })
      const error = await run(reason(api.post("/exports").poll({ deadline: 5000 })))
      expect(OperationError.is(error)).toBe(true)
    },
  )
})

describe("an operation that brings no result is an OperationError", () => {
  test.each<[string, Record<string, Reply>, PollOptions, object]>([
    ["it failed", { "POST /exports": [202, at("/jobs/7")], "GET /jobs/7": [200, json({ status: "Failed", error: { code: "DiskFull", message: "The disk is full" } }, { "x-request-id": "r1" })] }, {}, {
      message: 'POST https://api.test/exports → 200 OK: the operation failed ("Failed"): The disk is full',
      reason: "failed", state: "Failed", status: 200, serverMessage: "The disk is full", code: "DiskFull", requestId: "r1",
      monitor: "https://api.test/jobs/7", retryAt: undefined, method: "POST", url: "https://api.test/exports",
    }],
    ["it was canceled", { "POST /exports": [202, at("/jobs/7")], "GET /jobs/7": [200, json({ state: "CANCELLED" })] }, {}, {
      message: 'POST https://api.test/exports → 200 OK: the operation failed ("CANCELLED"): the server does not say why', reason: "failed",
    }],
    ["it failed at once", { "POST /exports": [202, json({ status: "error", message: "no" })] }, {}, { reason: "failed", serverMessage: "no", monitor: undefined }],
    ["it is done with an error", { "POST /exports": [202, at("/o/7")], "GET /o/7": [200, json({ done: true, error: { code: 5, message: "no such table" } })] }, {}, { reason: "failed", serverMessage: "no such table", code: "5" }],
    ["it says so with a 202", { "POST /exports": [202, at("/o/7")], "GET /o/7": [202, json({ status: "failed" })] }, {}, { reason: "failed" }],
    ["the caller says so", { "POST /exports": [202, at("/o/7")], "GET /o/7": [200, json({ x: 1 })] }, { until: () => "failed" }, { reason: "failed", body: { x: 1 } }],
    ["no monitor is named", { "POST /exports": [202, json({ id: 7 })] }, {}, {
      message: "POST https://api.test/exports → 202 Accepted: the operation runs, and the reply names no monitor (Operation-Location, Location, …); say where it is with poll({ monitor: (reply) => url })",
      reason: "no-monitor", status: 202, body: { id: 7 },
    }],
    ["Google's, without being told", { "POST /exports": [200, json({ name: "operations/7" })] }, {}, { reason: "no-monitor" }],
  ])("%s", async (_, script, options, fields) => {
    const { api, run, clock } = playing(script)
    const error = await run(reason(api.post("/exports").poll(options).json()))
    expect([OperationError.is(error), CallError.is(error)]).toEqual([true, true])
    expect(error).toMatchObject({ name: "OperationError", ...fields })
    expect(clock.pending).toBe(0)
  }) // prettier-ignore

  test("with the last reply, to be read further", async () => {
    const { api, run } = playing({ "POST /exports": [202, at("/jobs/7")], "GET /jobs/7": [200, json({ status: "failed", rows: 3 })] }) // prettier-ignore
    const error = await run(reason(api.post("/exports").poll().outcome()))
    expect(await error.reply.json()).toEqual({ status: "failed", rows: 3 })
    expect(error.attempts.map(({ url }) => url)).toEqual(["https://api.test/jobs/7"])
  })

  test("that tells no secrets, not even that of a signed monitor, in logs", async () => {
    const { api, run } = playing(
      {
        "POST /exports": [202, at("/jobs/7?sig=pl4nted-one")],
        "GET /jobs/7?sig=pl4nted-one": [200, json({ status: "failed pl4nted-two", error: { message: "token pl4nted-two is no good" } }, { "x-request-id": "pl4nted-two" })],
      },
      { auth: bearer("pl4nted-two") },
    ) // prettier-ignore
    const error = await run(reason(api.post("/exports").poll().json()))
    expect(error.message).toContain('("failed REDACTED"): token REDACTED is no good')
    expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain("pl4nted")
    expect(error.monitor).toContain("sig=pl4nted-one")
    const revived = reviveError(JSON.parse(JSON.stringify(error)))
    expect(OperationError.is(revived)).toBe(true)
    expect(revived?.toJSON()).toEqual(error.toJSON())
    expect(structuredClone(error.toJSON())).toEqual(error.toJSON())
  })
})

describe("the deadline of a poll", () => {
  const runs: Record<string, Reply> = { "POST /exports": [202, at("/jobs/7")] }

  test("ends it at once when the next look would come too late, and says when to come back", async () => {
    const { api, run, clock } = playing({ "POST /exports": [202, at("/jobs/7", { "retry-after": "30" })] })
    const error = await run(reason(api.post("/exports").poll({ deadline: 20_000 }).json()))
    expect(error).toMatchObject({ reason: "deadline", monitor: "https://api.test/jobs/7", retryAt: new Date(clock.date() + 30_000) }) // prettier-ignore
    expect(error.message).toBe(
      "POST https://api.test/exports → 202 Accepted: the operation still runs after 20000 ms; poll https://api.test/jobs/7 again later",
    )
    expect([clock.now(), clock.pending]).toEqual([0, 0])
  })

  test("is ten minutes", async () => {
    const { api, server, run, clock } = stage()
    server.otherwise.replies(202, at("/jobs/7"))
    expect(await run(reason(api.post("/exports").poll().json()))).toMatchObject({ reason: "deadline" })
    expect(clock.now()).toBeGreaterThan(560_000)
    expect(clock.now()).toBeLessThanOrEqual(600_000)
  })

  test("can be none", async () => {
    const { api, server, run, clock } = stage()
    for (let count = 0; count < 100; count++) server.replies(202, at("/jobs/7"))
    server.otherwise.replies(200, json(1))
    expect(await run(api.post("/exports").poll({ deadline: false }).json())).toBe(1)
    expect(clock.now()).toBeGreaterThan(1_500_000)
  })

  test("ends a request for the monitor, and the last reply is not lost", async () => {
    const { api, server, run, clock } = playing(runs)
    server.otherwise.hangs()
    const error = await run(reason(api.post("/exports").poll({ deadline: 5000 }).json()))
    expect(error).toMatchObject({ reason: "deadline", status: 202, monitor: "https://api.test/jobs/7" })
    expect([clock.now(), clock.pending, server.requests.at(-1)?.end]).toEqual([5000, 0, "aborted"])
  })

  test("ends the request for a result that is wanted as a stream, until its headers have come", async () => {
    const done = json({ status: "done" }, { location: "/files/7" })
    const { api, server, run, clock } = playing({ ...runs, "GET /jobs/7": [200, done] }, { timeout: false, deadline: false })
    server.otherwise.hangs()
    const { signal } = new AbortController()
    const error = await run(reason(api.post("/exports", { signal }).poll({ deadline: 5000 }).stream()))
    expect(error).toMatchObject({ reason: "deadline", status: 200 })
    expect([clock.now(), clock.pending, server.requests.at(-1)?.end]).toEqual([5000, 0, "aborted"])
    expect(getEventListeners(signal, "abort")).toEqual([])
  }) // prettier-ignore

  test("ends the first request with the error for a call without reply", async () => {
    const { api, server, run, clock } = stage()
    server.otherwise.hangs()
    const error = await run(reason<TimeoutError>(api.post("/exports").poll({ deadline: 5000 }).json()))
    expect(TimeoutError.is(error)).toBe(true)
    expect(error).toMatchObject({ limit: "deadline", message: expect.stringContaining("the deadline of 5000 ms came") })
    expect([clock.now(), clock.pending]).toEqual([5000, 0])
  })

  test.each<[string, PollOptions]>([
    ["until", { until: () => new Promise<never>(() => {}) }],
    ["monitor", { monitor: () => new Promise<never>(() => {}) }],
  ])("ends a %s() that never answers", async (_, options) => {
    const { api, server, run, clock } = playing(runs)
    server.otherwise.replies(200, json(1))
    expect(await run(reason(api.post("/exports").poll({ ...options, deadline: 5000 }).json()))).toMatchObject({ reason: "deadline" }) // prettier-ignore
    expect([clock.now(), clock.pending]).toEqual([5000, 0])
  })
})

describe("an abort ends a poll at once, with its reason, and nothing is left", () => {
  test.each<[string, number, (server: Stage["server"]) => unknown, PollOptions]>([
    ["in the first request", 500, (server) => server.hangs(), {}],
    ["while it waits", 500, (server) => server.replies(202, at("/jobs/7", { "retry-after": "60" })), {}],
    ["while the monitor is asked", 5500, (server) => server.replies(202, at("/jobs/7", { "retry-after": "5" })).hangs(), {}],
    ["while a request for the monitor waits to be retried", 5500, (server) => server.replies(202, at("/jobs/7", { "retry-after": "5" })).replies(503, { headers: { "retry-after": "40" } }), {}],
    ["while the result arrives", 1500, (server) => server.replies(202, at("/jobs/7")).replies(200, json({ status: "done" }, { location: "/f" })).replies(200, { body: "12", stallsAfterBytes: 1 }), {}],
    ["while a function of the caller's takes its time", 1500, (server) => server.replies(202, at("/jobs/7")).replies(200), { until: () => new Promise<never>(() => {}) }],
  ])("%s", async (_, atMs, play, options) => {
    for (const reading of ["buffer", "stream"] as const) {
      const { api, server, run, clock } = stage()
      play(server)
      const controller = new AbortController()
      const why = { why: "left" }
      clock.after(atMs, () => controller.abort(why))
      const call = api.post("/exports", { signal: controller.signal }).poll(options)
      const ended = reading === "stream" ? call.stream().then((stream) => new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text()) : call.json()
      expect(await run(reason(ended))).toBe(why)
      expect(clock.now()).toBe(atMs)
      await clock.settle()
      expect([clock.pending, server.openBodies, getEventListeners(controller.signal, "abort").length]).toEqual([0, 0, 0])
    }
  }) // prettier-ignore

  test("before it began", async () => {
    const { api, server, run, clock } = stage()
    const signal = AbortSignal.abort("left")
    expect(await run(reason(api.post("/exports", { signal }).poll().json()))).toBe("left")
    expect([server.requests, clock.pending]).toEqual([[], 0])
  })
})

describe("poll() refuses", () => {
  test.each<[unknown, string]>([
    [{ every: 5 }, 'poll: no option "every"; there is deadline, baseMs, capMs, until, monitor, origins, onProgress'],
    [5, "poll: 5; give { deadline, baseMs, capMs, until, monitor, origins, onProgress }"],
    [{ deadline: 0 }, "poll.deadline (ms, or false): 0; give a number from 1 to Infinity"],
    [{ baseMs: "1s" }, 'poll.baseMs: "1s"; give a number from 1 to Infinity'],
    [{ capMs: Number.NaN }, "poll.capMs: NaN; give a number from 1 to Infinity"],
    [{ until: "done" }, 'poll.until: "done"; give a function'],
    [{ monitor: "/jobs" }, 'poll.monitor: "/jobs"; give a function'],
    [{ onProgress: 1 }, "poll.onProgress: 1; give a function"],
    [{ origins: "https://a.test" }, 'poll.origins: a string; give a list: ["https://eu.api.example.com"]'],
    [{ origins: ["a.test"] }, 'poll.origins: "a.test"; give origins with https:, as "https://eu.api.example.com"'],
    [{ origins: ["https://a.test/x"] }, 'poll.origins: "https://a.test/x"; give origins with https:, as "https://eu.api.example.com"'],
    [{ origins: ["http://api.test"] }, 'poll.origins: "http://api.test"; give origins with https:, as "https://eu.api.example.com"'],
    [{ origins: [null] }, 'poll.origins: null; give origins with https:, as "https://eu.api.example.com"'],
  ])("%o", (options, message) => {
    expect(() => stage().api.get("/").poll(options as PollOptions)).toThrow(expect.objectContaining({ name: "ConfigurationError", message }))
  }) // prettier-ignore

  test.each<[PollOptions, string]>([
    [{ until: () => "over" as never }, 'poll.until: "over"; give "running", "done", "failed" or { result: url }'],
    [{ until: () => undefined as never }, 'poll.until: undefined; give "running", "done", "failed" or { result: url }'],
    [{ monitor: () => "mailto:a@b" }, 'poll.monitor: "mailto:a@b"; give an http(s) URL'],
    [{ until: () => ({ result: "mailto:a@b" }) }, 'poll.result: "mailto:a@b"; give an http(s) URL'],
  ])("what its functions give: %#", async (options, message) => {
    const { api, server, run } = playing({ "POST /exports": [202, at("/jobs/7")] })
    server.otherwise.replies(200, json(1))
    expect(await run(reason(api.post("/exports").poll(options).json()))).toMatchObject({ name: "ConfigurationError", message }) // prettier-ignore
  })

  test("nothing that its functions throw", async () => {
    const { api, server, run, clock } = playing({ "POST /exports": [202, at("/jobs/7")] })
    server.otherwise.replies(200, json(1))
    const defect = new RangeError("a defect")
    const until = (): never => {
      throw defect
    }
    expect(await run(reason(api.post("/exports").poll({ until }).json()))).toBe(defect)
    expect(clock.pending).toBe(0)
  })
})
