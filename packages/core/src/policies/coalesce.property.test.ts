import { getEventListeners } from "node:events"
import { rehearse } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import type { EventMap } from "../index.ts"
import { coalesce } from "./coalesce.ts"

/** One caller: when it comes, what it asks for, and when it loses patience. */
const caller = fc.record({
  atMs: fc.nat(3000),
  key: fc.nat(2),
  abortAfterMs: fc.option(fc.nat(2000), { nil: undefined }),
})

/** What the server does with one request. */
const scene = fc.record({
  status: fc.constantFrom(200, 200, 503, 404),
  delayMs: fc.nat(1500),
  hangs: fc.nat(9).map((chance) => chance === 0),
  breaks: fc.nat(9).map((chance) => chance === 0),
})

const scenario = fc.record({
  seed: fc.integer(),
  callers: fc.array(caller, { minLength: 1, maxLength: 20 }),
  scenes: fc.array(scene, { maxLength: 20 }),
  deadline: fc.integer({ min: 200, max: 5000 }),
})

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

/** Plays all callers; `chains` tells how many calls for a key were at work at once, at most. */
async function play({ seed, callers, scenes, deadline }: Scenario) {
  const working = new Map<string, number>()
  const chains: number[] = []
  const counting = {
    name: "counting",
    scope: "call" as const,
    wrap:
      (next: Parameters<ReturnType<typeof coalesce>["wrap"]>[0]) => async (exchange: Parameters<typeof next>[0]) => {
        const { url } = exchange.request
        const add = (change: number): void => {
          working.set(url, (working.get(url) ?? 0) + change)
          chains.push(working.get(url) ?? 0)
        }
        add(1)
        let isOver = false
        const over = (): void => {
          if (!isOver) add(-1)
          isOver = true
        }
        // Work that was called off does not count, though it may take a moment to end.
        exchange.signal?.addEventListener("abort", over)
        return next(exchange).finally(over)
      },
  }
  const served: EventMap["served"][] = []
  const rehearsal = rehearse({
    seed,
    deadline,
    retry: { attempts: 3, baseMs: 300 },
    add: [coalesce(), counting],
    on: { served: (event) => served.push(event) },
  })
  const { api, server, clock, run } = rehearsal
  for (const { status, delayMs, hangs, breaks } of scenes) {
    if (hangs) server.hangs()
    else server.replies(status, { delayMs, body: "a body", ...(breaks ? { breaksAfterBytes: 2 } : {}) })
  }
  server.otherwise.replies(200, { body: "a body", delayMs: 50 })
  const signals: AbortSignal[] = []
  const calls = callers.map(async ({ atMs, key, abortAfterMs }, index) => {
    await new Promise<void>((resolve) => clock.after(atMs, resolve))
    const controller = new AbortController()
    signals.push(controller.signal)
    const callOff = clock.after(abortAfterMs ?? Number.POSITIVE_INFINITY, () => controller.abort(index))
    const end = await api.get(`/${key}`, { signal: controller.signal }).outcome().then(
      (outcome) => ({ outcome, reason: undefined }),
      (reason: unknown) => ({ outcome: undefined, reason }),
    ) // prettier-ignore
    callOff()
    return { ...end, tookMs: clock.now() - atMs, abortAfterMs, index }
  })
  const ends = await run(Promise.all(calls))
  return { ...rehearsal, ends, chains, served, signals }
}

test("whoever comes and goes: one chain per key at a time, every caller settles in time, and nothing is left", () =>
  fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { ends, chains, server, clock, signals } = await play(given)
      expect(Math.max(...chains)).toBe(1)
      for (const { outcome, reason, tookMs, abortAfterMs, index } of ends) {
        expect(tookMs).toBeLessThanOrEqual(Math.min(given.deadline, abortAfterMs ?? given.deadline))
        const own = outcome === undefined ? [reason, tookMs] : [index, abortAfterMs]
        expect(own).toEqual([index, abortAfterMs])
        expect(outcome?.kind === "success" ? await outcome.text() : "a body").toBe("a body")
      }
      const listeners = signals.map((signal) => getEventListeners(signal, "abort").length)
      expect([clock.pending, server.openBodies, Math.max(...listeners)]).toEqual([0, 0, 0])
      expect(server.requests.filter(({ end }) => end === "open")).toEqual([])
    }),
    { numRuns: 300 },
  ))

test("a call that ends by its deadline had all of its time, unless a real reply says why not", () =>
  fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { ends } = await play(given)
      const late = ends.filter(({ outcome }) => outcome?.kind === "no-reply" && outcome.error.message.includes("deadline of")) // prettier-ignore
      expect(late.map(({ tookMs }) => tookMs)).toEqual(late.map(() => given.deadline))
    }),
    { numRuns: 200 },
  ))

test("attempts are told in order, each once, and every reply that nobody else asked for is one's own", () =>
  fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { ends, served } = await play(given)
      const settled = ends.flatMap(({ outcome }) => (outcome === undefined ? [] : outcome))
      for (const { attempts } of settled) {
        const starts = attempts.map(({ startedAt }) => startedAt)
        expect(starts).toEqual([...starts].toSorted((a, b) => a - b))
        expect(new Set(attempts).size).toBe(attempts.length)
      }
      const marked = settled.filter((outcome) => "servedBy" in outcome && outcome.servedBy === "coalesce")
      expect(served.length).toBeGreaterThanOrEqual(marked.length)
    }),
    { numRuns: 150 },
  ))
