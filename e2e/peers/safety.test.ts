import { fieldValue, json, reset, stall, startFaultServer, status, type Step } from "@steadfetch/testing/fault-server"
import { createFetch, dropIn, steadfetch, timeout, type DropInInit } from "steadfetch"
import { describe, expect, test } from "vitest"
import { HeldTime } from "./held-time.ts"

const created = json(201, { id: 7 })

/** Ways to fail after which nobody knows whether the request was processed. */
const unknownEnds: Readonly<Record<string, Step>> = {
  "a reset before the headers": reset("before-headers"),
  "a reset in mid-headers": reset("mid-headers"),
  "a reset in mid-body": reset({ afterBytes: 5 }),
  "a 500": status(500),
  "a 503 that names no time": status(503),
}

describe("8: a POST is not sent a second time without a key", () => {
  test.each(Object.entries(unknownEnds))("the client sends it once after %s, when keys are off", async (_, step) => {
    await using server = await startFaultServer({ "POST /orders": [step, created] })
    const time = new HeldTime()
    const options = { idempotencyKey: false, runtime: time.runtime(), on: time.passingWaits } as const
    const api = steadfetch({ baseUrl: server.origin, ...options })
    const outcome = await api.post("/orders", { json: { item: "tea" } }).outcome()
    expect(outcome.kind !== "success" && outcome.error.message).toContain("Idempotency-Key")
    expect(server.requests).toHaveLength(1)
  })

  test.each(Object.entries(unknownEnds))("the client sends it again after %s with the same key", async (_, step) => {
    await using server = await startFaultServer({ "POST /orders": [step, step, created] })
    const time = new HeldTime()
    const api = steadfetch({ baseUrl: server.origin, runtime: time.runtime(), on: time.passingWaits })
    expect(await api.post("/orders", { json: { item: "tea" } }).json()).toEqual({ id: 7 })
    expect(await api.post("/orders", { json: { item: "milk" } }).json()).toEqual({ id: 7 })
    const [first, second, third, ofNextCall] = server.requests.map(keyOf)
    expect(first).toMatch(/^[\w-]{22,}$/)
    expect([second, third]).toEqual([first, first])
    expect(ofNextCall).toMatch(/^[\w-]{22,}$/)
    expect(ofNextCall).not.toBe(first)
  })

  test("the drop-in sends it once, when keys are off", async () => {
    await using server = await startFaultServer({ "POST /orders": [reset("before-headers"), created] })
    const time = new HeldTime()
    const steadyFetch = createFetch({ idempotencyKey: false, runtime: time.runtime(), on: time.passingWaits })
    await expect(steadyFetch(`${server.origin}/orders`, { method: "POST", body: "tea" })).rejects.toThrow(TypeError)
    expect(server.requests).toHaveLength(1)
  })

  test("the drop-in sends it again with the same key", async () => {
    await using server = await startFaultServer({ "POST /orders": [reset("before-headers"), status(503), created] })
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime(), on: time.passingWaits })
    const response = await steadyFetch(`${server.origin}/orders`, { method: "POST", body: "tea" })
    expect(response.status).toBe(201)
    const [first, ...others] = server.requests.map(keyOf)
    expect(first).toMatch(/^[\w-]{22,}$/)
    expect(others).toEqual([first, first])
  })

  test("without a key it is still sent again when the connection was refused, for then nothing was sent", async () => {
    await using server = await startFaultServer({ "POST /orders": created })
    await server.stopListening()
    const time = new HeldTime()
    const listening = { waiting: (event: { waitMs: number }) => void comeBack(event.waitMs) }
    const comeBack = async (waitMs: number): Promise<void> => {
      await server.listenAgain()
      time.pass(waitMs)
    }
    const options = { idempotencyKey: false, runtime: time.runtime(), on: listening } as const
    const reply = await steadfetch({ baseUrl: server.origin, ...options }).post("/orders", { json: {} })
    expect(reply.attempts.map(({ failure, status }) => failure ?? status)).toEqual(["refused", 201])
    await server.stopListening()
    const response = await createFetch(options)(`${server.origin}/orders`, { method: "POST", body: "tea" })
    expect(response.status).toBe(201)
    expect(server.requests.map(keyOf)).toEqual([undefined, undefined])
  })
})

function keyOf({ headers }: { readonly headers: Parameters<typeof fieldValue>[0] }): string | undefined {
  return fieldValue(headers, "idempotency-key")
}

describe("17: retries that are switched off are off", () => {
  const failing: Readonly<Record<string, Step>> = {
    "a 503": status(503, { headers: { "retry-after": "0" } }),
    "a reset": reset("before-headers"),
    "a broken body": reset({ afterBytes: 5 }),
    "an attempt that times out": stall("before-headers"),
  }

  const offForClient = { "retry: false": false, "attempts: 1": { attempts: 1 } } as const
  const cases = Object.entries(failing).flatMap(([what, step]) =>
    Object.entries(offForClient).map(([how, retry]) => ({ what, how, step, retry })),
  )

  test.each(cases)("the client sends one request for $what with $how", async ({ step, retry }) => {
    await using server = await startFaultServer({ "GET /off": [step, status(204)], "GET /": [step, status(204)] })
    const time = new HeldTime()
    const options = { timeout: { attemptMs: 1000 }, runtime: time.runtime(), on: time.passingWaits }
    const calls = [
      steadfetch({ baseUrl: server.origin, ...options, retry })
        .get("/off")
        .outcome(),
      steadfetch({ baseUrl: server.origin, ...options })
        .get("/", { retry })
        .outcome(),
    ]
    await server.received(2)
    time.pass(1000)
    for (const outcome of await Promise.all(calls)) expect(outcome.kind).not.toBe("success")
    expect(server.requests).toHaveLength(2)
  })

  test.each(cases.filter(({ what }) => what !== "a broken body"))(
    "the drop-in sends one request for $what with $how",
    async ({ step, retry }) => {
      await using server = await startFaultServer({ "GET /off": [step, status(204)], "GET /": [step, status(204)] })
      const time = new HeldTime()
      const options = { runtime: time.runtime(), on: time.passingWaits }
      const limits = timeout({ attemptMs: 1000 })
      const off = createFetch({ policies: [...dropIn({ retry }), limits], ...options })
      const usual = createFetch({ policies: [...dropIn(), limits], ...options })
      const init: DropInInit = { steadfetch: { retry } }
      const calls = [off(`${server.origin}/off`), usual(server.origin, init)]
      const statuses = Promise.all(
        calls.map((call) =>
          call.then(
            (response) => response.status,
            () => "no reply",
          ),
        ),
      )
      await server.received(2)
      time.pass(1000)
      expect(await statuses).not.toContain(204)
      expect(server.requests).toHaveLength(2)
    },
  )
})

describe("18: the calls to one origin share one budget of retries", () => {
  test("many calls at once into an outage add few requests, and leave other origins alone", async () => {
    await using down = await startFaultServer({ "GET /": status(503) })
    await using other = await startFaultServer({ "GET /": [status(503), status(204)] })
    const time = new HeldTime()
    const retry = { budget: { capacity: 10, perSuccess: 0.1 } }
    const api = steadfetch({ retry, deadline: false, runtime: time.runtime(), on: time.passingWaits })
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => api.get(down.origin).outcome()))
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(["server-error"]))
    expect(down.requests).toHaveLength(110)
    expect((await api.get(other.origin)).attempts).toHaveLength(2)
  })

  test("so do the calls of a drop-in", async () => {
    await using down = await startFaultServer({ "GET /": status(503) })
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime(), on: time.passingWaits })
    const calls = Array.from({ length: 100 }, async () => {
      const response = await steadyFetch(down.origin)
      await response.text()
      return response.status
    })
    expect(new Set(await Promise.all(calls))).toEqual(new Set([503]))
    expect(down.requests).toHaveLength(110)
  })
})
