import { getEventListeners } from "node:events"
import { rehearse, type Rehearsal } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import type { CallOutcome, FailureCode, RequestOptions } from "./index.ts"

/** What the server does with one request. */
interface Scene {
  readonly status: number
  readonly failure: FailureCode | undefined
  readonly hangs: boolean
  readonly delayMs: number
  readonly retryAfterS: number | undefined
  readonly asDate: boolean
  readonly bodyEnd: "whole" | "breaks" | "stalls"
}

const scene: fc.Arbitrary<Scene> = fc.record({
  status: fc.constantFrom(200, 201, 204, 400, 404, 409, 425, 429, 500, 502, 503, 503, 503, 504, 599),
  failure: fc.option(fc.constantFrom<FailureCode>("refused", "dns", "reset", "network", "protocol", "too-large"), {
    nil: undefined,
    freq: 2,
  }),
  hangs: fc.nat(9).map((chance) => chance === 0),
  delayMs: fc.oneof(fc.constant(0), fc.nat(3000)),
  retryAfterS: fc.option(fc.nat(40), { nil: undefined, freq: 1 }),
  asDate: fc.boolean(),
  bodyEnd: fc.constantFrom("whole", "whole", "whole", "breaks", "stalls"),
})

/** One call: what it is configured with, and what it meets. */
const scenario = fc.record({
  seed: fc.integer(),
  scenes: fc.array(scene, { minLength: 1, maxLength: 12 }),
  attempts: fc.integer({ min: 1, max: 8 }),
  baseMs: fc.nat(2000),
  capMs: fc.nat(8000),
  deadline: fc.integer({ min: 500, max: 60_000 }),
  timeLimits: fc.option(
    fc.record({ attemptMs: fc.integer({ min: 1, max: 500 }), stallMs: fc.nat(5000).map((ms) => ms + 1) }),
    {
      nil: undefined,
    },
  ),
  method: fc.constantFrom("GET", "PUT", "POST", "PATCH", "DELETE"),
  idempotencyKey: fc.constantFrom({}, false as const),
  reading: fc.constantFrom("buffer" as const, "stream" as const),
})

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

interface Play extends Rehearsal {
  /** How the call ended; undefined when it rejected. */
  readonly outcome: CallOutcome | undefined
  readonly reason: unknown
  /** When it ended. */
  readonly endMs: number
}

function stage(given: Scenario): Rehearsal {
  const { seed, attempts, baseMs, capMs, deadline, timeLimits, idempotencyKey } = given
  const retry = { attempts, baseMs, capMs }
  const rehearsal = rehearse({ seed, retry, deadline, idempotencyKey, ...(timeLimits && { timeout: timeLimits }) })
  const { server, clock } = rehearsal
  for (const { status, failure, hangs, delayMs, retryAfterS, asDate, bodyEnd } of given.scenes) {
    const named = asDate ? new Date(clock.date() + (retryAfterS ?? 0) * 1000).toUTCString() : String(retryAfterS)
    const headers = retryAfterS === undefined ? {} : { "retry-after": named }
    const end = bodyEnd === "breaks" ? { breaksAfterBytes: 3 } : bodyEnd === "stalls" ? { stallsAfterBytes: 3 } : {}
    if (hangs) server.hangs()
    else if (failure !== undefined) server.fails(failure, { delayMs })
    else server.replies(status, { headers, delayMs, body: "a body", ...end })
  }
  server.otherwise.replies(503)
  return rehearsal
}

async function play(given: Scenario, options: RequestOptions = {}, rehearsal = stage(given)): Promise<Play> {
  const { api, run, clock } = rehearsal
  const call = api.request(given.method, "/", options).outcome({ reading: given.reading })
  let endMs = Number.NaN
  const ended = call.finally(() => (endMs = clock.now()))
  const end = await run(ended.then(
    (outcome) => ({ outcome, reason: undefined }),
    (reason: unknown) => ({ outcome: undefined, reason }),
  )) // prettier-ignore
  return { ...rehearsal, ...end, endMs }
}

/** Checks a claim against many scenarios. */
function forAll(claim: (given: Scenario) => Promise<void>): Promise<void> {
  return fc.assert(fc.asyncProperty(scenario, claim), { numRuns: 200 })
}

/** Each attempt but the last, with the scene it met and the attempt that followed. */
function repeated({ scenes }: Scenario, { outcome }: Play) {
  const attempts = outcome?.attempts ?? []
  return attempts.slice(1).map((next, index) => {
    const { startedAt, durationMs = Number.NaN, ...attempt } = { ...attempts[index] }
    return { ...attempt, next, index, scene: scenes[index], endedAt: (startedAt ?? Number.NaN) + durationMs }
  })
}

const withoutConnection = (scene: Scene | undefined): boolean =>
  scene !== undefined && !scene.hangs && ["refused", "dns"].includes(scene.failure ?? "")

test("a call ends by its deadline, and no attempt starts after it", () =>
  forAll(async (given) => {
    const { server, endMs } = await play(given)
    expect(endMs).toBeLessThanOrEqual(given.deadline)
    for (const { startedAtMs } of server.requests) expect(startedAtMs).toBeLessThan(given.deadline)
  }))

test("no attempt starts before the time that the server named", () =>
  forAll(async (given) => {
    const played = await play(given)
    const zeroDate = played.clock.date() - played.clock.now()
    const early = repeated(given, played).filter(({ status, scene, endedAt, next }) => {
      const from = scene?.asDate === true ? zeroDate : endedAt
      return status !== undefined && next.startedAt < from + (scene?.retryAfterS ?? 0) * 1000
    })
    expect(early).toEqual([])
  }))

test("attempts never exceed their number, and waits never their bound", () =>
  forAll(async (given) => {
    const played = await play(given)
    expect(played.server.requests.length).toBeLessThanOrEqual(given.attempts)
    for (const { waitMs = Number.NaN, why, endedAt, next, index } of repeated(given, played)) {
      expect(next.startedAt).toBeCloseTo(endedAt + waitMs, 3)
      const boundMs = Math.min(given.capMs, given.baseMs * 2 ** index)
      expect(why === "backoff" ? waitMs : 0).toBeLessThanOrEqual(boundMs)
    }
  }))

test("a success is never sent again, and a 4xx only when the server names a time", () =>
  forAll(async (given) => {
    const again = repeated(given, await play(given)).filter(({ status = 500, scene }) => {
      return status < 400 || (status < 500 && scene?.retryAfterS === undefined)
    })
    expect(again).toEqual([])
  }))

test("every attempt carries the same key and the same bytes", () =>
  forAll(async (given) => {
    const text = `body ${given.seed}`
    const { server } = await play(given, given.method === "GET" ? {} : { body: text })
    for (const [index, request] of server.requests.entries()) {
      expect(request.header("idempotency-key")).toBe(server.requests[0]?.header("idempotency-key"))
      const nothing = given.method === "GET" || withoutConnection(given.scenes[index])
      expect(request.text()).toBe(nothing ? "" : text)
    }
  }))

test("a POST without a key is repeated only when it was provably not processed", () =>
  forAll(async (given) => {
    const unkeyed: Scenario = { ...given, method: "POST", idempotencyKey: false }
    const unproven = repeated(unkeyed, await play(unkeyed)).filter(({ status = 0, scene }) => {
      const invited = [429, 503].includes(status) && scene?.retryAfterS !== undefined
      return !invited && status !== 425 && !withoutConnection(scene)
    })
    expect(unproven).toEqual([])
  }))

test("a body that is a stream is never sent twice, nor as something empty", () =>
  forAll(async (given) => {
    let opened = 0
    const body = (async function* () {
      opened++
      yield new TextEncoder().encode("once")
    })()
    const { server } = await play({ ...given, method: "PUT" }, { body })
    const texts = server.requests.map((request) => request.text())
    const wanted = server.requests.map((_, index) => (withoutConnection(given.scenes[index]) ? "" : "once"))
    expect([texts, opened <= 1, texts.filter((text) => text !== "").length <= 1]).toEqual([wanted, true, true])
  }))

test("a real reply is never lost to later attempts that got none", () =>
  forAll(async (given) => {
    const { outcome } = await play(given)
    const replied = outcome?.attempts.some(({ status }) => status !== undefined)
    const permanent = outcome?.attempts.at(-1)?.failure === "too-large"
    expect(outcome?.kind === "no-reply").toBe(replied === false || permanent)
  }))

test("when a call is over, no timer, no body and no listener is left", () =>
  forAll(async (given) => {
    const { signal } = new AbortController()
    const { outcome, run, clock, server } = await play(given, { signal })
    // A stream's body is its reader's to end.
    if (outcome?.kind === "success") await run(outcome.bytes().catch(() => {}))
    expect([clock.pending, server.openBodies, getEventListeners(signal, "abort").length]).toEqual([0, 0, 0])
  }))

test("an abort at any instant rejects at that very instant with the exact reason", () =>
  fc.assert(
    fc.asyncProperty(scenario, fc.nat(20_000), async (given, atMs) => {
      const rehearsal = stage(given)
      const { clock, server } = rehearsal
      const controller = new AbortController()
      const reason = { exactly: "this" }
      clock.after(atMs, () => controller.abort(reason))
      const { outcome, reason: rejectedWith, endMs } = await play(given, { signal: controller.signal }, rehearsal)
      const overBefore = outcome !== undefined
      expect(overBefore ? endMs <= atMs : endMs === atMs && rejectedWith === reason).toBe(true)
      const left = [clock.pending, server.openBodies, getEventListeners(controller.signal, "abort").length]
      expect(overBefore ? [0, 0, 0] : left).toEqual([0, 0, 0])
    }),
    { numRuns: 300 },
  ))

test("the same seed gives the same story", () =>
  forAll(async (given) => {
    const [first, second] = [await play(given), await play(given)]
    expect(first.outcome?.attempts).toEqual(second.outcome?.attempts)
  }))

test("the retries of an origin never exceed what its budget began with and what served calls paid", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(200, 200, 404, 503, 500), { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom(0, 0.05, 0.1, 0.5, 1),
      async (statuses, capacity, perSuccess) => {
        const { api, server, run } = rehearse({ retry: { baseMs: 0, budget: { capacity, perSuccess } } })
        for (const status of statuses) server.replies(status)
        server.otherwise.replies(503)
        let [calls, served] = [0, 0]
        while (server.requests.length < statuses.length) {
          calls++
          if ((await run(api.get("/").outcome())).kind !== "server-error") served++
          const retries = server.requests.length - calls
          expect(retries).toBeLessThanOrEqual(capacity + served * perSuccess + 1e-6)
        }
      },
    ),
  ))

test("under a full outage the extra load stays under 20 %, once the first retries are spent", () =>
  fc.assert(
    fc.asyncProperty(fc.integer({ min: 50, max: 400 }), fc.integer(), async (calls, seed) => {
      const { api, server, run } = rehearse({ seed })
      server.otherwise.replies(503)
      for (let call = 0; call < calls; call++) await run(api.get("/").outcome())
      expect(server.requests.length - calls).toBeLessThanOrEqual(Math.max(10, calls * 0.2))
    }),
    { numRuns: 20 },
  ))
