import { testRuntime } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import {
  apiKey,
  bearer,
  failover,
  failure,
  hedge,
  signalFailure,
  steadfetch,
  type Exchange,
  type FailureCode,
  type Outcome,
  type Transport,
} from "../index.ts"
import { receiveBody } from "../reply-body.ts"

const bases = ["https://eu.test/v1", "https://us.test", "https://ap.test/deep/v2"] as const
const origins = bases.map((base) => new URL(base).origin)

/** What an endpoint does with one request. */
interface Answer {
  readonly status: number
  readonly failure: FailureCode | undefined
  readonly delayMs: number
  readonly retryAfterS: number | undefined
}

const answer: fc.Arbitrary<Answer> = fc.record({
  status: fc.constantFrom(200, 200, 200, 404, 429, 500, 503),
  failure: fc.option(fc.constantFrom<FailureCode>("refused", "dns", "tls", "reset", "rejected"), {
    freq: 3,
    nil: undefined,
  }),
  delayMs: fc.oneof(fc.constant(0), fc.nat(40_000)),
  retryAfterS: fc.option(fc.nat(90), { nil: undefined }),
})

interface World {
  readonly transport: Transport
  readonly sent: Exchange["request"][]
  readonly openBodies: () => number
}

/** Endpoints that answer, one after the other, with what they are given, and with 200 from then on. */
function worldOf(runtime: ReturnType<typeof testRuntime>, answers: readonly Answer[]): World {
  const sent: Exchange["request"][] = []
  let open = 0
  const send = async (exchange: Exchange): Promise<Outcome> => {
    const { signal, request } = exchange
    const given = answers[sent.length] ?? { status: 200, failure: undefined, delayMs: 0, retryAfterS: undefined }
    sent.push(request)
    await new Promise<void>((resolve) => {
      const callOff = runtime.clock.after(given.delayMs, resolve)
      signal?.addEventListener("abort", () => {
        callOff()
        resolve()
      })
    })
    if (signal?.aborted === true) return signalFailure(signal.reason)
    if (given.failure !== undefined) return failure(given.failure, "simulated", undefined)
    const headers = new Headers(given.retryAfterS === undefined ? {} : { "retry-after": String(given.retryAfterS) })
    open++
    let ended = false
    const end = (): void => {
      if (!ended) open--
      ended = true
    }
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode("hello"))
        controller.close()
        end()
      },
      cancel: end,
    })
    const body = await receiveBody(stream, given.status, exchange, (error) => failure("broken-body", "broken", error))
    return "kind" in body ? body : { kind: "reply", status: given.status, url: undefined, headers, body }
  }
  return { transport: { send, close: async () => {} }, sent, openBodies: () => open }
}

const call = fc.record({
  method: fc.constantFrom("GET", "PUT", "POST"),
  startMs: fc.nat(100_000),
  abortMs: fc.option(fc.nat(30_000), { nil: undefined, freq: 2 }),
  deadline: fc.integer({ min: 1, max: 60_000 }),
  reading: fc.constantFrom("buffer" as const, "stream" as const),
})

test("whatever happens to calls: nothing stays pending, some endpoint stays admitted, and no timer is left", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(answer, { maxLength: 60, size: "max" }),
      fc.array(call, { minLength: 1, maxLength: 25, size: "max" }),
      fc.constantFrom("first" as const, "fastest" as const),
      fc.boolean(),
      fc.integer(),
      async (answers, calls, prefer, isHedged, seed) => {
        const runtime = testRuntime({ seed })
        const { clock } = runtime
        const { transport, sent, openBodies } = worldOf(runtime, answers)
        const policy = failover({ endpoints: bases, prefer })
        const add = isHedged ? [policy, hedge({ afterMs: 500 })] : [policy]
        const api = steadfetch({ baseUrl: bases[0], transport, runtime, add })
        const ended: Promise<unknown>[] = []
        for (const { method, startMs, abortMs, deadline, reading } of calls) {
          clock.after(startMs, () => {
            const controller = new AbortController()
            if (abortMs !== undefined) clock.after(abortMs, () => controller.abort())
            const outcome = api.request(method, "/a", { signal: controller.signal, deadline }).outcome({ reading })
            const read = outcome.then((given) => (given.kind === "success" ? given.stream().cancel() : undefined))
            ended.push(read.catch(() => {}))
          })
          clock.after(startMs + 1, () => {
            expect(policy.health().some(({ state }) => state !== "ejected")).toBe(true)
          })
        }
        await clock.advance(400_000)
        await Promise.all(ended)
        expect(ended.length).toBe(calls.length)
        expect(policy.health().map(({ pending }) => pending)).toEqual([0, 0, 0])
        expect([openBodies(), clock.pending]).toEqual([0, 0])
        for (const { url } of sent) expect(origins).toContain(new URL(url).origin)
      },
    ),
    { numRuns: 60 },
  ))

const segment = fc.oneof(
  fc.constantFrom("..", ".", "%2e%2e", "%2F", "..%2f", "", "a", "é", "a;b=1", "%00", ".hidden", "v1", "@", ":443"),
  // A query is appended to what ends with "&" as if there were one.
  fc.string({ maxLength: 6 }),
)
const secretHeader = fc.constantFrom(
  "authorization",
  "cookie",
  "x-api-key",
  "x-auth-token",
  "x-session-id",
  "proxy-authorization",
  "x-client-secret",
)
const secretParameter = fc.constantFrom("api_key", "access_token", "signature", "X-Amz-Credential", "password", "code")

const request = fc.record({
  segments: fc.array(segment, { maxLength: 5 }),
  plainHeaders: fc.dictionary(
    fc.constantFrom("accept", "x-a", "if-match", "content-language"),
    fc.constantFrom("1", "b c"),
  ),
  secretHeaders: fc.array(secretHeader, { maxLength: 1 }),
  secretParameters: fc.array(secretParameter, { maxLength: 1 }),
  query: fc.dictionary(fc.constantFrom("page", "q", "sort"), fc.string({ maxLength: 6 })),
  isHeaderOfClient: fc.boolean(),
})

test("a request below home arrives below one endpoint, whole; what is home's secret arrives nowhere else", () =>
  fc.assert(
    fc.asyncProperty(request, fc.array(answer, { maxLength: 8 }), fc.integer(), async (given, answers, seed) => {
      const runtime = testRuntime({ seed })
      const { transport, sent } = worldOf(runtime, answers)
      const secret = "home-secret-value"
      const headers = Object.fromEntries(given.secretHeaders.map((name) => [name, secret]))
      const parameters = Object.fromEntries(given.secretParameters.map((name) => [name, secret]))
      const places = [bases[0], { url: bases[1], auth: bearer("us-own") }, { url: bases[2], auth: apiKey("ap-own") }]
      const api = steadfetch({
        baseUrl: bases[0],
        auth: bearer(secret),
        headers: given.isHeaderOfClient ? headers : {},
        transport,
        runtime,
        add: [failover({ endpoints: places, prefer: "fastest" })],
      })
      const path = `/${given.segments.join("/")}`
      const asked = api.get(path, {
        headers: { ...given.plainHeaders, ...(given.isHeaderOfClient ? {} : headers) },
        query: { ...given.query, ...parameters },
      })
      const end = await runtime.clock.runUntil(asked.outcome().then(
        () => "sent",
        (error: Error) => error.name,
      )) // prettier-ignore
      expect(sent.length === 0).toBe(end === "ConfigurationError")
      const rests = sent.map(({ url, headers }) => {
        const base = bases.find((base) => url.startsWith(base) && /^[/?]/.test(url.slice(base.length))) ?? "no endpoint"
        const { origin, href } = new URL(url)
        expect(href.startsWith(base)).toBe(true)
        expect(headers).toEqual(expect.arrayContaining(Object.entries(given.plainHeaders)))
        const leaks = origin !== origins[0] && JSON.stringify([url, headers]).includes(secret)
        expect(leaks).toBe(false)
        return url.slice(base.length)
      })
      expect(new Set(rests).size).toBe(Math.min(1, sent.length))
    }),
    { numRuns: 300 },
  ))
