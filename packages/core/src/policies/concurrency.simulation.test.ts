import { testExchange, testRuntime } from "@steadfetch/testing"
import { expect, test } from "vitest"
import {
  concurrency,
  type ConcurrencyOptions,
  failure,
  type Handler,
  type Listeners,
  type Outcome,
  type Policy,
  type Reply,
} from "../index.ts"

const KEY = "https://api.test"
const WORK_MS = 50

const ok: Reply = {
  kind: "reply",
  status: 200,
  url: undefined,
  headers: new Headers(),
  body: { bytes: new Uint8Array(), stream: () => new ReadableStream(), discard() {}, onEnd: (release) => release() },
}

/** A server that works on so many requests at once, each for about 50 ms, and lets the others wait. */
function serverOf(workers: (atMs: number) => number, runtime: ReturnType<typeof testRuntime>): Handler {
  const { clock, random } = runtime
  const waiting: ((outcome: Outcome) => void)[] = []
  let busy = 0
  const work = (): void => {
    while (busy < workers(clock.now()) && waiting.length > 0) {
      const answer = waiting.shift()
      busy++
      clock.after(WORK_MS * (0.5 + random()), () => {
        busy--
        answer?.(ok)
        work()
      })
    }
  }
  return ({ watch }) =>
    new Promise((resolve) => {
      watch?.sending()
      waiting.push(resolve)
      work()
    })
}

interface Load {
  readonly workers: (atMs: number) => number
  /** Attempts per 10 ms. */
  readonly demand: number
  readonly seconds: number
  readonly on?: Listeners
}

/** Sends attempts at a steady rate, whatever becomes of them; gives the time of each that was answered. */
async function play(policy: Policy | undefined, { workers, demand, seconds, on = {} }: Load) {
  const runtime = testRuntime({ on, seed: 3 })
  const { clock } = runtime
  const server = serverOf(workers, runtime)
  const handler = policy?.wrap(server, runtime) ?? server
  const answered: number[] = []
  let rejected = 0
  const send = async (): Promise<void> => {
    const sentAt = clock.now()
    const outcome = await handler(testExchange(KEY))
    if (outcome.kind === "reply") answered.push(clock.now() - sentAt)
    else rejected++
  }
  const arrive = (): void => {
    for (let index = 0; index < demand; index++) void send()
    if (clock.now() < seconds * 1000) clock.after(10, arrive)
  }
  arrive()
  await clock.advance(seconds * 1000)
  return { answered, rejected }
}

const p99 = (times: readonly number[]): number =>
  times.toSorted((one, other) => one - other)[Math.floor(times.length * 0.99)] ?? Number.NaN
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

test("an adaptive limit comes near what the server can do at once, and follows when that is halved", async () => {
  const limits: { readonly atMs: number; readonly limit: number }[] = []
  const limit = concurrency({ adaptive: true, queue: { size: 100 } })
  const workers = (atMs: number): number => (atMs < 8000 ? 12 : 6)
  const sampled = (atMs: number): number => {
    limits.push({ atMs, limit: limit.usage(KEY).limit })
    return workers(atMs)
  }
  await play(limit, { workers: sampled, demand: 4, seconds: 16 })
  const during = (fromMs: number, toMs: number): number =>
    mean(limits.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map((sample) => sample.limit))
  expect(during(3000, 8000)).toBeGreaterThan(11)
  expect(during(3000, 8000)).toBeLessThan(22)
  expect(during(12_000, 16_000)).toBeGreaterThan(5)
  expect(during(12_000, 16_000)).toBeLessThan(13)
})

test("under half more load than the server can take, answers stay quick and the server stays busy", async () => {
  const load: Load = { workers: () => 10, demand: 3, seconds: 8 }
  const unlimited = await play(undefined, load)
  const adaptive = await play(concurrency({ adaptive: true, queue: { size: 20 } }), load)
  const fixed = await play(concurrency({ limit: 12, queue: { size: 20 } }), load)
  expect(p99(unlimited.answered)).toBeGreaterThan(2000)
  for (const { answered, rejected } of [adaptive, fixed]) {
    expect(p99(answered)).toBeLessThan(300)
    expect(answered.length).toBeGreaterThan(0.9 * unlimited.answered.length)
    expect(rejected).toBeGreaterThan(500)
  }
})

/** A server that gives this answer after so long. */
function answers(outcome: Outcome, tookMs: number, { clock }: ReturnType<typeof testRuntime>): Handler {
  return ({ watch }) => {
    watch?.sending()
    return new Promise((resolve) => clock.after(tookMs, () => resolve(outcome)))
  }
}

/** A limit, and attempts through it that end as the test says. */
function played(options: ConcurrencyOptions, on: Listeners = {}) {
  const limit = concurrency(options)
  const runtime = testRuntime({ on })
  const { clock } = runtime
  const round = async (outcome: Outcome, tookMs: number): Promise<void> => {
    const handler = limit.wrap(answers(outcome, tookMs, runtime), runtime)
    const all = Array.from({ length: limit.usage(KEY).limit }, () => handler(testExchange(KEY)))
    await clock.runUntil(Promise.all(all))
  }
  return { limit, round }
}

const status = (code: number): Reply => ({ ...ok, status: code })

test.each([
  ["429", status(429), 75],
  ["503", status(503), 75],
  ["a timeout", failure("timeout", "no reply within 20000 ms", undefined, { limit: "attempt" }), 75],
  ["500", status(500), 100],
  ["a refused connection", failure("refused", "refused"), 100],
  ["a rejection by another policy", failure("rejected", "breaker() is open"), 100],
  ["an abort at once", failure("aborted", "aborted by the caller"), 100],
])("a round of attempts that end with %s", async (_, outcome, expected) => {
  const { limit, round } = played({ adaptive: { initial: 100 } })
  await round(outcome, 10)
  expect(limit.usage(KEY).limit).toBe(expected)
})

test("a limit that changed is told, with how much of it is in use", async () => {
  const heard: unknown[] = []
  const { round } = played({ adaptive: { initial: 100, max: 100 } }, { changed: (event) => heard.push(event) })
  await round(status(503), 10)
  expect(heard).toEqual([
    {
      policy: "concurrency",
      key: KEY,
      state: "limit",
      why: "100 of 100 attempts ended with a sign of overload",
      numbers: { limit: 75, inFlight: 1, queued: 0 },
    },
  ])
})

test("a limit that rises lets in who waits", async () => {
  const limit = concurrency({ adaptive: { initial: 20 } })
  const runtime = testRuntime()
  const { clock } = runtime
  const handler = limit.wrap(answers(ok, 50, runtime), runtime)
  const all = Array.from({ length: 900 }, () => handler(testExchange(KEY)))
  let most = 0
  while (limit.usage(KEY).inFlight > 0) {
    await clock.advance(50)
    most = Math.max(most, limit.usage(KEY).inFlight)
  }
  expect((await Promise.all(all)).length).toBe(900)
  expect(most).toBeGreaterThan(20)
})

test("attempts that never went out teach it nothing", async () => {
  const limit = concurrency({ adaptive: { initial: 100 } })
  const runtime = testRuntime()
  const timeout = failure("timeout", "no token within 20000 ms", undefined, { limit: "attempt" })
  const handler = limit.wrap(async () => timeout, runtime)
  await Promise.all(Array.from({ length: 100 }, () => handler(testExchange(KEY))))
  expect(limit.usage(KEY)).toEqual({ limit: 100, inFlight: 0, queued: 0 })
})
