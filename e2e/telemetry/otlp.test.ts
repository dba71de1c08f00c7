import { context, trace } from "@opentelemetry/api"
import { isTracingSuppressed } from "@opentelemetry/core"
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http"
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici"
import { PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics"
import { NodeSDK } from "@opentelemetry/sdk-node"
import { telemetry } from "@steadfetch/telemetry"
import { fieldValue, json, redirect, reset, startFaultServer, status } from "@steadfetch/testing/fault-server"
import { undiciTransport } from "@steadfetch/node"
import { bearer, createFetch, dropIn, steadfetch } from "steadfetch"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { makeTransport, transportNames } from "../transports.ts"
import { Collector, type Span } from "./collector.ts"

const collector = new Collector()
const OURS = "@steadfetch/telemetry"
const UNDICI = "@opentelemetry/instrumentation-undici"
let sdk: NodeSDK
let reader: PeriodicExportingMetricReader
const undici = new UndiciInstrumentation()

beforeAll(async () => {
  const url = await collector.listen()
  const exporter = new OTLPMetricExporter({ url: `${url}/v1/metrics` })
  reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 31 - 1 })
  sdk = new NodeSDK({
    autoDetectResources: false,
    traceExporter: new OTLPTraceExporter({ url: `${url}/v1/traces` }),
    metricReaders: [reader],
    instrumentations: [undici],
  })
  sdk.start()
})

afterAll(async () => {
  await sdk.shutdown()
  await collector[Symbol.asyncDispose]()
})

/** The spans of what is done, from the receiver, but for the one around it. */
async function traced(
  work: () => Promise<unknown>,
): Promise<{ readonly root: string; readonly spans: readonly Span[] }> {
  const tracer = trace.getTracer("test")
  const { traceId, spanId } = await tracer.startActiveSpan("work", async (span) => {
    await work()
    span.end()
    return span.spanContext()
  })
  await flush()
  return { root: spanId, spans: collector.spans(traceId).filter((span) => span.spanId !== spanId) }
}

async function flush(): Promise<void> {
  const provider = trace.getTracerProvider() as unknown as { getDelegate(): { forceFlush(): Promise<void> } }
  await provider.getDelegate().forceFlush()
  await reader.forceFlush()
}

const story = (spans: readonly Span[]): unknown[] =>
  spans.map(({ name, kind, status: { code }, attributes }) => [
    name,
    kind === 3 ? "CLIENT" : "INTERNAL",
    code === 2 ? "error" : "",
    attributes["http.response.status_code"] ?? attributes["error.type"],
    attributes["http.request.resend_count"] ?? 0,
  ])

describe.each(transportNames)("on %s", (name) => {
  test("a call arrives at an OTLP receiver with all its attempts, and the server is told of each", async () => {
    await using server = await startFaultServer({
      "GET /users/7": [
        status(503, { headers: { "retry-after": "0" } }),
        reset("after-headers"),
        redirect(307, "/moved"),
      ],
      "GET /moved": [json(200, { id: 7 })],
    })
    const transport = makeTransport(name)
    const api = steadfetch({ baseUrl: server.origin, retry: { baseMs: 1 }, transport, add: [telemetry()] })
    const { root, spans } = await traced(() => api.get("/users/{id}", { path: { id: 7 } }).json())
    await api.close()
    const attempts = spans.filter(({ kind }) => kind === 3)
    const call = spans.find(({ kind }) => kind !== 3)
    expect(story(attempts)).toEqual([
      ["GET /users/{id}", "CLIENT", "error", 503, 0],
      ["GET /users/{id}", "CLIENT", "error", "broken-body", 1],
      ["GET /users/{id}", "CLIENT", "", 307, 2],
      ["GET", "CLIENT", "", 200, 3],
    ])
    expect(story([call as Span])).toEqual([["steadfetch GET /users/{id}", "INTERNAL", "", 200, 0]])
    expect([call?.parentSpanId, ...attempts.map(({ parentSpanId }) => parentSpanId)]).toEqual([
      root,
      ...attempts.map(() => call?.spanId),
    ])
    const parents = server.requests.map(({ headers }) => fieldValue(headers, "traceparent")?.split("-"))
    expect(parents.map((parts) => parts?.slice(1, 3))).toEqual(attempts.map(({ traceId, spanId }) => [traceId, spanId]))
    expect(attempts.every(({ attributes }) => attributes["server.port"] === server.port)).toBe(true)
  })

  test("its metrics arrive, too", async () => {
    await using server = await startFaultServer({ "GET /": [status(503), status(503), json(200, {})] })
    const transport = makeTransport(name)
    const api = steadfetch({ baseUrl: server.origin, retry: { baseMs: 1 }, transport, add: [telemetry()] })
    await api.get("/")
    await api.close()
    await flush()
    const of = (metric: string): unknown[] =>
      collector
        .points(metric)
        .filter(({ scope, attributes }) => scope === OURS && attributes["server.port"] === server.port)
        .map(({ attributes, value }) => [attributes["http.response.status_code"], value])
    expect(of("http.client.request.duration")).toEqual([[503, 2], [200, 1]])
    expect(of("steadfetch.call.duration")).toEqual([[200, 1]])
    expect(of("steadfetch.retries")).toEqual([[undefined, 2]])
    expect(of("steadfetch.wait.duration")).toEqual([[undefined, 2]])
  }) // prettier-ignore

  test("no credential does", async () => {
    await using server = await startFaultServer({ "/*": { steps: [status(401, { body: "no: s3cret-s3cret" })], then: "repeat" } })
    const transport = makeTransport(name)
    const auth = bearer("s3cret-s3cret")
    const api = steadfetch({ baseUrl: server.origin, auth, transport, add: [telemetry()] })
    await traced(() => api.post("/", { query: { api_key: "s3cret-s3cret" }, json: { password: "s3cret-s3cret" } }).outcome())
    await api.close()
    expect(collector.received).toContain("api_key=REDACTED")
    expect(collector.received).not.toContain("s3cret")
  }) // prettier-ignore

  test("beside the instrumentation of undici, each request has one span and one traceparent", async () => {
    await using server = await startFaultServer({ "GET /": { steps: [json(200, {})], then: "repeat" } })
    const transport = makeTransport(name)
    const api = steadfetch({ baseUrl: server.origin, transport, add: [telemetry()] })
    const { spans } = await traced(async () => Promise.all([1, 2, 3].map(() => api.get("/").json())))
    await api.close()
    expect(spans.map(({ scope }) => scope)).toEqual(Array.from({ length: 6 }, () => OURS))
    const lines = server.requests.map(({ headers }) => headers.filter(([field]) => field === "traceparent").length)
    expect(lines).toEqual([1, 1, 1])
  })

  test("and with the hook of the docs, one measurement", async () => {
    undici.setConfig({ ignoreRequestHook: () => isTracingSuppressed(context.active()) })
    await using server = await startFaultServer({ "GET /": { steps: [json(200, {})], then: "repeat" } })
    const transport = makeTransport(name)
    const api = steadfetch({ baseUrl: server.origin, transport, add: [telemetry()] })
    await api.get("/").json()
    await api.close()
    await flush()
    undici.setConfig({})
    const points = collector.points("http.client.request.duration")
    const own = points.filter(({ attributes }) => attributes["server.port"] === server.port)
    expect(own.map(({ scope, value }) => [scope, value])).toEqual([[OURS, 1]])
  })
})

test("so it is where requests queue up for a connection", async () => {
  await using server = await startFaultServer({ "GET /": { steps: [json(200, {})], then: "repeat" } })
  const transport = undiciTransport({ agent: { connections: 1 } })
  const api = steadfetch({ baseUrl: server.origin, transport, add: [telemetry()] })
  const { spans } = await traced(async () => Promise.all([1, 2, 3, 4].map(() => api.get("/").json())))
  await api.close()
  expect(spans.map(({ scope }) => scope)).toEqual(Array.from({ length: 8 }, () => OURS))
  expect(server.requests.map(({ headers }) => headers.filter(([field]) => field === "traceparent").length)).toEqual([
    1, 1, 1, 1,
  ])
})

test("without telemetry(), the instrumentation of undici sees the requests as ever", async () => {
  await using server = await startFaultServer({ "GET /": [json(200, {})] })
  const { spans } = await traced(() => steadfetch({ baseUrl: server.origin }).get("/").json())
  expect(spans.map(({ scope }) => scope)).toEqual([UNDICI])
})

test("the drop-in fetch is traced as a client is", async () => {
  await using server = await startFaultServer({ "POST /": [status(503, { headers: { "retry-after": "0" } }), json(200, {})] })
  const fetch = createFetch({ policies: [...dropIn({ retry: { baseMs: 1 } }), telemetry()] })
  const { spans } = await traced(async () => {
    const response = await fetch(server.origin, { method: "POST", body: "hello", headers: { "x-own": "1" } })
    await response.json()
  })
  expect(story(spans)).toEqual([
    ["POST", "CLIENT", "error", 503, 0],
    ["POST", "CLIENT", "", 200, 1],
    ["steadfetch POST", "INTERNAL", "", 200, 0],
  ])
  expect(server.requests.map(({ headers }) => [fieldValue(headers, "x-own"), fieldValue(headers, "traceparent")?.split("-")[2]])).toEqual(
    spans.slice(0, 2).map(({ spanId }) => ["1", spanId]),
  )
}) // prettier-ignore
