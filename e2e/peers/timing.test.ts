import { json, stall, startFaultServer, status, type FaultServer } from "@steadfetch/testing/fault-server"
import { createFetch, dropIn, steadfetch, systemClock, timeout } from "steadfetch"
import { describe, expect, onTestFinished, test } from "vitest"
import { HeldTime } from "./held-time.ts"

describe("2: an attempt that timed out does not poison the next ones", () => {
  const script = { "GET /": [stall("before-headers"), stall("before-headers"), json(200, { n: 3 })] }

  test("the client sends all of them, each with a time of its own", async () => {
    await using server = await startFaultServer(script)
    const time = new HeldTime()
    const api = steadfetch({
      baseUrl: server.origin,
      timeout: { attemptMs: 1000 },
      runtime: time.runtime(),
      on: time.passingWaits,
    })
    const body = api.get("/").json()
    await timeOutTwice(server, time)
    expect(await body).toEqual({ n: 3 })
    expect(server.requests).toHaveLength(3)
  })

  test("the drop-in sends all of them, also under a signal of the caller's", async () => {
    await using server = await startFaultServer(script)
    const time = new HeldTime()
    const policies = [...dropIn(), timeout({ attemptMs: 1000 })]
    const steadyFetch = createFetch({ policies, runtime: time.runtime(), on: time.passingWaits })
    const response = steadyFetch(server.origin, { signal: new AbortController().signal })
    await timeOutTwice(server, time)
    expect(await (await response).json()).toEqual({ n: 3 })
    expect(server.requests).toHaveLength(3)
  })
})

async function timeOutTwice(server: FaultServer, time: HeldTime): Promise<void> {
  await server.received(1)
  time.pass(1000)
  await server.received(2)
  time.pass(1000)
}

describe("4: an abort between two attempts ends the call there and then", () => {
  test("the client rejects with the reason while time stands still, and sends nothing more", async () => {
    await using server = await startFaultServer({ "GET /": status(503, { headers: { "retry-after": "10" } }) })
    const time = new HeldTime()
    const controller = new AbortController()
    const reason = { why: "the user left" }
    const on = { waiting: () => queueMicrotask(() => controller.abort(reason)) }
    const api = steadfetch({ baseUrl: server.origin, runtime: time.runtime(), on })
    await expect(api.get("/", { signal: controller.signal }).outcome()).rejects.toBe(reason)
    expect(time.pending).toBe(0)
    expect(server.requests).toHaveLength(1)
  })

  test("the drop-in rejects with the reason while time stands still, and sends nothing more", async () => {
    await using server = await startFaultServer({ "GET /": status(503, { headers: { "retry-after": "10" } }) })
    const time = new HeldTime()
    const controller = new AbortController()
    const reason = { why: "the user left" }
    const on = { waiting: () => queueMicrotask(() => controller.abort(reason)) }
    const steadyFetch = createFetch({ runtime: time.runtime(), on })
    await expect(steadyFetch(server.origin, { signal: controller.signal })).rejects.toBe(reason)
    expect(time.pending).toBe(0)
    expect(server.requests).toHaveLength(1)
  })
})

/** More than the 2^31 − 1 milliseconds that a timer of the platform can hold. */
const LONG_MS = 2_592_000_000
const throttled = status(503, { headers: { "retry-after": String(LONG_MS / 1000) }, body: "in thirty days" })

describe("5: a Retry-After beyond what a timer can hold does not make the client hammer the server", () => {
  test("with a deadline the call ends at once, and says when to come back", async () => {
    await using server = await startFaultServer({ "GET /": throttled })
    const time = new HeldTime()
    const api = steadfetch({ baseUrl: server.origin, runtime: time.runtime() })
    const outcome = await api.get("/").outcome()
    expect(outcome).toMatchObject({ kind: "server-error", status: 503, retryAt: new Date(time.date() + LONG_MS) })
    expect(server.requests).toHaveLength(1)
    expect(time.pending).toBe(0)
  })

  test("without one it waits that long, and not a millisecond less", async () => {
    await using server = await startFaultServer({ "GET /": [throttled, json(200, { n: 2 })] })
    const time = new HeldTime()
    const api = steadfetch({ baseUrl: server.origin, deadline: false, runtime: time.runtime(() => 0) })
    const body = api.get("/").json()
    await time.asked(LONG_MS)
    time.pass(LONG_MS - 1)
    expect(time.pending).toBe(1)
    expect(server.requests).toHaveLength(1)
    time.pass(1)
    expect(await body).toEqual({ n: 2 })
  })

  test("the machine's own timers hold it, too", async () => {
    await using server = await startFaultServer({ "GET /slow": throttled, "GET /fence": status(204) })
    const overflows: Error[] = []
    const note = (warning: Error): number => overflows.push(warning)
    process.on("warning", note)
    onTestFinished(() => void process.off("warning", note))
    const waiting = Promise.withResolvers<void>()
    const controller = new AbortController()
    const api = steadfetch({ baseUrl: server.origin, deadline: false, on: { waiting: () => waiting.resolve() } })
    const call = api.get("/slow", { signal: controller.signal }).outcome()
    await waiting.promise
    // A timer that overflows fires after one millisecond: these exchanges take many of them.
    for (const since = systemClock.now(); systemClock.now() - since < 50;) await api.get("/fence")
    controller.abort(new Error("seen enough"))
    await expect(call).rejects.toThrow("seen enough")
    expect(server.requests.filter(({ path }) => path === "/slow")).toHaveLength(1)
    expect(overflows).toEqual([])
  })

  test("the drop-in resolves at once with the reply, and when told to wait, waits", async () => {
    await using server = await startFaultServer({ "GET /": [throttled, throttled, json(200, { n: 3 })] })
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime(() => 0) })
    const reply = await steadyFetch(server.origin)
    expect([reply.status, await reply.text()]).toEqual([503, "in thirty days"])
    const patient = steadyFetch(server.origin, { steadfetch: { retry: { maxWaitMs: LONG_MS } } } as RequestInit)
    await time.asked(LONG_MS)
    time.pass(LONG_MS - 1)
    expect(server.requests).toHaveLength(2)
    time.pass(1)
    expect(await (await patient).json()).toEqual({ n: 3 })
  })
})

describe("6: a Retry-After above the cap of the backoff is kept", () => {
  const script = { "GET /": [status(503, { headers: { "retry-after": "120" } }), json(200, { n: 2 })] }

  test("the client waits as long as asked, with jitter only above it", async () => {
    await using server = await startFaultServer(script)
    const time = new HeldTime()
    const api = steadfetch({
      baseUrl: server.origin,
      deadline: 600_000,
      retry: { capMs: 1000 },
      runtime: time.runtime(),
    })
    const reply = api.get("/").outcome()
    await time.asked(120_250)
    time.pass(120_249)
    expect(server.requests).toHaveLength(1)
    time.pass(1)
    expect((await reply).kind).toBe("success")
  })

  test("the drop-in hands the reply over rather than come back early", async () => {
    await using server = await startFaultServer(script)
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime(), on: time.passingWaits })
    expect((await steadyFetch(server.origin)).status).toBe(503)
    expect(server.requests).toHaveLength(1)
  })
})

describe("10: calls of one instance do not inherit each other's delays", () => {
  const busyTwice = { steps: [status(503), status(503), status(200)], then: "repeat" } as const
  const fromAnew = [499.5, 999]

  test("each call of a client begins with the first delay again", async () => {
    await using server = await startFaultServer({ "GET /": busyTwice })
    const time = new HeldTime()
    const api = steadfetch({ baseUrl: server.origin, runtime: time.runtime(() => 0.999), on: time.passingWaits })
    for (let call = 0; call < 3; call++) {
      const { attempts } = await api.get("/")
      expect(attempts.map(({ waitMs }) => waitMs)).toEqual([...fromAnew, undefined])
    }
  })

  test("each call of a drop-in begins with the first delay again", async () => {
    await using server = await startFaultServer({ "GET /": busyTwice })
    const time = new HeldTime()
    const waits: number[] = []
    const { waiting } = time.passingWaits
    const steadyFetch = createFetch({
      runtime: time.runtime(() => 0.999),
      on: {
        waiting: (event) => {
          waits.push(event.waitMs)
          waiting?.(event)
        },
      },
    })
    for (let call = 0; call < 3; call++) await (await steadyFetch(server.origin)).text()
    expect(waits).toEqual([...fromAnew, ...fromAnew, ...fromAnew])
  })
})

describe("11: the time for an attempt is not shared by all of them, and one that ran out is retried", () => {
  test("four attempts may take as long as each of them may, up to the deadline", async () => {
    await using server = await startFaultServer({ "GET /": { steps: Array.from({ length: 4 }, () => slowReply) } })
    const time = new HeldTime()
    const api = steadfetch({
      baseUrl: server.origin,
      timeout: { attemptMs: 1000 },
      deadline: 30_000,
      retry: { attempts: 4 },
      runtime: time.runtime(),
      on: time.passingWaits,
    })
    const call = api.get("/").outcome()
    for (let attempt = 1; attempt <= 4; attempt++) {
      await server.received(attempt)
      time.pass(999)
      expect(server.requests).toHaveLength(attempt)
      time.pass(1)
    }
    const outcome = await call
    expect(outcome.kind === "no-reply" && outcome.error).toMatchObject({ name: "TimeoutError", limit: "attempt" })
    expect(outcome.attempts.map(({ durationMs, failure }) => [durationMs, failure])).toEqual(
      Array.from({ length: 4 }, () => [1000, "timeout"]),
    )
  })

  test("the deadline ends the attempt that it finds under way", async () => {
    await using server = await startFaultServer({ "GET /": slowReply })
    const time = new HeldTime()
    const options = { timeout: { attemptMs: 1000 }, deadline: 1700, runtime: time.runtime(() => 0) }
    const api = steadfetch({ baseUrl: server.origin, ...options, on: time.passingWaits })
    const call = api.get("/").outcome()
    await server.received(1)
    time.pass(1000)
    await server.received(2)
    time.pass(700)
    const outcome = await call
    expect(outcome.kind === "no-reply" && outcome.error).toMatchObject({ name: "TimeoutError", limit: "deadline" })
    expect(outcome.attempts).toHaveLength(2)
  })
})

const slowReply = stall("before-headers")

describe("19: a Retry-After that lies in the past, or is zero, does not switch the backoff off", () => {
  const named = { "a date of last year": "Wed, 01 Jan 2025 00:00:00 GMT", "no time at all": "0" }

  test.each(Object.entries(named))("the client backs off after %s", async (_, retryAfter) => {
    await using server = await startFaultServer({
      "GET /": { steps: [busy(retryAfter), busy(retryAfter), busy(retryAfter), status(204)] },
    })
    const time = new HeldTime()
    const api = steadfetch({ baseUrl: server.origin, runtime: time.runtime(), on: time.passingWaits })
    const { attempts } = await api.get("/")
    expect(attempts.map(({ waitMs }) => waitMs)).toEqual([250, 500, 1000, undefined])
  })

  test.each(Object.entries(named))("the drop-in backs off after %s", async (_, retryAfter) => {
    await using server = await startFaultServer({ "GET /": [busy(retryAfter), status(204)] })
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime() })
    const response = steadyFetch(server.origin)
    await time.asked(250)
    time.pass(250)
    expect((await response).status).toBe(204)
  })
})

function busy(retryAfter: string) {
  return status(503, { headers: { "retry-after": retryAfter } })
}
