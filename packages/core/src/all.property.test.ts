import { getEventListeners } from "node:events"
import { rehearse } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { all } from "./index.ts"

const scene = fc.record({
  status: fc.constantFrom(200, 200, 200, 404, 503),
  delayMs: fc.nat(500),
  fails: fc.nat(9).map((chance) => chance === 0),
})

const scenario = fc.record({
  seed: fc.integer(),
  scenes: fc.array(scene, { maxLength: 30 }),
  concurrency: fc.integer({ min: 1, max: 8 }),
  from: fc.constantFrom("calls", "list", "generator", "async generator"),
  itemMs: fc.nat(200),
  stopAt: fc.option(fc.nat(30), { nil: undefined }),
  abortAtMs: fc.option(fc.nat(3000), { nil: undefined }),
})

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

/** Plays a batch; `most` is the most calls that were under way at once. */
async function play({ seed, scenes, concurrency, from, itemMs, stopAt, abortAtMs }: Scenario) {
  let [underWay, most] = [0, 0]
  const seen = (change: number) => () => {
    underWay += change
    most = Math.max(most, underWay)
  }
  const stage = rehearse({ seed, retry: false, on: { "call-started": seen(1), "call-ended": seen(-1) } })
  const { api, server, clock, run } = stage
  for (const [id, { status, delayMs, fails }] of scenes.entries()) {
    const step = server.expect(`GET /${id}`)
    if (fails) step.fails("reset", { delayMs })
    else step.replies(status, { delayMs, body: String(id) })
  }
  const controller = new AbortController()
  const callOff = clock.after(abortAtMs ?? Number.POSITIVE_INFINITY, () => controller.abort("left"))
  const ids = [...scenes.keys()]
  let read = 0
  const options = {
    concurrency,
    signal: controller.signal,
    read: async (reply: { text(): Promise<string> }) => reply.text(),
    stopWhen: ({ index }: { index: number }) => index === stopAt,
  }
  const call = (id: number) => api.get(`/${id}`)
  function* generator() {
    for (const id of ids) {
      read++
      yield id
    }
  }
  async function* later() {
    for (const id of generator()) {
      await new Promise<void>((resolve) => clock.after(itemMs, resolve))
      yield id
    }
  }
  const begin = async () => {
    if (from === "calls") return all(ids.map(call), options)
    return all(from === "list" ? ids : from === "generator" ? generator() : later(), call, options)
  }
  const batch = await run(begin())
  callOff()
  const endedAt = clock.now()
  return { ...stage, batch, most, read, endedAt, signal: controller.signal }
}

test("never more at once than allowed, each call once, ends in order, an abort at once, and nothing is left", () =>
  fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { batch, server, clock, most, read, endedAt, signal } = await play(given)
      const { scenes, concurrency, from, stopAt, abortAtMs } = given
      expect(most).toBeLessThanOrEqual(concurrency)
      const sent = server.requests.map(({ url }) => url)
      expect(new Set(sent).size).toBe(sent.length)
      const { ends, counts } = batch
      expect(ends.map(({ index }) => index)).toEqual([...ends.keys()])
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(ends.length)
      expect(ends.length - counts["not-sent"]).toBe(sent.length)
      const isWhole = from === "calls" || from === "list" || !batch.isStopped
      expect(isWhole ? ends.length : scenes.length).toBe(scenes.length)
      // One item at most was asked for that did not go out.
      expect(read).toBeLessThanOrEqual(sent.length + 1)
      for (const end of ends) {
        const { status, fails } = scenes[end.index] ?? { status: 0, fails: false }
        const kinds = fails ? ["no-reply"] : [status === 200 ? "success" : status === 404 ? "client-error" : "server-error"]
        expect([...kinds, ...(batch.isStopped ? ["not-sent", "thrown"] : [])]).toContain(end.kind)
        expect(end.kind === "success" ? end.value : String(end.index)).toBe(String(end.index))
        expect(end.kind === "thrown" ? end.error : "left").toBe("left")
      }
      expect(batch.isStopped || stopAt === undefined || stopAt >= scenes.length).toBe(true)
      expect(endedAt).toBeLessThanOrEqual(abortAtMs ?? endedAt)
      expect([server.openBodies, getEventListeners(signal, "abort").length]).toEqual([0, 0])
      expect(server.requests.filter(({ end }) => end === "open")).toEqual([])
      expect(from === "async generator" || clock.pending === 0).toBe(true)
    }),
    { numRuns: 300 },
  )) // prettier-ignore
