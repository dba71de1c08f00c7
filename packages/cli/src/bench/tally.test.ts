import { steadfetch, type Listeners } from "steadfetch"
import { scriptedTransport, testRuntime } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import { sumOf, Tally } from "./tally.ts"

type Server = ReturnType<typeof scriptedTransport>

/** Calls an API whose server says this, one after the other, and counts what becomes of it. */
async function counting(
  calls: number,
  script: (server: Server) => void,
  retry: { readonly attempts: number } | false = { attempts: 3 },
) {
  const { clock, random, uniqueId } = testRuntime()
  const server = scriptedTransport(clock)
  script(server)
  const tally = new Tally(clock)
  const on: Listeners = tally.listeners
  const client = steadfetch({ transport: server, retry, runtime: { clock, random, uniqueId }, on })
  for (let call = 0; call < calls; call++) {
    const start = { countsFrom: clock.now(), lateMs: 0 }
    tally.began(start)
    tally.ended(start, await clock.runUntil(client.get("https://api.example.com/orders").outcome()))
  }
  return { tally, clock }
}

describe("verdicts", () => {
  test("what was accepted is told apart by whether it took a retry", async () => {
    const { tally } = await counting(3, (server) =>
      server
        .replies(200, { body: "whole", delayMs: 5 })
        .replies(503, { headers: { "retry-after": "2" }, body: "wait" })
        .replies(200, { body: "whole", delayMs: 5 })
        .replies(302, { headers: { location: "/elsewhere" } })
        .replies(204),
    )
    expect(tally).toMatchObject({ calls: 3, attempts: 5, acceptedAtOnce: 2, acceptedAfterRetry: 1, bytes: 14 })
    expect(tally.waits).toMatchObject({ count: 1, asked: 1 })
    expect(tally.waits.totalMs).toBeGreaterThanOrEqual(2000)
    expect([...tally.acceptedStatuses]).toEqual([
      [200, 2],
      [204, 1],
    ])
    expect(tally.callLatencies.summary?.max).toBe(tally.waits.totalMs + 5)
    expect(tally.attemptLatencies.summary?.max).toBe(5)
  })

  test("a 4xx is to be corrected, with what the server said once", async () => {
    const gone = (server: Server): Server => server.replies(404, { body: { json: { message: "no such order" } } })
    const { tally } = await counting(3, (server) => gone(gone(gone(server))))
    expect([...tally.corrections]).toEqual([[404, { count: 3, messages: ["no such order"] }]])
    expect([tally.exhausted.size, tally.endings.size]).toEqual([0, 0])
  })

  test("a 5xx after all attempts, and a 4xx that could succeed later, are exhausted, with the reason", async () => {
    const { tally } = await counting(
      2,
      (server) =>
        server
          .replies(500)
          .replies(500)
          .replies(429, { headers: { "retry-after": "1" } })
          .replies(429, { headers: { "retry-after": "1" } }),
      { attempts: 2 },
    )
    expect([...tally.exhausted].map(([status, { count }]) => [status, count])).toEqual([
      [500, 1],
      [429, 1],
    ])
    expect([...tally.endings]).toEqual([["attempts", 2]])
    expect(tally.corrections.size).toBe(0)
  })

  test("without a reply the reason and its words are kept", async () => {
    const { tally } = await counting(2, (server) => server.fails("refused").fails("reset"), false)
    expect([...tally.noReplies]).toEqual([
      ["refused", { count: 1, messages: ["scripted: refused"] }],
      ["reset", { count: 1, messages: ["scripted: reset"] }],
    ])
    expect(sumOf(tally.noReplies)).toBe(2)
    expect([...tally.endings]).toEqual([["off", 2]])
  })

  test("no more than three messages of a status are kept, each cut to 200 characters", async () => {
    const { tally } = await counting(10, (server) => {
      for (let call = 0; call < 10; call++)
        server.replies(400, { body: { json: { message: `${call} ${"x".repeat(300)}` } } })
    })
    const { count, messages = [] } = tally.corrections.get(400) ?? {}
    expect([count, messages.length]).toEqual([10, 3])
    expect(messages.every((message) => message.length === 200 && message.endsWith("x…"))).toBe(true)
  })
})

test("calls that begin late are counted, with the longest wait", async () => {
  const { tally } = await counting(0, () => {})
  for (const lateMs of [0, 30, 70, 20]) tally.began({ countsFrom: 0, lateMs })
  expect([tally.late, tally.longestLateMs]).toEqual([3, 70])
})

test("rates are of the time up to the mark, where there is one", async () => {
  const { tally, clock } = await counting(2, (server) =>
    server.replies(200, { body: "1234", delayMs: 1000 }).replies(200, { delayMs: 1000 }),
  )
  expect(tally.mark).toEqual({ elapsedMs: 2000, calls: 2, bytes: 4 })
  tally.setMark()
  await clock.advance(5000)
  expect(tally.mark).toEqual({ elapsedMs: 2000, calls: 2, bytes: 4 })
  expect(tally.elapsedMs).toBe(7000)
})
