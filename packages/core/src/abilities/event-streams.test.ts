import { getEventListeners } from "node:events"
import { rehearse, type Rehearsal } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  BodyError,
  Cancellation,
  ClientError,
  ConfigurationError,
  eventStreams,
  NoReplyError,
  ServerError,
  standard,
  TimeoutError,
  type EventOptions,
  type EventStream,
  type MethodsOf,
  type Policy,
  type ServerSentEvent,
  type Signal,
} from "../index.ts"

type Api = Rehearsal<MethodsOf<[typeof eventStreams]>>
type Parts = Parameters<Api["server"]["replies"]>[1]

function rehearseEvents(options: Parameters<typeof rehearse>[0] = {}): Api {
  return rehearse({ ...options, abilities: [eventStreams] })
}

/** A reply that is an event stream. */
function stream(body: string, more: Parts = {}): [200, Parts] {
  return [200, { body, ...more, headers: { "content-type": "text/event-stream", ...more.headers } }]
}

/** The data of all events, or of so many, and how the loop ended. */
async function data(events: AsyncIterable<ServerSentEvent>, most = Number.POSITIVE_INFINITY): Promise<string[]> {
  const seen: string[] = []
  for await (const event of events) if (seen.push(event.data) >= most) break
  return seen
}

/** What came before the loop threw, and what it threw. */
async function untilThrown(events: AsyncIterable<ServerSentEvent>): Promise<[string[], unknown]> {
  const seen: string[] = []
  try {
    for await (const event of events) seen.push(event.data)
  } catch (error) {
    return [seen, error]
  }
  return expect.unreachable("the loop ended without an error")
}

/** What a promise resolves with, or rejects with. */
function settled(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error)
}

function expectNothingHeld({ clock, server }: Api): void {
  expect([clock.pending, server.openBodies]).toEqual([0, 0])
}

describe("a stream of a POST", () => {
  test("hands over its events, and ends with its body", async () => {
    const all = rehearseEvents()
    const { api, server, run } = all
    server.expect("POST /chat").replies(...stream("event: delta\nid: 1\ndata: [1,\ndata: 2]\n\ndata: b\n\n"))
    const events = api.post("/chat", { json: { q: 1 } }).events()
    const seen: ServerSentEvent[] = []
    await run((async () => { for await (const event of events) seen.push(event) })()) // prettier-ignore
    expect(seen.map(({ type, data, lastEventId }) => [type, data, lastEventId])).toEqual([
      ["delta", "[1,\n2]", "1"],
      ["message", "b", "1"],
    ])
    expect(seen[0]?.json()).toEqual([1, 2])
    expect(server.requests.length).toBe(1)
    expect(server.requests[0]?.json()).toEqual({ q: 1 })
    expectNothingHeld(all)
  })

  test("is retried by the client until it begins, with one key", async () => {
    const { api, server, run } = rehearseEvents()
    server
      .replies(503)
      .fails("reset")
      .replies(...stream("data: a\n\n"))
    expect(await run(data(api.post("/chat").events()))).toEqual(["a"])
    const keys = server.requests.map((request) => request.header("idempotency-key"))
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toBeDefined()
  })

  test("that breaks off is an error that tells the last id, and is not sent again", async () => {
    const all = rehearseEvents()
    all.server.replies(...stream("id: 41\ndata: a\n\nid: 42\ndata: b\n\n", { breaksAfterBytes: 20 }))
    const events = all.api.post("/chat").events()
    const [seen, error] = await all.run(untilThrown(events))
    expect(seen).toEqual(["a"])
    expect(NoReplyError.is(error) && [error.code, error.message]).toEqual([
      "broken-body",
      'POST https://api.test/chat → no reply: the body broke off, after 1 event (last event id: "41") (not retried: its body was handed over already)',
    ])
    expect(events.lastEventId).toBe("41")
    expect(all.server.requests.length).toBe(1)
    expectNothingHeld(all)
  })

  test("that stalls is an error after five minutes", async () => {
    const all = rehearseEvents()
    all.server.replies(...stream("data: a\n\n", { stallsAfterBytes: 9 }))
    const [seen, error] = await all.run(untilThrown(all.api.post("/chat").events()))
    expect(seen).toEqual(["a"])
    expect(TimeoutError.is(error) && [error.limit, all.clock.now()]).toEqual(["stall", 300_000])
    expectNothingHeld(all)
  })

  test("is asked for again where the call says so", async () => {
    const { api, server, run } = rehearseEvents()
    server.replies(...stream("id: 1\ndata: a\n\n")).replies(...stream("data: b\n\n")).replies(204)
    expect(await run(data(api.post("/jobs", { json: 1 }).events({ reconnect: true })))).toEqual(["a", "b"])
    expect(server.requests.map((request) => [request.method, request.json(), request.header("last-event-id")])).toEqual(
      [["POST", 1, undefined], ["POST", 1, "1"], ["POST", 1, "1"]],
    )
  }) // prettier-ignore
})

describe("the last event", () => {
  const body = "data: 1\n\ndata: [DONE]\n\ndata: 2\n\n"

  test("ends the stream, and is not handed over", async () => {
    const all = rehearseEvents()
    all.server.replies(...stream(body, { trickle: { chunkBytes: 1, gapMs: 0 } }))
    expect(await all.run(data(all.api.post("/chat").events({ until: "[DONE]" })))).toEqual(["1"])
    expectNothingHeld(all)
  })

  test("is known by a function", async () => {
    const { api, server, run } = rehearseEvents()
    server.replies(...stream("data: 1\n\nevent: stop\ndata: {}\n\n"))
    expect(await run(data(api.get("/").events({ until: ({ type }) => type === "stop" })))).toEqual(["1"])
    expect(server.requests.length).toBe(1)
  })

  test("that never came is an error where nothing follows", async () => {
    const { api, server, run } = rehearseEvents()
    server.replies(...stream("id: 5\ndata: 1\n\n"))
    const [seen, error] = await run(untilThrown(api.post("/chat").events({ until: "[DONE]" })))
    expect(seen).toEqual(["1"])
    expect(BodyError.is(error) && error.message).toBe(
      'POST https://api.test/chat → 200 OK: the stream ended without "[DONE]", after 1 event (last event id: "5")',
    )
  })

  test("that never came is told without secrets, whatever the server called its events", async () => {
    const { api, server, run } = rehearseEvents({ headers: { authorization: "Bearer s3cret-token" } })
    server.replies(...stream("id: s3cret-token\ndata: 1\n\n"))
    const [, error] = await run(untilThrown(api.post("/chat").events({ until: "[DONE]" })))
    expect(String(error)).toContain('(last event id: "REDACTED")')
  })

  test("ends a stream that would be asked for again", async () => {
    const { api, server, run } = rehearseEvents()
    server.replies(...stream("data: 1\n\n")).replies(...stream(body))
    expect(await run(data(api.get("/").events({ until: "[DONE]" })))).toEqual(["1", "1"])
  })

  test("frees the connection when the function that knows it throws", async () => {
    const all = rehearseEvents()
    all.server.replies(...stream(body))
    const until = (): boolean => { throw new Error("mine") } // prettier-ignore
    await expect(all.run(data(all.api.get("/").events({ until })))).rejects.toThrow("mine")
    expectNothingHeld(all)
  })
})

describe("a stream of a GET that ended or broke off", () => {
  test("is asked for again with the id of the last whole event", async () => {
    const all = rehearseEvents()
    const { api, server, run } = all
    server.expect("GET /feed").replies(...stream("id: 1\ndata: a\n\nid: 2\ndata: lost", { breaksAfterBytes: 20 }))
    server.expect("GET /feed").replies(...stream("id: 2\ndata: b\n\n"))
    server.expect("GET /feed").replies(204)
    expect(await run(data(api.get("/feed").events()))).toEqual(["a", "b"])
    expect(server.requests.map((request) => request.header("last-event-id"))).toEqual([undefined, "1", "2"])
    server.verify()
    expectNothingHeld(all)
  })

  test("is asked for with Accept and Cache-Control, as EventSource does, and with what the call says", async () => {
    const { api, server, run } = rehearseEvents()
    server.otherwise.replies(204)
    await run(data(api.get("/").events()))
    await run(data(api.get("/", { headers: { accept: "text/x", "cache-control": "no-store", "x-a": 1 } }).events()))
    expect(
      server.requests.map((request) => ["accept", "cache-control", "x-a"].map((name) => request.header(name))),
    ).toEqual([
      ["text/event-stream", "no-cache", undefined],
      ["text/x", "no-store", "1"],
    ])
  })

  test("waits a second and up to as much again, or what the server asks for", async () => {
    const { api, server, run } = rehearseEvents()
    server.replies(...stream("data: a\n\n")).replies(...stream("retry: 7000\ndata: b\n\n")).replies(...stream("data: c\n\n")).replies(204) // prettier-ignore
    await run(data(api.get("/").events()))
    const starts = server.requests.map(({ startedAtMs }) => startedAtMs)
    const waits = starts.slice(1).map((start, index) => start - (starts[index] ?? 0))
    expect(waits.map((waitMs) => Math.floor(waitMs / 1000))).toEqual([1, expect.any(Number), expect.any(Number)])
    for (const waitMs of waits.slice(1)) expect(waitMs >= 7000 && waitMs < 14_000).toBe(true)
  })

  test("waits a tenth of a second at least, though the server asks for no wait", async () => {
    const { api, server, clock, run } = rehearseEvents()
    server.otherwise.replies(...stream("retry: 0\ndata: a\n\n"))
    await run(data(api.get("/").events({ reconnect: { afterMs: 0 } }), 11))
    expect(clock.now()).toBeGreaterThanOrEqual(1000)
    expect(clock.now()).toBeLessThan(2000)
  })

  test("waits longer and longer while no event comes, and anew from the start once one has", async () => {
    const waits: [number, number][] = []
    const { api, server, run } = rehearseEvents()
    for (let round = 0; round < 8; round++) server.replies(...stream(":hello\n\n"))
    server.replies(...stream("data: a\n\n")).replies(204)
    await run(data(api.get("/").events({ onReconnect: ({ inARow, waitMs }) => waits.push([inARow, waitMs]) })))
    expect(waits.map(([inARow]) => inARow)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 1])
    expect(waits.every(([, waitMs]) => waitMs >= 1000 && waitMs < 31_000)).toBe(true)
    expect(Math.max(...waits.map(([, waitMs]) => waitMs))).toBeGreaterThan(5000)
    expect(waits.at(-1)?.[1]).toBeLessThan(2000)
  })

  test("a connection that held for half a minute begins anew, too", async () => {
    const rows: number[] = []
    const { api, server, run } = rehearseEvents()
    const quiet = stream(":\n:\n:\n:\n", { trickle: { chunkBytes: 2, gapMs: 10_000 } })
    server
      .replies(...quiet)
      .replies(...quiet)
      .replies(204)
    await run(data(api.get("/").events({ onReconnect: ({ inARow }) => rows.push(inARow) })))
    expect(rows).toEqual([1, 1])
  })

  test("goes on through an outage that outlasts the client's own attempts", async () => {
    const errors: string[] = []
    const all = rehearseEvents({ retry: { attempts: 2 } })
    const { api, server, run } = all
    server.replies(...stream("id: 1\ndata: a\n\n"))
    server.fails("refused").fails("refused").replies(503).replies(502).fails("dns").fails("reset")
    server.replies(...stream("data: b\n\n")).replies(204)
    const events = api.get("/").events({ onReconnect: ({ error }) => errors.push(error.name) })
    expect(await run(data(events))).toEqual(["a", "b"])
    expect(errors).toEqual(["BodyError", "NoReplyError", "BadGatewayError", "NoReplyError", "BodyError"])
    expect(server.requests.slice(1).every((request) => request.header("last-event-id") === "1")).toBe(true)
    expectNothingHeld(all)
  })

  test("comes back no earlier than the server said", async () => {
    const { api, server, run } = rehearseEvents({ retry: false })
    server.replies(...stream("data: a\n\n")).replies(503, { headers: { "retry-after": "300" } })
    server.replies(429, { headers: { "retry-after": "100" } }).replies(204)
    await run(data(api.get("/").events()))
    const [, second = 0, third = 0, fourth = 0] = server.requests.map(({ startedAtMs }) => startedAtMs)
    expect([third - second, fourth - third].map(Math.round)).toEqual([300_000, 100_000])
  })

  test("gives up after so many reconnections in a row, with the last error", async () => {
    const all = rehearseEvents({ retry: false })
    all.server.replies(...stream("data: a\n\n")).otherwise.replies(503, { body: "maintenance" })
    const [seen, error] = await all.run(untilThrown(all.api.get("/").events({ reconnect: { times: 3 } })))
    expect(seen).toEqual(["a"])
    expect(ServerError.is(error) && error.serverMessage).toBe("maintenance")
    expect(all.server.requests.length).toBe(4)
    expectNothingHeld(all)
  })

  test("gives up when a server that is well sends nothing so many times", async () => {
    const { api, server, run } = rehearseEvents()
    server.otherwise.replies(...stream(""))
    const [, error] = await run(untilThrown(api.get("/").events({ reconnect: { times: 2, afterMs: 10 } })))
    expect(BodyError.is(error) && error.message).toBe(
      'GET https://api.test/ → 200 OK: the stream ended, after 0 events (last event id: "")',
    )
    expect(server.requests.length).toBe(3)
  })

  test("is over where the call says so: ended is ended, and broken off an error", async () => {
    const { api, server, run } = rehearseEvents()
    const body = "data: a\n\ndata: b\n\n"
    server.replies(...stream(body)).replies(...stream(body, { breaksAfterBytes: 12 }))
    expect(await run(data(api.get("/").events({ reconnect: false })))).toEqual(["a", "b"])
    const [seen, error] = await run(untilThrown(api.get("/").events({ reconnect: false })))
    expect([seen, NoReplyError.is(error)]).toEqual([["a"], true])
  })

  test("goes on after an id of an earlier process, and tells it to the next", async () => {
    const { api, server, run } = rehearseEvents()
    server.replies(...stream("data: a\n\nid: 9…\ndata: b\n\ndata: c\n\n")).replies(204)
    const events = api.get("/").events({ lastEventId: "7" })
    expect(events.lastEventId).toBe("7")
    const first = await run(events.next())
    expect([first.value?.lastEventId, events.lastEventId]).toEqual(["7", "7"])
    await run(events.next())
    expect(events.lastEventId).toBe("9…")
    expect(await run(data(events))).toEqual(["c"])
    expect(server.requests.map((request) => request.header("last-event-id"))).toEqual(["7", "9\u00e2\u0080\u00a6"])
  })

  test("notes an id that comes without data, once all before it is handed over", async () => {
    const { api, server, run } = rehearseEvents()
    server.replies(...stream("id: 1\ndata: a\n\nid: 2\n\n")).replies(204)
    const events = api.get("/").events()
    await run(events.next())
    expect(events.lastEventId).toBe("1")
    await run(events.next())
    expect(events.lastEventId).toBe("2")
    expect(server.requests[1]?.header("last-event-id")).toBe("2")
  })

  test("ends where the server's id is one that no request can hold", async () => {
    const all = rehearseEvents()
    all.server.replies(...stream("id: 1\u0001\ndata: a\n\n"))
    const [seen, error] = await all.run(untilThrown(all.api.get("/").events()))
    expect([seen, String(error)]).toEqual([["a"], expect.stringContaining("an id without control characters")])
    expectNothingHeld(all)
  })

  test("sends no id once the server has taken it back", async () => {
    const { api, server, run } = rehearseEvents()
    server.replies(...stream("id: 1\ndata: a\n\nid\ndata: b\n\n")).replies(204)
    await run(data(api.get("/").events({ lastEventId: "0" })))
    expect(server.requests.map((request) => request.header("last-event-id"))).toEqual(["0", undefined])
  })

  test("sends no header but its own to another origin from a web page", async () => {
    const { api, server, run } = rehearseEvents({ pageOrigin: "https://page.test" })
    server.replies(204)
    await run(data(api.get("/").events()))
    expect(server.requests[0]?.headers).toEqual([["accept", "text/event-stream"]])
  })
})

describe("a connection without a byte", () => {
  const silent = (more: Parts = {}): [200, Parts] => stream("data: a\n\n", { stallsAfterBytes: 9, ...more })

  test("is given up after a minute and asked for again", async () => {
    const all = rehearseEvents()
    const ends: unknown[] = []
    all.server.replies(...silent()).replies(204)
    const onReconnect: EventOptions["onReconnect"] = ({ error }) => ends.push(error, all.clock.now())
    expect(await all.run(data(all.api.get("/").events({ onReconnect })))).toEqual(["a"])
    expect(ends).toEqual([expect.any(TimeoutError), 60_000])
    expectNothingHeld(all)
  })

  test.each<[string, EventOptions, Parameters<Api["api"]["get"]>[1], number | "never"]>([
    ["its own limit", { idleMs: 5000 }, {}, 5000],
    ["its own limit, before the call's", { idleMs: 5000 }, { timeout: { stallMs: 7000 } }, 5000],
    ["the call's limit", {}, { timeout: { stallMs: 7000 } }, 7000],
    ["the limit of a stream that comes back", {}, { timeout: { attemptMs: 10 } }, 60_000],
    ["the limit of one that does not", { reconnect: false }, {}, 300_000],
    ["none", { idleMs: false }, {}, "never"],
    ["none, as the call has none", {}, { timeout: false }, "never"],
    ["its own, though the call has none", { idleMs: 5000 }, { timeout: false }, 5000],
  ])("has %s", async (_, options, ofCall, limitMs) => {
    const { api, server, clock } = rehearseEvents()
    server.replies(...silent()).otherwise.replies(204)
    const events = api.get("/", ofCall).events(options)
    await events.next()
    const next = settled(events.next())
    await clock.advance((limitMs === "never" ? 7 * 24 * 3_600_000 : limitMs) - 1)
    expect(server.openBodies).toBe(1)
    await clock.advance(1)
    expect(server.openBodies).toBe(limitMs === "never" ? 1 : 0)
    await events.return?.()
    await next
  })

  test("is not taken for one by a consumer that takes its time", async () => {
    const { api, server, clock, run } = rehearseEvents()
    server.replies(...stream("data: a\n\ndata: b\n\n", { trickle: { chunkBytes: 9, gapMs: 0 } }))
    const events = api.post("/").events({ idleMs: 1000 })
    await run(events.next())
    await clock.advance(3_600_000)
    expect((await run(events.next())).value?.data).toBe("b")
  })

  test("is told from a quiet one by comments", async () => {
    const { api, server, run } = rehearseEvents()
    server.replies(...stream(":::::\ndata: a\n\n", { trickle: { chunkBytes: 1, gapMs: 900 } }))
    expect(await run(data(api.post("/").events({ idleMs: 1000 })))).toEqual(["a"])
  })

  test("outlives the call's deadline, which ends at the headers", async () => {
    const { api, server, run } = rehearseEvents({ deadline: 5000 })
    server.replies(...stream("data: abc\n\n", { trickle: { chunkBytes: 1, gapMs: 900 } }))
    expect(await run(data(api.post("/").events()))).toEqual(["abc"])
  })
})

describe("what ends a stream at once:", () => {
  test.each([400, 401, 403, 404, 410, 422, 429])("status %i, with the server's words", async (status) => {
    const all = rehearseEvents()
    all.server.replies(...stream("data: a\n\n")).replies(status, { body: { json: { message: "gone for good" } } })
    const [seen, error] = await all.run(untilThrown(all.api.get("/").events()))
    expect(seen).toEqual(["a"])
    expect(ClientError.is(error) && [error.status, error.serverMessage]).toEqual([status, "gone for good"])
    expect(all.server.requests.length).toBe(2)
    expectNothingHeld(all)
  })

  test.each(["tls", "redirect"] as const)("%s, which time does not heal", async (code) => {
    const { api, server, run } = rehearseEvents()
    server.replies(...stream("data: a\n\n")).fails(code)
    const [, error] = await run(untilThrown(api.get("/").events()))
    expect(NoReplyError.is(error) && error.code).toBe(code)
  })

  test.each<[string, (server: Api["server"]) => unknown, RegExp]>([
    [
      "refused",
      (server) => server.otherwise.fails("refused"),
      /no reply: scripted: refused \(gave up after 10 attempts/,
    ],
    ["busy", (server) => server.otherwise.replies(503), /503 Service Unavailable \(gave up after 10 attempts/],
  ])("a first connection that is %s, after the client's attempts", async (_, script, message) => {
    const all = rehearseEvents({ retry: { baseMs: 1, budget: false } })
    script(all.server)
    await expect(all.run(data(all.api.get("/").events()))).rejects.toThrow(message)
    expectNothingHeld(all)
  })

  test.each<[string, number, Parts, string]>([
    ["another type", 200, { body: "<h1>Sign in</h1>", headers: { "content-type": "text/html" } }, '200 OK: expected text/event-stream, got text/html: "<h1>Sign in</h1>"'], // prettier-ignore
    [
      "a type that begins alike",
      200,
      { body: "x", headers: { "content-type": "text/event-streams" } },
      'got text/event-streams: "x"',
    ],
    ["JSON", 200, { body: { json: { error: "no stream" } } }, 'got application/json: "{\\"error\\":\\"no stream\\"}"'],
    ["no type", 200, { body: new Uint8Array(), headers: { "content-type": [] } }, 'got no Content-Type: ""'],
    ["no content", 205, {}, '205 Reset Content: expected text/event-stream, got no Content-Type: ""'],
    ["a body that breaks off", 200, { body: "12345", breaksAfterBytes: 0 }, 'got text/plain; charset=utf-8: ""'],
    ["a long body", 200, { body: "0123456789".repeat(9000) }, `"${"0123456789".repeat(8)}…"`],
  ])("%s", async (_, status, parts, message) => {
    const all = rehearseEvents()
    all.server.replies(status, parts)
    const [seen, error] = await all.run(untilThrown(all.api.get("/").events()))
    expect(seen).toEqual([])
    expect(BodyError.is(error) && error.message).toContain(message)
    expect(all.server.requests.length).toBe(1)
    expectNothingHeld(all)
  })

  test("no secret is in what is shown of another body", async () => {
    const { api, server, run } = rehearseEvents({ headers: { authorization: "Bearer s3cret-token" } })
    server.replies(200, { body: "you sent s3cret-token" })
    await expect(run(data(api.get("/").events()))).rejects.toThrow('"you sent REDACTED"')
  })

  test.each(["Text/Event-Stream", "text/event-stream;charset=utf-8", "text/event-stream ; x", "text/event-stream;"])(
    "not the type %s",
    async (type) => {
      const { api, server, run } = rehearseEvents()
      server.replies(...stream("data: a\n\n", { headers: { "content-type": type } }))
      expect(await run(data(api.post("/").events()))).toEqual(["a"])
    },
  )

  test("an event that is too long, after those before it", async () => {
    const all = rehearseEvents()
    all.server.replies(...stream(`data: a\n\ndata: ${"x".repeat(100)}\n\n`))
    const [seen, error] = await all.run(untilThrown(all.api.get("/").events({ maxEventBytes: 50 })))
    expect(seen).toEqual(["a"])
    expect(BodyError.is(error) && error.message).toContain("an event is longer than 50 bytes; raise maxEventBytes")
    expectNothingHeld(all)
  })

  test("not a redirect, which is followed", async () => {
    const { api, server, run } = rehearseEvents()
    const urls: string[] = []
    server.expect("GET /old").replies(307, { headers: { location: "/new" } })
    server.expect("GET /new").replies(...stream("data: a\n\n"))
    server.expect("GET /old").replies(204)
    expect(await run(data(api.get("/old").events({ onOpen: ({ url }) => urls.push(url) })))).toEqual(["a"])
    expect(urls).toEqual(["https://api.test/new"])
    server.verify()
  })

  test("204, and no reconnection follows", async () => {
    const { api, server, run } = rehearseEvents()
    server.replies(204)
    expect(await run(data(api.get("/").events()))).toEqual([])
    expect(server.requests.length).toBe(1)
  })
})

describe("onOpen and onReconnect", () => {
  test("tell each connection and each wait", async () => {
    const told: unknown[] = []
    const { api, server, run } = rehearseEvents()
    server
      .replies(...stream("id: 1\ndata: a\n\n", { headers: { "x-server": "one" } }))
      .replies(...stream(""))
      .replies(204)
    await run(
      data(
        api.get("/").events({
          onOpen: ({ status, headers, lastEventId }) => told.push([status, headers.get("x-server"), lastEventId]),
          onReconnect: ({ inARow, lastEventId }) => told.push([inARow, lastEventId]),
        }),
      ),
    ) // prettier-ignore
    expect(told).toEqual([[200, "one", ""], [1, "1"], [200, null, "1"], [2, "1"]]) // prettier-ignore
  })

  test.each(["onOpen", "onReconnect"])("%s that throws ends the stream with its error", async (name) => {
    const all = rehearseEvents()
    all.server.otherwise.replies(...stream("data: a\n\n"))
    const options = { [name]: () => { throw new Error("mine") } } // prettier-ignore
    await expect(all.run(data(all.api.get("/").events(options)))).rejects.toThrow("mine")
    expectNothingHeld(all)
  })
})

describe("leaving", () => {
  const endless = stream("data: a\n\ndata: b\n\n", { stallsAfterBytes: 18 })
  /** What leads there; gives the events that somebody waits for. */
  type Moment = (all: Api, events: EventStream) => Promise<(Promise<unknown> | undefined)[]>
  const moments: [string, Moment][] = [
    ["before it was sent", async () => []],
    [
      "while it connects",
      async ({ clock }, events) => {
        const waiting = settled(events.next())
        await clock.settle()
        return [waiting]
      },
    ],
    [
      "with events that nobody took yet",
      async ({ run, server }, events) => {
        await run(events.next())
        expect(server.openBodies).toBe(1)
        return []
      },
    ],
    [
      "while an event is waited for",
      async ({ run, clock, server }, events) => {
        await run(events.next())
        await run(events.next())
        const waiting = settled(events.next())
        await clock.settle()
        expect(server.openBodies).toBe(1)
        return [waiting]
      },
    ],
  ]
  const script = (all: Api, name: string): void => {
    if (name === "while it connects") all.server.hangs()
    else all.server.replies(...endless)
  }

  test.each(moments)("%s frees all at once", async (name, until) => {
    const all = rehearseEvents()
    script(all, name)
    const events = all.api.get("/").events({ idleMs: false })
    const [waiting] = await until(all, events)
    expect(await events.return?.()).toEqual({ done: true, value: undefined })
    await all.clock.settle()
    expectNothingHeld(all)
    const over = { done: true, value: undefined }
    expect([await waiting, await events.next()]).toEqual([waiting && over, over])
  })

  test.each(moments)("an abort %s ends it with the signal's reason", async (name, until) => {
    const all = rehearseEvents()
    script(all, name)
    const controller = new AbortController()
    const events = all.api.get("/", { signal: controller.signal }).events({ idleMs: false })
    const [waiting] = await until(all, events)
    const reason = { mine: true }
    controller.abort(reason)
    await all.clock.settle()
    expectNothingHeld(all)
    expect(await (waiting ?? settled(events.next()))).toBe(reason)
    expect(await events.next()).toEqual({ done: true, value: undefined })
    expect(getEventListeners(controller.signal, "abort").length).toBe(0)
  })

  test("an abort ends a wait for an event with the signal's reason, at once", async () => {
    const all = rehearseEvents()
    all.server.replies(...stream("", { stallsAfterBytes: 0 }))
    const controller = new AbortController()
    const next = all.api.get("/", { signal: controller.signal }).events().next()
    const thrown = settled(next)
    await all.clock.settle()
    controller.abort("mine")
    expect(await thrown).toBe("mine")
    await all.clock.settle()
    expectNothingHeld(all)
  })

  test("an abort ends a wait for a reconnection", async () => {
    const all = rehearseEvents()
    all.server.replies(...stream("data: a\n\n"))
    const controller = new AbortController()
    const events = all.api.get("/", { signal: controller.signal }).events()
    await all.run(events.next())
    const thrown = settled(events.next())
    await all.clock.settle()
    expect(all.clock.pending).toBe(1)
    controller.abort("mine")
    expect(await thrown).toBe("mine")
    await all.clock.settle()
    expect(all.server.requests.length).toBe(1)
    expectNothingHeld(all)
  })

  test("return ends a wait for an event: the one who waits is told that it is over", async () => {
    const all = rehearseEvents()
    all.server.replies(...endless)
    const events = all.api.get("/").events()
    await all.run(events.next())
    await all.run(events.next())
    const waiting = events.next()
    await all.clock.settle()
    await events.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  test("an error of the loop's body, or throw, frees the connection", async () => {
    const all = rehearseEvents()
    all.server.otherwise.replies(...endless)
    const loop = async (): Promise<void> => { for await (const _ of all.api.get("/").events()) throw new Error("mine") } // prettier-ignore
    await expect(all.run(loop())).rejects.toThrow("mine")
    const events = all.api.get("/").events()
    await all.run(events.next())
    await expect(events.throw?.(new Error("yours"))).rejects.toThrow("yours")
    await all.clock.settle()
    expectNothingHeld(all)
  })

  test("a connection that is over leaves no listener to its signal", async () => {
    const listening: number[] = []
    let heard = 0
    let watched: Signal | undefined
    const peek: Policy = {
      name: "peek",
      scope: "call",
      wrap: (next) => (exchange) => {
        const { signal } = exchange
        if (signal !== undefined && watched === undefined) {
          watched = signal
          const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
          signal.addEventListener = (type, listener) => (heard++, add(type, listener))
          signal.removeEventListener = (type, listener) => (heard--, remove(type, listener))
        }
        listening.push(heard)
        return next(exchange)
      },
    }
    const { api, server, run } = rehearseEvents({ policies: [peek, ...standard()] })
    server.otherwise.replies(...stream("data: a\n\n"))
    await run(data(api.get("/").events(), 50))
    expect(watched).toBeInstanceOf(Cancellation)
    expect(listening.length).toBe(50)
    expect(new Set(listening.slice(1)).size).toBe(1)
  })

  test("an abort after the end changes nothing, and nothing listens any more", async () => {
    const all = rehearseEvents()
    all.server.replies(...stream("data: a\n\n"))
    const controller = new AbortController()
    const events = all.api.post("/", { signal: controller.signal }).events()
    expect(await all.run(data(events))).toEqual(["a"])
    expect(getEventListeners(controller.signal, "abort").length).toBe(0)
    controller.abort()
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })
})

describe("an event", () => {
  test("whose data is no JSON says so, without secrets", async () => {
    const { api, server, run } = rehearseEvents({ headers: { authorization: "Bearer s3cret-token" } })
    server.replies(...stream("event: delta\ndata: not s3cret-token\n\n"))
    const { value } = await run(api.get("/").events().next())
    expect(() => value?.json()).toThrow(BodyError)
    expect(() => value?.json()).toThrow(/event "delta": expected JSON, got text\/event-stream: "not REDACTED" \(/)
  })

  test("is read from what a fallback serves, too", async () => {
    const { api, server, run } = rehearseEvents()
    server.replies(200, { body: "data: a\n\n", headers: { "content-type": "text/event-stream" } })
    expect(await run(data(api.get("/").events({ reconnect: false })))).toEqual(["a"])
  })
})

test("each call of events sends a request of its own, when its first event is asked for", async () => {
  const { api, server, run } = rehearseEvents()
  server.otherwise.replies(...stream("data: a\n\n"))
  const call = api.post("/")
  const [first, second] = [call.events(), call.events()]
  expect(server.requests.length).toBe(0)
  expect(await run(data(first))).toEqual(["a"])
  expect(await run(data(second))).toEqual(["a"])
  expect(server.requests.length).toBe(2)
})

test.each<[string, unknown, string]>([
  ["no options", 3, "events: 3; give { reconnect"],
  ["an unknown option", { retry: 1 }, 'events: no option "retry"; there is reconnect'],
  ["a limit of no kind", { reconnect: 3 }, "events.reconnect: 3; give { afterMs, times }"],
  ["an unknown limit", { reconnect: { max: 1 } }, 'events.reconnect: no option "max"'],
  ["a negative wait", { reconnect: { afterMs: -1 } }, "events.reconnect.afterMs: -1; give a number from 0"],
  ["no number of times", { reconnect: { times: "3" } }, 'events.reconnect.times: "3"; give a number from 0'],
  ["no id", { lastEventId: 7 }, "events.lastEventId: 7; give a text"],
  ["an id of two lines", { lastEventId: "a\nb" }, 'lastEventId: "a\\nb"; give an id without control characters'],
  ["an empty sentinel", { until: "" }, 'events.until: ""; give the data of the last event'],
  ["no sentinel", { until: true }, "events.until: a boolean; give the data of the last event"],
  ["no idle time", { idleMs: 0 }, "events.idleMs (ms, or false): 0; give a number from 1"],
  ["no length", { maxEventBytes: 1.5 }, "events.maxEventBytes: 1.5; give a whole number"],
  ["no listener", { onOpen: "x" }, 'events.onOpen: "x"; give a function'],
  ["no other listener", { onReconnect: 1 }, "events.onReconnect: 1; give a function"],
])("%s is refused when events is called", (_, options, message) => {
  const call = rehearseEvents().api.get("/")
  expect(() => call.events(options as EventOptions)).toThrow(ConfigurationError)
  expect(() => call.events(options as EventOptions)).toThrow(message)
})

test("a timeout of the call's that is none is refused", () => {
  const { api } = rehearseEvents()
  expect(() => api.get("/", { timeout: 5 as never }).events()).toThrow("timeout: 5; give { attemptMs, stallMs }")
})

test("HEAD, and a stream of a body that would be sent twice, are refused", () => {
  const { api } = rehearseEvents()
  expect(() => api.head("/").events()).toThrow("events: a HEAD request has no body")
  const body = new ReadableStream<Uint8Array>()
  expect(() => api.post("/", { body }).events({ reconnect: true })).toThrow("give a function that opens a fresh one")
  expect(() => api.post("/", { body }).events()).not.toThrow()
})
