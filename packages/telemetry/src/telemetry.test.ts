import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api"
import { suppressTracing } from "@opentelemetry/core"
import { AlwaysOffSampler, type ReadableSpan } from "@opentelemetry/sdk-trace"
import type { Histogram } from "@opentelemetry/sdk-metrics"
import { rehearse, testRuntime } from "@steadfetch/testing"
import {
  bearer,
  breaker,
  createFetch,
  dropIn,
  failover,
  fallback,
  hedge,
  pace,
  type ClientOptions,
  type Policy,
} from "steadfetch"
import { describe, expect, test } from "vitest"
import { telemetry, type TelemetryOptions } from "./index.ts"
import { isChildOf, isError, observed, told } from "./observed.ts"

type Options = Omit<ClientOptions<[]>, "transport" | "runtime">

function rehearseObserved(
  { add = [], ...options }: Options & { readonly pageOrigin?: string } = {},
  own: TelemetryOptions = {},
) {
  const sdk = observed()
  const rehearsal = rehearse({
    retry: { baseMs: 0 },
    ...options,
    add: [...add, telemetry({ ...sdk.providers, ...own })],
  })
  return { ...rehearsal, ...sdk }
}

const to = (location: string): { headers: Record<string, string> } => ({ headers: { location } })
const attempts = (spans: readonly ReadableSpan[]): ReadableSpan[] =>
  spans.filter(({ kind }) => kind === SpanKind.CLIENT)
const callOf = (spans: readonly ReadableSpan[]): ReadableSpan | undefined =>
  spans.find(({ name }) => name.startsWith("steadfetch "))

const histogramOf = (point: { readonly value: unknown } | undefined) => point?.value as Histogram | undefined

describe("the span of an attempt", () => {
  test("says what was asked of which server, and what it answered", async () => {
    const { api, server, run, spans } = rehearseObserved()
    server.replies(200)
    await run(api.get("/users/{id}", { path: { id: 7 }, query: { page: 2 } }))
    const [attempt] = attempts(spans())
    expect(attempt?.name).toBe("GET /users/{id}")
    expect(attempt?.attributes).toEqual({
      "http.request.method": "GET",
      "server.address": "api.test",
      "server.port": 443,
      "url.full": "https://api.test/users/7?page=2",
      "url.template": "/users/{id}",
      "http.response.status_code": 200,
    })
    expect(attempt?.status).toEqual({ code: 0 })
  })

  test.each([
    ["https://api.test/", "api.test", 443],
    ["http://api.test/", "api.test", 80],
    ["http://127.0.0.1:8080/", "127.0.0.1", 8080],
    ["http://[::1]:8080/", "::1", 8080],
  ])("names the server of %s", async (url, address, port) => {
    const { api, server, run, spans } = rehearseObserved()
    server.replies(200)
    await run(api.get(url))
    expect(attempts(spans())[0]?.attributes).toMatchObject({ "server.address": address, "server.port": port })
  })

  test("names the server that it went to, whichever that was before", async () => {
    const { api, server, run, spans } = rehearseObserved()
    server.replies(302, to("https://other.test/")).replies(503).replies(200)
    await run(api.get("/"))
    expect(spans().map(({ attributes }) => attributes["server.address"])).toEqual([
      "api.test",
      "other.test",
      "api.test",
      "api.test",
    ])
  })

  test("is not there for what was aborted before it went out", async () => {
    const controller = new AbortController()
    const aborting: Policy = {
      name: "aborting",
      scope: "attempt",
      wrap: (next) => (exchange) => {
        controller.abort("enough")
        return next(exchange)
      },
    }
    const { api, run, spans } = rehearseObserved({ add: [aborting] })
    await expect(run(api.get("/", { signal: controller.signal }))).rejects.toBe("enough")
    expect(spans().map(({ name }) => name)).toEqual(["steadfetch GET"])
  })

  test.each([
    ["get", "GET", "GET", undefined],
    ["QUERY", "QUERY", "QUERY", undefined],
    ["PURGE", "HTTP", "_OTHER", "PURGE"],
    ["Patch-it", "HTTP", "_OTHER", "Patch-it"],
  ])("names the method %s", async (method, name, known, original) => {
    const { api, server, run, spans } = rehearseObserved()
    server.replies(200)
    await run(api.request(method, "/"))
    expect(attempts(spans())[0]?.name).toBe(name)
    expect(attempts(spans())[0]?.attributes["http.request.method"]).toBe(known)
    expect(attempts(spans())[0]?.attributes["http.request.method_original"]).toBe(original)
  })

  test("names a method that it was told of", async () => {
    const { api, server, run, spans } = rehearseObserved({}, { knownMethods: ["GET", "PURGE"] })
    server.replies(200)
    await run(api.request("PURGE", "/"))
    expect(attempts(spans())[0]?.name).toBe("PURGE")
  })

  test.each([
    [200, false],
    [204, false],
    [304, false],
    [400, true],
    [404, true],
    [500, true],
    [503, true],
    [999, true],
  ])("is an error or not by its status: %i", async (status, isAnError) => {
    const { api, server, run, spans } = rehearseObserved({ retry: false })
    server.replies(status)
    await run(api.get("/").outcome())
    for (const span of spans()) {
      expect([isError(span), span.attributes["error.type"]]).toEqual([
        isAnError,
        isAnError ? String(status) : undefined,
      ])
      expect(span.status.message).toBeUndefined()
    }
    expect(spans()).toHaveLength(2)
  })

  test.each(["refused", "dns", "tls", "reset", "broken-body", "network"] as const)("without a reply says why: %s", async (code) => {
    const { api, server, run, spans } = rehearseObserved({ retry: false })
    server.fails(code)
    await run(api.get("/").outcome())
    for (const span of spans()) {
      expect([isError(span), span.attributes["error.type"]]).toEqual([true, code])
      expect(span.attributes["http.response.status_code"]).toBeUndefined()
    }
    expect(spans()).toHaveLength(2)
  }) // prettier-ignore

  test("that took too long, was aborted, or ended by a defect is over as well", async () => {
    const { api, server, run, clock, spans } = rehearseObserved({ retry: false, timeout: { attemptMs: 1000 } })
    server.hangs().hangs().throws(new TypeError("no such thing"))
    await run(api.get("/").outcome())
    const controller = new AbortController()
    clock.after(10, () => controller.abort())
    await run(api.get("/", { signal: controller.signal }).outcome().catch(() => {}))
    await run(api.get("/").outcome().catch(() => {}))
    expect(spans().map((span) => [span.kind, span.attributes["error.type"], isError(span)])).toEqual([
      [SpanKind.CLIENT, "timeout", true],
      [SpanKind.INTERNAL, "timeout", true],
      [SpanKind.CLIENT, "aborted", true],
      [SpanKind.INTERNAL, "aborted", true],
      [SpanKind.CLIENT, "TypeError", true],
      [SpanKind.INTERNAL, "_OTHER", true],
    ])
  }) // prettier-ignore

  test("counts how often the request was sent before, for whatever reason", async () => {
    const auth = bearer(() => `token-${++tokens}`)
    let tokens = 0
    const { api, server, run, spans } = rehearseObserved({ auth })
    server.replies(302, to("/b?x=1")).replies(401).replies(503).replies(302, to("https://other.test/c")).replies(200)
    await run(api.get("/{what}", { path: { what: "a" } }))
    expect(
      attempts(spans()).map((span) => [
        span.name,
        ...Object.values(told(span, "url.full", "http.request.resend_count")),
      ]),
    ).toEqual([
      ["GET /{what}", "https://api.test/a", undefined],
      ["GET", "https://api.test/b?x=1", 1],
      ["GET", "https://api.test/b?x=1", 2],
      ["GET /{what}", "https://api.test/a", 3],
      ["GET", "https://other.test/c", 4],
    ])
  })
})

describe("the span of a call", () => {
  test("holds all its attempts, and is a child of what is active", async () => {
    const { api, server, run, spans, tracer } = rehearseObserved()
    server.replies(503).replies(302, to("/b")).replies(200)
    await tracer.startActiveSpan("work", async (work) => {
      await run(api.get("/a"))
      work.end()
    })
    const call = callOf(spans())
    const work = spans().find(({ name }) => name === "work")
    expect([call?.name, call?.kind, isChildOf(call, work)]).toEqual(["steadfetch GET", SpanKind.INTERNAL, true])
    expect(attempts(spans()).map((attempt) => isChildOf(attempt, call))).toEqual([true, true, true])
    expect(call?.attributes).toEqual({
      "http.request.method": "GET",
      "server.address": "api.test",
      "server.port": 443,
      "url.full": "https://api.test/a",
      "http.response.status_code": 200,
      "steadfetch.attempts": 3,
      "steadfetch.ending": "answered",
      "steadfetch.verdict": "accept",
    })
  })

  test("of calls at the same time are told apart", async () => {
    const { api, server, run, spans, tracer } = rehearseObserved()
    server.otherwise.replies(200, { delayMs: 5 })
    const work = async (name: string) =>
      tracer.startActiveSpan(name, async (span) => {
        await api.get(`/${name}`)
        span.end()
      })
    await run(Promise.all(["a", "b", "c"].map(work)))
    for (const attempt of attempts(spans())) {
      const call = spans().find((span) => isChildOf(attempt, span))
      const parent = spans().find((span) => isChildOf(call, span))
      expect(attempt.attributes["url.full"]).toBe(`https://api.test/${parent?.name}`)
    }
    expect(spans()).toHaveLength(9)
  })

  test("says why it ended, and that it failed", async () => {
    const { api, server, run, spans } = rehearseObserved({ retry: { attempts: 2, baseMs: 0 } })
    server.otherwise.replies(503)
    await run(api.get("/").outcome())
    expect(callOf(spans())?.attributes).toMatchObject({
      "error.type": "503",
      "steadfetch.attempts": 2,
      "steadfetch.ending": "attempts",
      "steadfetch.verdict": "retry",
    })
  })

  test("is no error where the contract accepts the status", async () => {
    const { api, server, run, spans } = rehearseObserved({ contract: { 404: "accept" } })
    server.replies(404)
    await run(api.get("/"))
    expect(spans().map((span) => [span.name, isError(span), span.attributes["error.type"]])).toEqual([
      ["GET", true, "404"],
      ["steadfetch GET", false, undefined],
    ])
  })

  test("tells its waits and who caused them", async () => {
    const { api, server, run, spans } = rehearseObserved({ add: [pace({ perSecond: 1, burst: 1 })] })
    server.replies(503, { headers: { "retry-after": "2" } }).replies(200)
    await run(api.get("/"))
    const events = callOf(spans())?.events ?? []
    expect(events.map(({ name, attributes }) => [name, attributes?.["steadfetch.wait.reason"]])).toEqual([
      ["steadfetch.wait", "retry-after"],
      ["steadfetch.wait", "pace"],
    ])
    expect(events[0]?.attributes?.["steadfetch.wait.duration"]).toBeGreaterThanOrEqual(2)
  })

  test("says what answered in place of the server", async () => {
    const { api, server, run, spans } = rehearseObserved({ add: [fallback({ with: () => ({ json: null }) })], retry: false })
    server.fails("refused")
    await run(api.get("/"))
    expect(callOf(spans())?.attributes).toMatchObject({ "steadfetch.served_by": "fallback", "http.response.status_code": 200 })
    expect(isError(callOf(spans()) as ReadableSpan)).toBe(false)
  }) // prettier-ignore
})

describe("hedges", () => {
  test("are children of the same call, and the one that is given up is no error", async () => {
    const { api, server, run, spans, points } = rehearseObserved({ add: [hedge({ afterMs: 10 })] })
    server.replies(200, { delayMs: 100 }).replies(200)
    await run(api.get("/"))
    const call = callOf(spans())
    expect(attempts(spans()).map((span) => [isChildOf(span, call), isError(span), span.attributes["steadfetch.given_up"]])).toEqual([
      [true, false, undefined],
      [true, false, true],
    ]) // prettier-ignore
    expect(call?.events.map(({ name }) => name)).toEqual(["steadfetch.hedged"])
    expect((await points("steadfetch.hedges")).map(({ value }) => value)).toEqual([1])
  })
})

describe("trace context", () => {
  const parentOf = (header: string | undefined): string | undefined => header?.split("-")[2]

  test("goes along with each attempt, each with a parent of its own", async () => {
    const { api, server, run, spans } = rehearseObserved()
    server.replies(503).replies(302, to("/b")).replies(200)
    await run(api.get("/a"))
    const sent = server.requests.map((request) => request.header("traceparent"))
    expect(sent.map(parentOf)).toEqual(attempts(spans()).map((span) => span.spanContext().spanId))
    expect(new Set(sent).size).toBe(3)
  })

  test("brings baggage, and takes the place of fields that were there", async () => {
    const { api, server, run } = rehearseObserved()
    server.replies(200)
    const baggage = propagation.createBaggage({ tenant: { value: "7" } })
    const headers = { traceparent: "00-11111111111111111111111111111111-1111111111111111-01", "x-mine": "1" }
    await context.with(propagation.setBaggage(context.active(), baggage), () => run(api.get("/", { headers })))
    const [request] = server.requests
    expect(request?.headers.map(([name]) => name).toSorted()).toEqual(["baggage", "traceparent", "x-mine"])
    expect([request?.header("baggage"), request?.header("traceparent")]).toEqual([
      "tenant=7",
      expect.not.stringContaining("1111111111111111"),
    ])
  })

  test("goes along unsampled, too, without spans", async () => {
    const sdk = observed({ sampler: new AlwaysOffSampler() })
    const { api, server, run } = rehearse({ add: [telemetry(sdk.providers)] })
    server.replies(200)
    await run(api.get("/"))
    expect(server.requests[0]?.header("traceparent")).toMatch(/-00$/)
    expect(sdk.spans()).toEqual([])
    expect(await sdk.points("http.client.request.duration")).toHaveLength(1)
  })

  test("stays at home when a URL in a reply leads to another origin, also by way of redirects there", async () => {
    const { api, server, run, spans } = rehearseObserved()
    server.replies(200).replies(302, to("/moved")).replies(302, to("https://api.test/back")).replies(200)
    const { context: asked } = api.get("/users/{id}", { path: { id: 7 } })
    await run(asked.follow("GET", new URL("https://api.test/next"), {}))
    await run(asked.follow("GET", new URL("https://elsewhere.test/next"), {}))
    expect(server.requests.map(({ url, headers }) => [url, headers.some(([name]) => name === "traceparent")])).toEqual([
      ["https://api.test/next", true],
      ["https://elsewhere.test/next", false],
      ["https://elsewhere.test/moved", false],
      ["https://api.test/back", true],
    ])
    expect(attempts(spans())).toHaveLength(4)
  })

  test("stays at home when a redirect leads to another origin", async () => {
    const { api, server, run } = rehearseObserved()
    server.replies(302, to("https://other.test/")).replies(302, to("https://api.test/c")).replies(200)
    await run(api.get("/a"))
    expect(server.requests.map((request) => request.header("traceparent") !== undefined)).toEqual([true, false, true])
  })

  test("follows a request to another endpoint", async () => {
    const add = [failover({ endpoints: ["https://api.test", "https://spare.test"] })]
    const { api, server, run } = rehearseObserved({ add })
    server.fails("refused").replies(200)
    await run(api.get("/"))
    expect(server.requests.map((request) => request.header("traceparent") !== undefined)).toEqual([true, true])
    expect(new Set(server.requests.map(({ url }) => url)).size).toBe(2)
  })

  test("leaves a page for no other origin, where it would cause a preflight", async () => {
    const { api, server, run } = rehearseObserved({ pageOrigin: "https://page.test" })
    server.otherwise.replies(200)
    await run(api.get("/"))
    await run(api.get("https://page.test/"))
    expect(server.requests.map((request) => request.header("traceparent") !== undefined)).toEqual([false, true])
  })

  test.each([
    [[], [false, false, false]],
    [["https://other.test"], [false, true, true]],
    [
      ["https://API.test", "http://other.test"],
      [true, false, false],
    ],
  ])("goes to the origins that it is told of, and no others: %j", async (propagateTo, expected) => {
    const { api, server, run } = rehearseObserved({ pageOrigin: "https://page.test" }, { propagateTo })
    server.replies(302, to("https://other.test/")).replies(200).replies(200)
    await run(api.get("/a"))
    await run(api.get("https://other.test/"))
    expect(server.requests.map((request) => request.header("traceparent") !== undefined)).toEqual(expected)
  })

  test("is not sent where tracing is suppressed, and no span is made", async () => {
    const { api, server, run, spans } = rehearseObserved()
    server.replies(200)
    await context.with(suppressTracing(ROOT_CONTEXT), () => run(api.get("/")))
    expect([server.requests[0]?.header("traceparent"), spans()]).toEqual([undefined, []])
  })
})

test("while a request goes out, other instrumentations see that it is traced already", async () => {
  const { tracer, providers, spans } = observed()
  const runtime = testRuntime()
  const platform = async () => {
    tracer.startSpan("of another instrumentation").end()
    const carrier = {}
    propagation.inject(context.active(), carrier)
    return Response.json({ carrier, active: trace.getActiveSpan()?.spanContext().spanId })
  }
  const fetch = createFetch({ policies: [...dropIn(), telemetry(providers)], runtime, fetch: platform })
  const seen = await (await fetch("https://api.test/")).json()
  const [attempt] = attempts(spans())
  expect(seen).toEqual({ carrier: {}, active: attempt?.spanContext().spanId })
  expect(spans().map(({ name }) => name)).toEqual(["GET", "steadfetch GET"])
})

test("under the drop-in fetch, arguments that fetch refuses are refused by fetch", async () => {
  const { providers, spans } = observed()
  const fetch = createFetch({ policies: [...dropIn(), telemetry(providers)], runtime: testRuntime() })
  await expect(fetch("/relative")).rejects.toThrow(TypeError)
  expect(spans().map((span) => [span.attributes["url.full"], isError(span)])).toEqual([["/relative", true], ["/relative", true]])
}) // prettier-ignore

describe("metrics", () => {
  test("of requests are as the semantic conventions say", async () => {
    const { api, server, run, metrics } = rehearseObserved()
    server.replies(503, { delayMs: 30 }).replies(200, { delayMs: 2000 })
    await run(api.get("/users/{id}", { path: { id: 7 } }))
    const metric = (await metrics()).find(({ descriptor }) => descriptor.name === "http.client.request.duration")
    expect(metric?.descriptor.unit).toBe("s")
    const [first, second] = metric?.dataPoints ?? []
    const request = {
      "http.request.method": "GET",
      "server.address": "api.test",
      "server.port": 443,
      "url.template": "/users/{id}",
    }
    expect(first?.attributes).toEqual({ ...request, "http.response.status_code": 503, "error.type": "503" })
    expect(second?.attributes).toEqual({ ...request, "http.response.status_code": 200 })
    expect(first?.value).toMatchObject({ count: 1, sum: 0.03 })
    expect(histogramOf(second)?.sum).toBe(2)
    expect(histogramOf(second)?.buckets.boundaries).toEqual([
      0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ])
  })

  test("of calls tell verdict and ending, waits included", async () => {
    const { api, server, run, points } = rehearseObserved()
    server.replies(503, { headers: { "retry-after": "3" } }).replies(200)
    await run(api.get("/"))
    const [call] = await points("steadfetch.call.duration")
    expect(call?.attributes).toMatchObject({
      "http.response.status_code": 200,
      "steadfetch.verdict": "accept",
      "steadfetch.ending": "answered",
    })
    expect(histogramOf(call)?.sum).toBe(3)
  })

  test("count retries, and waits by their reason", async () => {
    const { api, server, run, points } = rehearseObserved({ retry: { baseMs: 100 }, add: [pace({ perSecond: 1, burst: 1 })] })
    server.replies(500).replies(503, { headers: { "retry-after": "3" } }).replies(200)
    await run(api.get("/"))
    const [retries] = await points("steadfetch.retries")
    const server7 = { "http.request.method": "GET", "server.address": "api.test", "server.port": 443 }
    expect([retries?.attributes, retries?.value]).toEqual([server7, 2])
    const waits = (await points("steadfetch.wait.duration")).map(({ attributes, value }) => [attributes["steadfetch.wait.reason"], (value as Histogram).count])
    expect(Object.fromEntries(waits)).toEqual({ backoff: 1, pace: 1, "retry-after": 1 })
  }) // prettier-ignore

  test("have no attributes without values", async () => {
    const { providers, metrics } = observed()
    const { api, server, run } = rehearse({ policies: [telemetry(providers)] })
    server.replies(200)
    await run(api.get("/"))
    const points = (await metrics()).flatMap(({ dataPoints }) => dataPoints as { attributes: object }[])
    expect(points.flatMap(({ attributes }) => Object.values(attributes))).not.toContain(undefined)
  }) // prettier-ignore

  test("tell what the retry budget holds", async () => {
    const retry = { baseMs: 0, attempts: 2, budget: { capacity: 5 } }
    const { api, server, run, points } = rehearseObserved({ retry })
    server.otherwise.replies(503)
    await run(api.get("/").outcome())
    await run(api.get("/").outcome())
    expect((await points("steadfetch.retry.budget")).map(({ attributes, value }) => [attributes, value])).toEqual([
      [{ "steadfetch.policy": "retry", "steadfetch.key": "https://api.test" }, 3],
    ])
  })

  test("tell the state of each breaker, and what it rejected", async () => {
    const { api, server, run, points } = rehearseObserved({ retry: false, add: [breaker({ minAttempts: 2 })] })
    server.otherwise.replies(500)
    for (let calls = 0; calls < 3; calls++) await run(api.get("/").outcome())
    const states = await points("steadfetch.breaker.state")
    expect(Object.fromEntries(states.map(({ attributes, value }) => [attributes["steadfetch.breaker.state"], value]))).toEqual({ closed: 0, "half-open": 0, open: 1 })
    const [rejections] = await points("steadfetch.rejections")
    expect([rejections?.attributes["steadfetch.policy"], rejections?.value]).toEqual(["breaker", 1])
  }) // prettier-ignore
})

describe("clients", () => {
  test("that are derived from one another are counted once", async () => {
    const { api, server, run, spans } = rehearseObserved()
    server.otherwise.replies(200)
    await run(api.extend({ timeout: false }).get("/"))
    await run(api.extend({ headers: { a: "b" } }).get("/"))
    expect(spans().map(({ name }) => name)).toEqual(["GET", "steadfetch GET", "GET", "steadfetch GET"])
  })

  test("are not listened to while no SDK is registered", async () => {
    const { api, server, run, runtime } = rehearse({ add: [telemetry()] })
    server.replies(200)
    await run(api.get("/"))
    expect([runtime.events.heard("call-started"), server.requests[0]?.headers]).toEqual([false, []])
  })

  test("made before the SDK was registered are heard from then on", async () => {
    const { providers, spans, points } = observed()
    const { api, server, run } = rehearse({ add: [telemetry({ meterProvider: providers.meterProvider })] })
    const late = rehearse({ add: [telemetry()] })
    for (const each of [server, late.server]) each.otherwise.replies(200)
    await late.run(late.api.get("/"))
    trace.setGlobalTracerProvider(providers.tracerProvider)
    await run(api.get("/"))
    await late.run(late.api.get("/"))
    await late.run(late.api.get("/"))
    trace.disable()
    await late.run(late.api.get("/"))
    expect(spans().map(({ name }) => name)).toEqual(["GET", "steadfetch GET", "GET", "GET", "steadfetch GET"])
    expect(await points("http.client.request.duration")).toHaveLength(1)
  })
})

test.each([
  [{ tracer: 1 }, 'telemetry: no option "tracer"; there is tracerProvider, meterProvider, propagateTo, knownMethods'],
  [{ tracerProvider: {} }, "telemetry.tracerProvider: an object (Object); give an SDK's tracer provider"],
  [{ tracerProvider: null }, "telemetry.tracerProvider: null; give an SDK's tracer provider"],
  [{ meterProvider: 7 }, "telemetry.meterProvider: 7; give an SDK's meter provider"],
  [{ propagateTo: "https://api.test" }, "telemetry.propagateTo"],
  [{ propagateTo: ["https://api.test/v1"] }, 'telemetry.propagateTo: "https://api.test/v1"; give a list of origins: ["https://api.example.com"]'],
  [{ propagateTo: [7] }, "telemetry.propagateTo: 7"],
  [{ propagateTo: ["api.test"] }, "telemetry.propagateTo"],
  [{ knownMethods: "GET" }, "telemetry.knownMethods"],
])("refuses the options %j", (options, message) => {
  expect(() => telemetry(options as unknown as TelemetryOptions)).toThrow(message)
}) // prettier-ignore
