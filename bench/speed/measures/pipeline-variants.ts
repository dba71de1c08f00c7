import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics"
import { NoopSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace"
import { steadfetch as withChannels } from "@steadfetch/node"
import { telemetry } from "@steadfetch/telemetry"
import {
  breaker,
  CallRecord,
  coalesce,
  concurrency,
  deadline,
  Events,
  failover,
  fallback,
  gentle,
  hedge,
  idempotency,
  lowLatency,
  pace,
  pipeline,
  redirect,
  retry,
  standard,
  steadfetch,
  systemClock,
  throttle,
  timeout,
  WholeBody,
  type Exchange,
  type Policy,
  type Reply,
  type Runtime,
  type Transport,
} from "steadfetch"

const url = "https://api.example.com/small"
const body = new WholeBody(new TextEncoder().encode(`{"id":7,"name":"Ada Lovelace"}`))
const headers = new Headers({ "content-type": "application/json" })
const reply: Reply = { kind: "reply", status: 200, url: undefined, headers, body }

/** Answers at once. */
const transport: Transport = { send: async () => reply, close: async () => {} }

const runtime: Runtime = {
  clock: systemClock,
  random: Math.random,
  uniqueId: () => crypto.randomUUID(),
  pageOrigin: undefined,
  events: new Events(),
}

function exchange(method: string): Exchange {
  return {
    request: { method, url, headers: [], body: null },
    reading: "buffer",
    signal: undefined,
    deadlineAt: Number.POSITIVE_INFINITY,
    maxBodyBytes: Number.POSITIVE_INFINITY,
    keyed: false,
    options: {},
    watch: undefined,
    record: new CallRecord(method, url, systemClock.date()),
  }
}

/** OpenTelemetry's own SDK, which records every span and exports none. */
function sdkWithoutExport() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 31 - 1 })
  return {
    tracerProvider: new TracerProvider({ spanProcessors: [new NoopSpanProcessor()] }),
    meterProvider: new MeterProvider({ readers: [reader] }),
  }
}

type MakeCall = () => () => Promise<unknown>

const through =
  (policies: () => Policy[], method = "GET"): MakeCall =>
  () => {
    const handler = pipeline(policies(), transport, runtime)
    return () => handler(exchange(method))
  }

/** The transport without a pipeline: what is taken off the other numbers. */
export const BARE = "transport alone"

/** The name of the pipeline that the bar is about. */
export const STANDARD = "standard preset"

/** What is called, by name: each policy by itself, then all of them, then a client on top. */
export const pipelineVariants = {
  [BARE]: () => () => transport.send(exchange("GET")),
  "no policy": through(() => []),
  deadline: through(() => [deadline()]),
  "idempotency (GET)": through(() => [idempotency()]),
  "idempotency (POST)": through(() => [idempotency()], "POST"),
  retry: through(() => [retry()]),
  timeout: through(() => [timeout()]),
  redirect: through(() => [redirect()]),
  [STANDARD]: through(standard),
  breaker: through(() => [breaker()]),
  throttle: through(() => [throttle()]),
  "concurrency, fixed": through(() => [concurrency({ limit: 100 })]),
  "concurrency, adaptive": through(() => [concurrency({ adaptive: true })]),
  "pace, learning": through(() => [pace()]),
  "pace, a million a second": through(() => [pace({ perSecond: 1_000_000 })]),
  hedge: through(() => [hedge()]),
  failover: through(() => [failover({ endpoints: ["https://api.example.com", "https://spare.example.com"] })]),
  coalesce: through(() => [coalesce()]),
  fallback: through(() => [fallback({ with: () => ({ json: null }) })]),
  "telemetry, unheard": through(() => [telemetry()]),
  "gentle preset": through(gentle),
  "low-latency preset": through(lowLatency),
  "client, get().json()": () => {
    const api = steadfetch({ baseUrl: "https://api.example.com", transport })
    return () => api.get("/small").json()
  },
  "client, get().json(), with telemetry unheard": () => {
    const api = steadfetch({ baseUrl: "https://api.example.com", transport, add: [telemetry()] })
    return () => api.get("/small").json()
  },
  "client, get().json(), with telemetry heard": () => {
    const api = steadfetch({ baseUrl: "https://api.example.com", transport, add: [telemetry(sdkWithoutExport())] })
    return () => api.get("/small").json()
  },
  "client, get().json(), with channels unheard": () => {
    const api = withChannels({ baseUrl: "https://api.example.com", transport, runtime: { clock: systemClock } })
    return () => api.get("/small").json()
  },
  "client, post().json()": () => {
    const api = steadfetch({ baseUrl: "https://api.example.com", transport })
    return () => api.post("/small", { json: { name: "Ada" } }).json()
  },
} satisfies Record<string, MakeCall>

/** A key of {@link pipelineVariants}. */
export type PipelineVariant = keyof typeof pipelineVariants
