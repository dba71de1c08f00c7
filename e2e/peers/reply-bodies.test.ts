import { endless, json, patternBytes, reset, stall, startFaultServer, status } from "@steadfetch/testing/fault-server"
import { createFetch, fetchTransport, steadfetch, TimeoutError } from "steadfetch"
import { describe, expect, test } from "vitest"
import { fetchOver, newDispatcher } from "./dispatcher.ts"
import { HeldTime } from "./held-time.ts"

describe("3: a timeout does not stop at the headers", () => {
  test("a body that stalls is a failed attempt, and the next one succeeds", async () => {
    await using server = await startFaultServer({ "GET /": [stall({ afterBytes: 10 }), json(200, { whole: true })] })
    const time = new HeldTime()
    const timeout = { attemptMs: 20_000, stallMs: 7000 }
    const api = steadfetch({ baseUrl: server.origin, timeout, runtime: time.runtime(), on: time.passingWaits })
    const body = api.get("/").json()
    await time.asked(7000)
    time.pass(7000)
    expect(await body).toEqual({ whole: true })
    expect(server.requests.map(({ end }) => end)).toEqual(["cut", "answered"])
  })

  test("a streamed body that stalls ends with a TimeoutError", async () => {
    await using server = await startFaultServer({ "GET /": stall({ afterBytes: 10 }) })
    const time = new HeldTime()
    const api = steadfetch({ baseUrl: server.origin, timeout: { stallMs: 7000 }, runtime: time.runtime() })
    const reader = (await api.get("/").stream()).getReader()
    expect((await reader.read()).value).toHaveLength(10)
    // Nobody is waiting for a byte now: a reader that takes its time is no stall.
    time.pass(7000)
    const rest = reader.read()
    await time.asked(7000)
    time.pass(7000)
    const error: unknown = await rest.catch((reason: unknown) => reason)
    expect(TimeoutError.is(error) && error.limit).toBe("stall")
    await server.allClosed()
  })

  test("the whole call's deadline holds for the body, too", async () => {
    await using server = await startFaultServer({ "GET /": stall({ afterBytes: 10 }) })
    const time = new HeldTime()
    const headers = Promise.withResolvers<void>()
    const transport = fetchTransport({ fetch: (input, init) => fetch(input, init).finally(headers.resolve) })
    const limits = { timeout: false, deadline: 9000 } as const
    const api = steadfetch({ baseUrl: server.origin, transport, ...limits, runtime: time.runtime() })
    const body = api.get("/").json()
    await headers.promise
    time.pass(9000)
    await expect(body).rejects.toMatchObject({ name: "TimeoutError", limit: "deadline" })
    await server.allClosed()
  })

  test("under the drop-in, the caller's signal still ends a body that stalls", async () => {
    await using server = await startFaultServer({ "GET /": [status(503), stall({ afterBytes: 10 })] })
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime(), on: time.passingWaits })
    const controller = new AbortController()
    const response = await steadyFetch(server.origin, { signal: controller.signal })
    const text = response.text()
    const reason = new Error("the SDK's own timeout")
    controller.abort(reason)
    await expect(text).rejects.toBe(reason)
    await server.finished(2)
  })
})

/** The platform's fetch, kept to a single connection. */
async function overOneConnection(): Promise<typeof fetch> {
  const dispatcher = await newDispatcher({ connections: 1 })
  return fetchOver(() => dispatcher)
}

describe("7: a discarded reply frees its connection, so that with only one the retry does not deadlock", () => {
  const replies = { "a short page": status(503, { body: "busy" }), "a page without end": endless() } as const

  test.each(Object.entries(replies))("the client, streaming, after %s", async (_, reply) => {
    await using server = await startFaultServer({ "GET /": [{ ...reply, status: 503 }, json(200, { n: 2 })] })
    const time = new HeldTime()
    const transport = fetchTransport({ fetch: await overOneConnection() })
    const api = steadfetch({ baseUrl: server.origin, transport, runtime: time.runtime(), on: time.passingWaits })
    const outcome = await api.get("/").outcome({ reading: "stream" })
    expect(outcome.kind === "success" && (await outcome.json())).toEqual({ n: 2 })
  })

  test("the client, buffering, keeps the connection", async () => {
    await using server = await startFaultServer({ "GET /": [replies["a short page"], json(200, { n: 2 })] })
    const time = new HeldTime()
    const transport = fetchTransport({ fetch: await overOneConnection() })
    const api = steadfetch({ baseUrl: server.origin, transport, runtime: time.runtime(), on: time.passingWaits })
    expect(await api.get("/").json()).toEqual({ n: 2 })
    expect(server.totalConnections).toBe(1)
  })

  test.each(Object.entries(replies))("the drop-in, after %s", async (_, reply) => {
    await using server = await startFaultServer({ "GET /": [{ ...reply, status: 503 }, json(200, { n: 2 })] })
    const time = new HeldTime()
    const steadyFetch = createFetch({
      fetch: await overOneConnection(),
      runtime: time.runtime(),
      on: time.passingWaits,
    })
    const response = await steadyFetch(server.origin)
    expect(await response.json()).toEqual({ n: 2 })
  })
})

/** The platform's fetch, with bodies whose cancellation never comes to an end. */
const neverCancelled: typeof fetch = async (input, init) => {
  const response = await fetch(input, init)
  const reader = response.body?.getReader()
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
      if (done || value === undefined) controller.close()
      else controller.enqueue(value)
    },
    cancel: () => new Promise<void>(() => {}),
  })
  return new Response(body, response)
}

describe("16: nobody waits for a cancelled body", () => {
  test("the client retries although the cancellation hangs", async () => {
    await using server = await startFaultServer({ "GET /": [{ ...endless(), status: 503 }, json(200, { n: 2 })] })
    const time = new HeldTime()
    const transport = fetchTransport({ fetch: neverCancelled })
    const api = steadfetch({ baseUrl: server.origin, transport, runtime: time.runtime(), on: time.passingWaits })
    const outcome = await api.get("/").outcome({ reading: "stream" })
    expect(outcome.kind === "success" && (await outcome.json())).toEqual({ n: 2 })
  })

  test("the drop-in retries although the cancellation hangs", async () => {
    await using server = await startFaultServer({ "GET /": [{ ...endless(), status: 503 }, json(200, { n: 2 })] })
    const time = new HeldTime()
    const steadyFetch = createFetch({ fetch: neverCancelled, runtime: time.runtime(), on: time.passingWaits })
    expect(await (await steadyFetch(server.origin)).json()).toEqual({ n: 2 })
  })
})

describe("20: a body that broke off is never continued with another representation", () => {
  const first = reset({ afterBytes: 100 }, { headers: { etag: '"first"' }, body: { bytes: 500 } })
  const second = status(200, { headers: { etag: '"second"' }, body: "the second representation" })

  test("the client starts anew and gives the second one alone", async () => {
    await using server = await startFaultServer({ "GET /": [first, second] })
    const time = new HeldTime()
    const api = steadfetch({ baseUrl: server.origin, runtime: time.runtime(), on: time.passingWaits })
    const reply = await api.get("/")
    expect(await reply.text()).toBe("the second representation")
    expect(reply.headers.get("etag")).toBe('"second"')
    expect(reply.attempts.map(({ failure }) => failure)).toEqual(["broken-body", undefined])
  })

  test("a stream of the client's ends with an error after the first one's bytes", async () => {
    await using server = await startFaultServer({ "GET /": [first, second] })
    const time = new HeldTime()
    const api = steadfetch({ baseUrl: server.origin, runtime: time.runtime(), on: time.passingWaits })
    await expectBrokenAfterFirst(await api.get("/").stream(), { name: "NoReplyError", code: "broken-body" })
    expect(server.requests).toHaveLength(1)
  })

  test("a Response of the drop-in's ends with an error after the first one's bytes", async () => {
    await using server = await startFaultServer({ "GET /": [first, second] })
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime(), on: time.passingWaits })
    const { body } = await steadyFetch(server.origin)
    await expectBrokenAfterFirst(body ?? new ReadableStream(), { name: "TypeError" })
    expect(server.requests).toHaveLength(1)
  })
})

async function expectBrokenAfterFirst(body: ReadableStream<Uint8Array>, error: object): Promise<void> {
  const pieces: Uint8Array[] = []
  const reading = (async () => {
    for await (const piece of body) pieces.push(piece)
  })()
  await expect(reading).rejects.toMatchObject(error)
  const received = Buffer.concat(pieces)
  expect(Buffer.from(patternBytes(100)).subarray(0, received.length).equals(received)).toBe(true)
}
