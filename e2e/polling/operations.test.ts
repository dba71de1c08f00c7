import { getEventListeners } from "node:events"
import { fieldValue, json, reset, startFaultServer, status } from "@steadfetch/testing/fault-server"
import { bearer, OperationError, polling, steadfetch, type ClientOptions } from "steadfetch"
import { expect, test } from "vitest"

const quick = { attempts: 4, baseMs: 1, capMs: 5, budget: false } as const

/** A client that polls as fast as it may. */
function client(options: ClientOptions) {
  return steadfetch<[typeof polling]>({ retry: quick, ...options, abilities: [polling] })
}

const at = (location: string, code = 202) => status(code, { headers: { location } })

test("an export survives resets and 503s in its call, its monitor and its result", async () => {
  await using server = await startFaultServer({
    "POST /exports": [reset("after-headers"), status(503), at("/jobs/7")],
    "GET /jobs/7": [
      reset("before-headers"),
      json(200, { status: "running" }),
      status(502),
      status(202),
      at("/files/7", 303),
      at("/files/7", 303),
    ],
    "GET /files/7": [
      reset({ afterBytes: 10 }, { body: { json: { rows: [1, 2, 3] } } }),
      json(200, { rows: [1, 2, 3] }),
    ],
  })
  const api = client({ baseUrl: server.origin })
  const states: (string | undefined)[] = []
  const poll = api.post("/exports", { json: {} }).poll({ baseMs: 1, onProgress: ({ state }) => states.push(state) })
  expect(await poll.json()).toEqual({ rows: [1, 2, 3] })
  expect(states).toEqual([undefined, "running", undefined])
  const posts = server.requests.filter(({ method }) => method === "POST")
  const keys = posts.map(({ headers }) => fieldValue(headers, "idempotency-key"))
  expect([keys.length, new Set(keys).size]).toEqual([3, 1])
  expect(keys[0]).toBeTypeOf("string")
})

test("a large result arrives as a stream, whether the monitor redirects to it, names it or is it", async () => {
  const bytes = 3 << 20
  await using server = await startFaultServer({
    "POST /a": at("/jobs/a"),
    "GET /jobs/a": at("/files/a", 303),
    "GET /files/a": status(200, { body: { bytes } }),
    "POST /b": status(202, { headers: { "operation-location": "/jobs/b" } }),
    "GET /jobs/b": json(200, { status: "Succeeded", resourceLocation: "/files/a" }),
    "POST /c": at("/jobs/c"),
    "GET /jobs/c": status(200, { body: { bytes } }),
  })
  const api = client({ baseUrl: server.origin })
  for (const path of ["/a", "/b", "/c"]) {
    const stream = await api.post(path).poll({ baseMs: 1 }).stream()
    let length = 0
    for await (const chunk of stream) length += chunk.byteLength
    expect(length).toBe(bytes)
  }
})

test("an abort ends the wait there and then, and nothing more is asked", async () => {
  await using server = await startFaultServer({ "POST /exports": status(202, { headers: { location: "/jobs/7", "retry-after": "60" } }) }) // prettier-ignore
  const api = client({ baseUrl: server.origin })
  const controller = new AbortController()
  const why = { why: "the user left" }
  const ended = api
    .post("/exports", { signal: controller.signal })
    .poll({ onProgress: () => queueMicrotask(() => controller.abort(why)) })
    .json()
  await expect(ended).rejects.toBe(why)
  expect(server.requests).toHaveLength(1)
  expect(getEventListeners(controller.signal, "abort")).toEqual([])
})

test("the deadline ends a poll while its monitor says nothing", async () => {
  await using server = await startFaultServer({ "POST /exports": at("/jobs/7"), "GET /jobs/7": { kind: "drop", at: "before-headers", by: "silence" } }) // prettier-ignore
  const ended = client({ baseUrl: server.origin }).post("/exports").poll({ baseMs: 1, deadline: 600 }).outcome()
  const error = await ended.then(undefined, (error: unknown) => error)
  expect(OperationError.is(error)).toBe(true)
  expect(error).toMatchObject({ reason: "deadline", monitor: `${server.origin}/jobs/7`, status: 202 })
})

test("no credentials reach another origin, whether it is asked or redirected to", async () => {
  await using other = await startFaultServer({ "GET /jobs/7": at("/files/7", 303), "GET /files/7": json(200, { rows: 3 }) }) // prettier-ignore
  await using server = await startFaultServer({
    "POST /away": at(`${other.origin}/jobs/7`),
    "POST /redirected": at("/jobs/7"),
    "GET /jobs/7": at(`${other.origin}/files/7`, 303),
  })
  const api = client({ baseUrl: server.origin, auth: bearer("sesame-open"), headers: { "x-tenant": "3" } })
  const own = { headers: { "x-api-key": "sesame-too" } }
  await expect(api.post("/away", own).poll({ baseMs: 1 }).json()).rejects.toMatchObject({ reason: "other-origin" })
  expect(other.requests).toHaveLength(0)
  expect(
    await api
      .post("/away", own)
      .poll({ baseMs: 1, origins: [other.origin] })
      .json(),
  ).toEqual({ rows: 3 })
  expect(await api.post("/redirected", own).poll({ baseMs: 1 }).json()).toEqual({ rows: 3 })
  expect(other.requests).toHaveLength(3)
  for (const { headers } of other.requests) {
    expect(JSON.stringify(headers)).not.toMatch(/sesame|x-tenant|authorization/i)
  }
})
