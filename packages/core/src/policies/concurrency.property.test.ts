import { getEventListeners } from "node:events"
import { testExchange, testRuntime } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { concurrency, failure, signalFailure, type Handler, type Outcome, type ReplyBody } from "../index.ts"

const KEY = "https://api.test"

/** One attempt, and what it meets. */
const attempt = fc.record({
  atMs: fc.nat(300),
  workMs: fc.nat(120),
  end: fc.constantFrom("buffered", "buffered", "streamed", "failed", "thrown", "hangs"),
  status: fc.constantFrom(200, 200, 404, 429, 500, 503),
  /** How long a streamed body is read. */
  readMs: fc.nat(150),
  abortMs: fc.option(fc.nat(250), { nil: undefined, freq: 2 }),
  deadlineMs: fc.integer({ min: 1, max: 500 }),
})

const scenario = fc.record({
  attempts: fc.array(attempt, { minLength: 1, maxLength: 30 }),
  limit: fc.integer({ min: 1, max: 4 }),
  size: fc.nat(10),
  order: fc.constantFrom("fifo" as const, "lifo" as const),
  maxWaitMs: fc.option(fc.integer({ min: 1, max: 200 }), { nil: false as const }),
  adaptive: fc.boolean(),
})

type Attempt = typeof attempt extends fc.Arbitrary<infer T> ? T : never
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

/** How one attempt fared; instants of the clock. */
interface Fate {
  readonly index: number
  readonly given: Attempt
  readonly cameAt: number
  startedAt: number | undefined
  endedAt: number
  outcome: Outcome | undefined
}

/** A body that ends when `end` is run; nobody looks at it again when it is aborted before. */
function streamedBody(): { readonly body: ReplyBody; readonly end: () => void } {
  const releases: (() => void)[] = []
  const body: ReplyBody = {
    bytes: undefined,
    stream: () => new ReadableStream(),
    discard() {},
    onEnd: (release) => void releases.push(release),
  }
  return { body, end: () => releases.forEach((release) => release()) }
}

async function play({ attempts, limit, size, order, maxWaitMs, adaptive }: Scenario) {
  const queue = { size, order, maxWaitMs }
  const policy = concurrency(adaptive ? { adaptive: { min: 1, max: 6, initial: limit }, queue } : { limit, queue })
  const runtime = testRuntime()
  const { clock } = runtime
  const fates: Fate[] = []
  const starts: number[] = []
  const limits: number[] = []
  let open = 0
  let mostOpen = 0
  const controllers = attempts.map(() => new AbortController())
  const after = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      clock.after(delayMs, resolve)
    })
  const next: Handler = async ({ request, signal, watch }) => {
    watch?.sending()
    const index = Number(request.url.slice(KEY.length + 1))
    const fate = fates[index]
    if (fate === undefined) throw new Error(`attempt ${index} never came`)
    const { given } = fate
    fate.startedAt = clock.now()
    starts.push(index)
    mostOpen = Math.max(mostOpen, ++open)
    limits.push(policy.usage(KEY).limit)
    const aborted = new Promise<void>((resolve) => signal?.addEventListener("abort", resolve))
    await (given.end === "hangs" ? aborted : Promise.race([after(given.workMs), aborted]))
    if (given.end !== "streamed" || signal?.aborted === true) open--
    if (signal?.aborted === true) return signalFailure(signal.reason)
    if (given.end === "thrown") throw new Error("a defect")
    if (given.end === "failed") return failure("reset", "reset")
    const reply = { kind: "reply", status: given.status, url: undefined, headers: new Headers() } as const
    const { body, end } = streamedBody()
    if (given.end === "buffered")
      return { ...reply, body: { ...body, bytes: new Uint8Array(), onEnd: (release) => release() } }
    let isOpen = true
    const over = (): void => {
      if (isOpen) open--
      isOpen = false
    }
    signal?.addEventListener("abort", over)
    clock.after(given.readMs, () => {
      over()
      end()
    })
    return { ...reply, body }
  }
  const handler = policy.wrap(next, runtime)
  const send = async (given: Attempt, index: number, controller: AbortController): Promise<void> => {
    const cameAt = clock.now()
    const fate: Fate = { index, given, cameAt, startedAt: undefined, endedAt: Number.NaN, outcome: undefined }
    fates[index] = fate
    const deadlineAt = cameAt + given.deadlineMs
    clock.after(given.deadlineMs, () =>
      controller.abort(failure("timeout", "the deadline", undefined, { limit: "deadline" })),
    )
    if (given.abortMs !== undefined) clock.after(given.abortMs, () => controller.abort("enough"))
    const exchange = testExchange(`${KEY}/${index}`, { signal: controller.signal, deadlineAt })
    fate.outcome = await handler(exchange).catch(() => undefined)
    fate.endedAt = clock.now()
  }
  for (const [index, given] of attempts.entries()) {
    const controller = controllers[index] ?? new AbortController()
    clock.after(given.atMs, () => void send(given, index, controller))
  }
  await clock.advance(2000)
  return { policy, fates, starts, limits, mostOpen, clock, controllers }
}

/** Checks a claim against many scenarios. */
function forAll(claim: (given: Scenario) => Promise<void>): Promise<void> {
  return fc.assert(fc.asyncProperty(scenario, claim), { numRuns: 100 })
}

test("no more than the limit are under way, their bodies included", () =>
  forAll(async (given) => {
    const { mostOpen, limits } = await play(given)
    expect(mostOpen).toBeLessThanOrEqual(given.adaptive ? 6 : given.limit)
    expect(limits.every((limit) => limit >= 1 && limit <= (given.adaptive ? 6 : given.limit))).toBe(true)
  }))

test("when all is over, no permit is held, nobody waits, and no timer and no listener is left", () =>
  forAll(async (given) => {
    const { policy, fates, clock, controllers } = await play(given)
    expect(policy.usage(KEY)).toMatchObject({ inFlight: 0, queued: 0 })
    expect([fates.length, clock.pending]).toEqual([given.attempts.length, 0])
    // A hanging attempt's own listener is the test's.
    const left = fates.filter(({ index, startedAt }) => {
      const { signal = new AbortController().signal } = { ...controllers[index] }
      return startedAt === undefined && getEventListeners(signal, "abort").length > 0
    })
    expect(left).toEqual([])
  }))

test("nobody waits beyond its deadline, its patience or its abort, and who was let go is not sent", () =>
  forAll(async (given) => {
    const { fates } = await play(given)
    const late = fates.filter(({ cameAt, startedAt, endedAt, given: { deadlineMs, abortMs = 9999 }, outcome }) => {
      const patienceMs = given.maxWaitMs === false ? 9999 : given.maxWaitMs
      const untilMs = cameAt + Math.min(deadlineMs, abortMs, patienceMs)
      const isRejected = outcome?.kind === "failure" && outcome.code === "rejected"
      return startedAt === undefined
        ? endedAt > untilMs || outcome?.kind !== "failure"
        : startedAt > untilMs || isRejected
    })
    expect(late).toEqual([])
  }))

test("who came first goes first, among those that were let in", () =>
  forAll(async (given) => {
    const { fates, starts } = await play({ ...given, order: "fifo" })
    const came = fates
      .filter(({ startedAt }) => startedAt !== undefined)
      .toSorted((one, other) => one.cameAt - other.cameAt || one.index - other.index)
    expect(starts).toEqual(came.map(({ index }) => index))
  }))

test("nobody is kept waiting or turned away while a permit is free", () =>
  forAll(async (given) => {
    const ample = { ...given, adaptive: false, limit: given.attempts.length }
    const { fates } = await play(ample)
    expect(fates.filter(({ startedAt, cameAt }) => startedAt !== cameAt)).toEqual([])
  }))
