import { rehearse } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import { TimeoutError, type TimeoutOptions } from "../index.ts"

const once = { retry: false } as const
const hello = new TextEncoder().encode("hello")

async function timeoutOf(call: Promise<unknown>): Promise<TimeoutError> {
  const error: unknown = await call.then(undefined, (error: unknown) => error)
  if (!TimeoutError.is(error)) throw new Error(`ended with ${String(error)}`)
  return error
}

describe("the attempt timeout", () => {
  test("ends an attempt whose headers do not come in time", async () => {
    const { api, server, run, clock } = rehearse({ ...once, timeout: { attemptMs: 1500 } })
    server.hangs()
    const error = await timeoutOf(run(api.get("/")))
    expect(error).toMatchObject({ code: "timeout", limit: "attempt", message: expect.stringContaining("1500 ms") })
    expect([clock.now(), clock.pending, server.requests[0]?.end]).toEqual([1500, 0, "aborted"])
  })

  test("is 20 s unless told otherwise", async () => {
    const { api, server, run, clock } = rehearse(once)
    server.hangs()
    await timeoutOf(run(api.get("/")))
    expect(clock.now()).toBe(20_000)
  })

  test("starts anew with every attempt, so that one that timed out is retried with all its time", async () => {
    const { api, server, run, clock } = rehearse({ retry: { baseMs: 0 }, timeout: { attemptMs: 1000 } })
    server.hangs().hangs().replies(200, { delayMs: 999 })
    const { attempts } = await run(api.get("/"))
    expect(attempts.map(({ durationMs, failure }) => [durationMs, failure])).toEqual([
      [1000, "timeout"],
      [1000, "timeout"],
      [999, undefined],
    ])
    expect([clock.now(), clock.pending]).toEqual([2999, 0])
  })

  test("does not count the body, however slow", async () => {
    const { api, server, run, clock } = rehearse({ ...once, timeout: { attemptMs: 1000 } })
    server.replies(200, { body: hello, delayMs: 900, trickle: { chunkBytes: 1, gapMs: 900 } })
    expect(await run(api.get("/").text())).toBe("hello")
    expect(clock.now()).toBe(900 + 5 * 900)
  })

  test("counts all requests of an attempt: those that redirects and refreshed credentials add", async () => {
    const { api, server, run, clock } = rehearse({ ...once, timeout: { attemptMs: 1000 } })
    server.replies(302, { headers: { location: "/there" }, delayMs: 300 }).hangs()
    expect(await timeoutOf(run(api.get("/")))).toMatchObject({ limit: "attempt" })
    expect([clock.now(), clock.pending]).toEqual([1000, 0])
  })

  test("does not let a POST without a key be repeated: it may have been processed", async () => {
    const { api, server, run } = rehearse({ retry: { baseMs: 0 }, idempotencyKey: false })
    server.hangs()
    expect((await timeoutOf(run(api.post("/", { json: 1 })))).attempts.length).toBe(1)
  })
})

describe("the stall timeout", () => {
  const limit = { ...once, timeout: { attemptMs: 5000, stallMs: 1000 } }

  test("ends a buffered body of which nothing arrives any more", async () => {
    const { api, server, run, clock } = rehearse(limit)
    server.replies(200, { body: hello, delayMs: 100, trickle: { chunkBytes: 1, gapMs: 700 }, stallsAfterBytes: 2 })
    expect(await timeoutOf(run(api.get("/").text()))).toMatchObject({ limit: "stall" })
    expect([clock.now(), clock.pending, server.openBodies]).toEqual([100 + 1400 + 1000, 0, 0])
  })

  test("ends a stream whose reader waits in vain", async () => {
    const { api, server, run, clock } = rehearse(limit)
    server.replies(200, { body: hello, stallsAfterBytes: 2 })
    const reader = (await run(api.get("/").stream())).getReader()
    expect((await run(reader.read())).value?.length).toBe(2)
    expect(await timeoutOf(run(reader.read()))).toMatchObject({ limit: "stall" })
    expect([clock.now(), clock.pending, server.openBodies]).toEqual([1000, 0, 0])
  })

  test("does not blame the server for a reader that takes its time", async () => {
    const { api, server, run, clock } = rehearse(limit)
    server.replies(200, { body: hello, trickle: { chunkBytes: 1, gapMs: 10 } })
    const reader = (await run(api.get("/").stream())).getReader()
    let text = ""
    for (;;) {
      const { done, value } = await run(reader.read())
      if (done) break
      text += new TextDecoder().decode(value)
      await clock.advance(60_000)
    }
    expect([text, clock.pending]).toEqual(["hello", 0])
  })

  test("measures each pause by itself", async () => {
    const { api, server, run, clock } = rehearse({ ...limit, deadline: false })
    server.replies(200, { body: new Uint8Array(100), trickle: { chunkBytes: 1, gapMs: 999 } })
    expect((await run(api.get("/").bytes())).length).toBe(100)
    expect([clock.now(), clock.pending]).toEqual([99_900, 0])
  })

  test("is gone when the reader cancels", async () => {
    const { api, server, run, clock } = rehearse(limit)
    server.replies(200, { body: hello, stallsAfterBytes: 2 })
    const reader = (await run(api.get("/").stream())).getReader()
    await run(reader.read())
    const waiting = reader.read()
    await reader.cancel()
    expect((await waiting).done).toBe(true)
    expect([clock.pending, server.openBodies]).toEqual([0, 0])
  })
})

test("limits can be switched off, by the client and by the call", async () => {
  const { api, server, run, clock } = rehearse({ ...once, timeout: false, deadline: false })
  server.replies(200, { delayMs: 3_600_000, body: hello, trickle: { chunkBytes: 1, gapMs: 3_600_000 } })
  expect(await run(api.get("/").text())).toBe("hello")
  const other = rehearse({ ...once, timeout: { attemptMs: 10, stallMs: 10 }, deadline: false })
  other.server.replies(200, { delayMs: 3_600_000, body: hello, trickle: { chunkBytes: 1, gapMs: 3_600_000 } })
  expect(await other.run(other.api.get("/", { timeout: false }).text())).toBe("hello")
  expect([clock.pending, other.clock.pending]).toEqual([0, 0])
})

test("a call sets one limit and keeps the other", async () => {
  const { api, server, run, clock } = rehearse({ ...once, timeout: { attemptMs: 1000, stallMs: 50 } })
  server.replies(200, { delayMs: 1500, body: hello, stallsAfterBytes: 0 })
  expect(await timeoutOf(run(api.get("/", { timeout: { attemptMs: 2000 } }).text()))).toMatchObject({ limit: "stall" })
  expect(clock.now()).toBe(1550)
})

test("a limit beyond 2^31 ms does not fire at once", async () => {
  const { api, server, run } = rehearse({ ...once, timeout: { attemptMs: 2 ** 40 }, deadline: false })
  server.replies(200, { delayMs: 2 ** 33 })
  expect((await run(api.get("/"))).status).toBe(200)
})

test.each([
  [{ attemptMs: 0 }, "attemptMs"],
  [{ stallMs: -1 }, "stallMs"],
  [{ attemptMs: Number.NaN }, "attemptMs"],
  [{ connectMs: 5 }, "connectMs"],
])("%j is refused when the client is made", (timeout, named) => {
  expect(() => rehearse({ timeout: timeout as TimeoutOptions })).toThrow(named)
})

test("a defect further in leaves no timer behind", async () => {
  const { api, server, run, clock } = rehearse({ ...once, deadline: false })
  const defect = new Error("a defect")
  server.throws(defect)
  await expect(run(api.get("/"))).rejects.toBe(defect)
  expect(clock.pending).toBe(0)
})

test("a stall is told from a reply that does not come", async () => {
  const { api, server, run } = rehearse({ ...once, timeout: { attemptMs: 1000, stallMs: 700 } })
  server.replies(200, { body: hello, trickle: { chunkBytes: 1, gapMs: 800 } })
  const error = await timeoutOf(run(api.get("/").text()))
  expect(error).toMatchObject({ limit: "stall", message: expect.stringContaining("no bytes for 700 ms") })
})
