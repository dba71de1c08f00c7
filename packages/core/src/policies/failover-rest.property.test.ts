import { testRuntime } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import {
  failover,
  failure,
  hedge,
  signalFailure,
  steadfetch,
  type FailureCode,
  type Outcome,
  type Policy,
  type Transport,
} from "../index.ts"
import { WholeBody } from "../reply-body.ts"

const bases = ["https://eu.test", "https://us.test", "https://ap.test"]

/** What comes of one request, wherever it goes. */
const answer = fc.record({
  status: fc.constantFrom(200, 307, 429, 429, 500, 503, 503, 503),
  failure: fc.option(fc.constantFrom<FailureCode>("refused", "reset", "timeout"), { freq: 4, nil: undefined }),
  delayMs: fc.oneof(fc.constant(0), fc.nat(3000)),
  retryAfterS: fc.option(fc.nat(90), { freq: 3, nil: undefined }),
})

const scenario = fc.record({
  answers: fc.array(answer, { maxLength: 25, size: "max" }),
  /** Which attempts, by their number, a gate turns away. */
  shut: fc.array(
    fc.nat(3).map((chance) => chance === 0),
    { maxLength: 25, size: "max" },
  ),
  size: fc.integer({ min: 1, max: 3 }),
  prefer: fc.constantFrom("first" as const, "fastest" as const),
  ejectAfter: fc.integer({ min: 1, max: 5 }),
  sharedKeys: fc.boolean(),
  hedges: fc.nat(3),
  method: fc.constantFrom("GET", "PUT", "POST"),
  headers: fc.constantFrom({}, { cookie: "sid=1" }),
  seed: fc.integer(),
})

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

interface Findings {
  /** Each request that went to an endpoint before the time that it had named. */
  readonly early: readonly string[]
  /** Each request that went to one endpoint while another one may have processed it, or be about to. */
  readonly doubled: readonly string[]
  /** How often failover() turned the call away. */
  readonly rejections: number
  readonly pending: number
}

async function play(given: Scenario): Promise<Findings> {
  let rejections = 0
  const runtime = testRuntime({ seed: given.seed, on: { rejected: () => rejections++ } })
  const { clock } = runtime
  const named = new Map<string, number>()
  const early: string[] = []
  const doubled: string[] = []
  /** Where the request may have been processed, once for each time that it was sent there. */
  const holders: string[] = []
  let sent = 0
  const send: Transport["send"] = async ({ request, signal }): Promise<Outcome> => {
    const { origin } = new URL(request.url)
    if (clock.now() < (named.get(origin) ?? 0))
      early.push(`${origin} at ${clock.now()}, not before ${named.get(origin)}`)
    const { status, failure: code, delayMs, retryAfterS } = given.answers[sent++] ?? { status: 200, delayMs: 0 }
    if (holders.some((holder) => holder !== origin)) doubled.push(`${origin}, after ${holders.join(" and ")}`)
    holders.push(origin)
    await new Promise<void>((resolve) => {
      const callOff = clock.after(delayMs, resolve)
      signal?.addEventListener("abort", () => {
        callOff()
        resolve()
      })
    })
    if (signal?.aborted === true) return signalFailure(signal.reason)
    if (code === undefined ? status === 429 : code === "refused") holders.splice(holders.indexOf(origin), 1)
    if (code !== undefined) return failure(code, "simulated")
    const headers = new Headers(status === 307 ? { location: "https://files.test/" } : {})
    if (retryAfterS !== undefined) headers.set("retry-after", String(retryAfterS))
    // Where a redirect leads is no endpoint: two of them may lead to the same place.
    if (retryAfterS !== undefined && status > 400 && bases.includes(origin)) {
      named.set(origin, Math.max(named.get(origin) ?? 0, clock.now() + retryAfterS * 1000))
    }
    return { kind: "reply", status, url: undefined, headers, body: new WholeBody(new Uint8Array()) }
  }
  let asked = 0
  const gate: Policy = {
    name: "gate",
    scope: "gate",
    wrap: (next) => (exchange) =>
      given.shut[asked++] === true ? Promise.resolve(failure("rejected", "shut")) : next(exchange),
  }
  const { size, prefer, ejectAfter, sharedKeys, hedges } = given
  const policy = failover({ endpoints: bases.slice(0, size), prefer, ejectAfter, sharedKeys })
  const add = hedges > 0 ? [hedge({ afterMs: 500, hedges, budget: false }), policy, gate] : [policy, gate]
  const transport: Transport = { isPrompt: true, send, close: async () => {} }
  const options = { baseUrl: "https://eu.test", deadline: false as const, transport, runtime, add }
  const api = steadfetch({ ...options, retry: { baseMs: 0, budget: false } })
  await clock.runUntil(api.request(given.method, "/", { headers: given.headers }).outcome())
  return { early, doubled, rejections, pending: clock.pending }
}

test("no call asks an endpoint again before the time that this endpoint named, whatever happens elsewhere", () =>
  fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { early, pending } = await play(given)
      expect([early, pending]).toEqual([[], 0])
    }),
    { numRuns: 1000 },
  ))

test("every wait is long enough: without gates, no call comes back to where all still rest", () =>
  fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      expect((await play({ ...given, shut: [] })).rejections).toBe(0)
    }),
    { numRuns: 1000 },
  ))

test("a write that one endpoint may have processed never goes to another one that does not know its key", () =>
  fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const answers = given.answers.filter(({ status }) => status !== 307)
      expect((await play({ ...given, answers, method: "POST", sharedKeys: false })).doubled).toEqual([])
    }),
    { numRuns: 1000 },
  ))
