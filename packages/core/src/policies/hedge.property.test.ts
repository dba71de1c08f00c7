import { getEventListeners } from "node:events"
import { rehearse, type Rehearsal } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { hedge, retryBudget, type CallOutcome, type FailureCode, type RetryBudget } from "../index.ts"

/** What the server does with one request. */
const scene = fc.record({
  status: fc.constantFrom(200, 200, 201, 404, 409, 429, 500, 503),
  failure: fc.option(fc.constantFrom<FailureCode>("refused", "reset", "protocol", "tls", "too-large"), {
    nil: undefined,
    freq: 2,
  }),
  hangs: fc.nat(7).map((chance) => chance === 0),
  delayMs: fc.nat(120),
  retryAfterS: fc.option(fc.nat(3), { nil: undefined, freq: 1 }),
  bodyEnd: fc.constantFrom("whole", "whole", "whole", "breaks", "stalls"),
})

const scenario = fc.record({
  seed: fc.integer(),
  scenes: fc.array(scene, { minLength: 1, maxLength: 12 }),
  attempts: fc.integer({ min: 1, max: 4 }),
  hedges: fc.integer({ min: 1, max: 3 }),
  afterMs: fc.nat(60),
  attemptMs: fc.integer({ min: 1, max: 200 }),
  deadline: fc.integer({ min: 200, max: 5000 }),
  capacity: fc.integer({ min: 1, max: 10 }),
  method: fc.constantFrom("GET", "PUT", "POST"),
  reading: fc.constantFrom("buffer" as const, "stream" as const),
  abortAtMs: fc.option(fc.nat(1500), { nil: undefined, freq: 1 }),
})

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

interface Play extends Rehearsal {
  readonly budget: RetryBudget
  /** How the call ended; undefined when it rejected. */
  readonly outcome: CallOutcome | undefined
  readonly reason: unknown
  readonly endMs: number
  readonly listeners: number
  readonly hedged: number
}

const REASON = { exactly: "this" }

async function play(given: Scenario): Promise<Play> {
  const { attempts, hedges, afterMs, attemptMs, deadline, capacity, seed } = given
  const budget = retryBudget({ capacity, perSuccess: 0 })
  let hedged = 0
  const rehearsal = rehearse({
    seed,
    retry: { attempts, baseMs: 100, budget },
    timeout: { attemptMs, stallMs: 300 },
    deadline,
    add: [hedge({ hedges, afterMs, budget })],
    on: { hedged: () => hedged++ },
  })
  const { server, clock, api } = rehearsal
  for (const { status, failure, hangs, delayMs, retryAfterS, bodyEnd } of given.scenes) {
    const headers = retryAfterS === undefined ? {} : { "retry-after": String(retryAfterS) }
    const end = bodyEnd === "breaks" ? { breaksAfterBytes: 3 } : bodyEnd === "stalls" ? { stallsAfterBytes: 3 } : {}
    if (hangs) server.hangs()
    else if (failure !== undefined) server.fails(failure, { delayMs })
    else server.replies(status, { headers, delayMs, body: "a body", ...end })
  }
  server.otherwise.replies(503, { delayMs: 10 })
  const controller = new AbortController()
  const { signal } = controller
  if (given.abortAtMs !== undefined) clock.after(given.abortAtMs, () => controller.abort(REASON))
  const end = api.request(given.method, "/", { signal }).outcome({ reading: given.reading })
  const ended = end.then(
    (outcome) => ({ outcome, reason: undefined, endMs: clock.now() }),
    (reason: unknown) => ({ outcome: undefined, reason, endMs: clock.now() }),
  )
  const result = await rehearsal.run(ended)
  return { ...rehearsal, budget, ...result, hedged, listeners: getEventListeners(signal, "abort").length }
}

function forAll(claim: (given: Scenario) => Promise<void>): Promise<void> {
  return fc.assert(fc.asyncProperty(scenario, claim), { numRuns: 300 })
}

test("each round has at most one attempt and its hedges, and no more than the budget pays for", () =>
  forAll(async (given) => {
    const { server, budget, hedged } = await play(given)
    const { attempts, hedges, capacity } = given
    expect(server.requests.length).toBeLessThanOrEqual(attempts * (1 + hedges))
    let left = 0
    while (budget.withdraw("https://api.test")) left++
    // One token for each request beyond the first, whether a hedge or a retry; a retry may be cut off before it goes out.
    const spent = capacity - left
    expect(spent).toBeGreaterThanOrEqual(server.requests.length - 1)
    expect(spent).toBeLessThanOrEqual(server.requests.length)
    expect(hedged).toBeLessThanOrEqual(spent)
  }))

test("at no time are more attempts under way than one and its hedges", () =>
  forAll(async (given) => {
    const { outcome } = await play(given)
    const spans = (outcome?.attempts ?? []).map(({ startedAt, durationMs = 0 }) => [startedAt, startedAt + durationMs])
    for (const [instant = 0] of spans) {
      const underWay = spans.filter(([from = 0, to = 0]) => from <= instant && instant < to)
      expect(underWay.length).toBeLessThanOrEqual(1 + given.hedges)
    }
  }))

test("when a call is over nothing is under way, and no timer, body or listener is left", () =>
  forAll(async (given) => {
    const { outcome, run, clock, server, listeners, endMs } = await play(given)
    expect(server.requests.filter(({ end }) => end === "open")).toEqual([])
    if (outcome?.kind === "success") await run(outcome.bytes().catch(() => {}))
    // The test's own timer, which is to abort.
    const aborts = given.abortAtMs !== undefined && given.abortAtMs > clock.now() ? 1 : 0
    expect([clock.pending - aborts, server.openBodies]).toEqual([0, 0])
    const streams = outcome?.kind === "success" && given.reading === "stream" && clock.now() >= endMs
    expect(streams ? 0 : listeners).toBe(0)
  }))

test("the outcome is a success if any attempt was answered with one, and no attempt's success is thrown away", () =>
  forAll(async (given) => {
    const { outcome } = await play(given)
    const succeeded = (outcome?.attempts ?? []).some(({ status = 0 }) => status >= 200 && status < 300)
    const isRight = outcome === undefined || (outcome.kind === "success") === succeeded
    expect(isRight).toBe(true)
  }))

test("a real reply is never lost to attempts that got none", () =>
  forAll(async (given) => {
    const { outcome } = await play(given)
    // A 409 on a hedge with a key tells of the other attempt, not of the call.
    const tells = (status: number | undefined): boolean =>
      status !== undefined && (status !== 409 || given.method !== "POST")
    if (outcome?.attempts.some(({ status }) => status !== undefined && !tells(status)) === true) return
    const replied = outcome?.attempts.some(({ status }) => tells(status))
    const permanent = outcome?.attempts.some(({ failure = "" }) => ["tls", "too-large"].includes(failure))
    const isRight = outcome === undefined || permanent || (outcome.kind === "no-reply") === !replied
    expect(isRight).toBe(true)
  }))

test("the deadline and the caller's abort end the call at their very instant", () =>
  forAll(async (given) => {
    const { outcome, reason, endMs } = await play(given)
    const { deadline, abortAtMs = Number.POSITIVE_INFINITY } = given
    expect(endMs).toBeLessThanOrEqual(Math.min(deadline, abortAtMs))
    expect(outcome === undefined ? [reason, endMs] : [REASON, abortAtMs]).toEqual([REASON, abortAtMs])
  }))

test("the record tells of every attempt, in the order in which they began, and how each ended", () =>
  forAll(async (given) => {
    const { outcome, server, clock } = await play(given)
    if (outcome === undefined) return
    const zero = clock.date() - clock.now()
    expect(outcome.attempts.length).toBe(server.requests.length)
    outcome.attempts.forEach(({ startedAt }, index) => {
      expect(startedAt - zero).toBeCloseTo(server.requests[index]?.startedAtMs ?? Number.NaN, 2)
    })
    for (const { status, failure } of outcome.attempts) expect(status === undefined).toBe(failure !== undefined)
  }))

test("every attempt of a call carries the same key", () =>
  forAll(async (given) => {
    const { server } = await play({ ...given, method: "POST" })
    expect(new Set(server.requests.map((request) => request.header("idempotency-key"))).size).toBeLessThanOrEqual(1)
  }))
