import { getEventListeners } from "node:events"
import { rehearse, type Rehearsal } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import { z } from "zod"
import {
  BodyError,
  ClientError,
  ConfigurationError,
  lineStreams,
  NoReplyError,
  TimeoutError,
  type LineOptions,
  type MethodsOf,
} from "../index.ts"

type Api = Rehearsal<MethodsOf<[typeof lineStreams]>>
type Parts = NonNullable<Parameters<Api["server"]["replies"]>[1]>

function rehearseLines(options: Parameters<typeof rehearse>[0] = {}): Api {
  return rehearse({ ...options, abilities: [lineStreams] })
}

async function all<T>(items: AsyncIterable<T>, most = Number.POSITIVE_INFINITY): Promise<T[]> {
  const seen: T[] = []
  for await (const item of items) if (seen.push(item) >= most) break
  return seen
}

/** What came before the loop threw, and what it threw. */
async function untilThrown<T>(items: AsyncIterable<T>): Promise<[T[], unknown]> {
  const seen: T[] = []
  try {
    for await (const item of items) seen.push(item)
  } catch (error) {
    return [seen, error]
  }
  return expect.unreachable("the loop ended without an error")
}

function expectNothingHeld({ clock, server }: Api): void {
  expect([clock.pending, server.openBodies]).toEqual([0, 0])
}

/** All lines that a body of these parts has. */
function linesOf(parts: Parts, options: LineOptions = {}): Promise<string[]> {
  const { api, server, run } = rehearseLines()
  server.replies(200, parts)
  return run(all(api.get("/").lines(options)))
}

describe("lines", () => {
  test.each<[string, readonly string[]]>([
    ["a\nb\r\n\nc", ["a", "b", "", "c"]],
    ["a\n", ["a"]],
    ["", []],
    ["\uFEFFé\r茶🍵\n", ["é\r茶🍵"]],
  ])("of %j are %j, however they arrive", async (body, lines) => {
    expect(await linesOf({ body })).toEqual(lines)
    expect(await linesOf({ body, trickle: { chunkBytes: 1, gapMs: 5 } })).toEqual(lines)
  })

  test("come as they arrive, long before the body's end", async () => {
    const { api, server, run, clock } = rehearseLines()
    server.replies(200, { body: "1\n2\n3\n", trickle: { chunkBytes: 2, gapMs: 1000 } })
    const lines = api.get("/").lines()
    expect([await run(lines.next()), clock.now()]).toEqual([{ done: false, value: "1" }, 1000])
    expect([await run(lines.next()), clock.now()]).toEqual([{ done: false, value: "2" }, 2000])
  })

  test("are those of any method, with what the call says, and the client's retries", async () => {
    const { api, server, run } = rehearseLines()
    server.expect("POST /query?v=1").replies(503)
    server.expect("POST /query?v=1").replies(200, { body: "a" })
    const call = api.post("/query", { json: { q: 1 }, query: { v: 1 }, headers: { "x-a": "1" } })
    expect(await run(all(call.lines()))).toEqual(["a"])
    expect([server.requests[1]?.json(), server.requests[1]?.header("x-a")]).toEqual([{ q: 1 }, "1"])
    expect(server.requests[1]?.header("accept")).toBeUndefined()
    server.verify()
  })

  test("that arrived whole come before the error of a body that breaks off, half a line does not", async () => {
    const api = rehearseLines()
    api.server.replies(200, { body: "one\ntwo\nthree\n", breaksAfterBytes: 10 })
    const [seen, error] = await api.run(untilThrown(api.api.get("/log").lines()))
    expect(seen).toEqual(["one", "two"])
    expect(NoReplyError.is(error) && [error.code, error.message]).toEqual([
      "broken-body",
      "GET https://api.test/log → no reply: the body broke off, after 2 whole lines (not retried: its body was handed over already)",
    ])
    expect(api.server.requests.length).toBe(1)
    expectNothingHeld(api)
  })

  test("that stop coming are a timeout, of the client's or the call's own", async () => {
    const api = rehearseLines()
    api.server.otherwise.replies(200, { body: "1\n", stallsAfterBytes: 2 })
    const [seen, error] = await api.run(untilThrown(api.api.get("/").lines()))
    expect([seen, TimeoutError.is(error) && error.limit, api.clock.now()]).toEqual([["1"], "stall", 20_000])
    await api.run(untilThrown(api.api.get("/", { timeout: { stallMs: 500 } }).lines()))
    expect(api.clock.now()).toBe(20_500)
    expectNothingHeld(api)
  })

  test("of a refusal there are none: its error is thrown", async () => {
    const api = rehearseLines()
    api.server.replies(404, { body: { json: { message: "no such log" } } })
    const [, error] = await api.run(untilThrown(api.api.get("/").lines()))
    expect(ClientError.is(error) && error.serverMessage).toBe("no such log")
    expectNothingHeld(api)
  })

  test.each([204, 200])("of status %i without a body there are none", async (status) => {
    const { api, server, run } = rehearseLines()
    server.replies(status)
    expect(await run(all(api.get("/").lines()))).toEqual([])
  })

  test("are no longer than allowed; those before come", async () => {
    const api = rehearseLines()
    api.server.replies(200, { body: "1234\n12345\n", trickle: { chunkBytes: 3, gapMs: 0 } })
    const [seen, error] = await api.run(untilThrown(api.api.get("/").lines({ maxLineBytes: 4 })))
    expect(seen).toEqual(["1234"])
    expect(BodyError.is(error) && error.message).toBe(
      "GET https://api.test/ → 200 OK: line 2 is longer than 4 bytes; raise maxLineBytes",
    )
    expectNothingHeld(api)
  })

  test.each<[string, unknown, string]>([
    ["no options", 3, "lines: 3; give { maxLineBytes }"],
    ["an unknown option", { max: 1 }, 'lines: no option "max"; there is maxLineBytes'],
    ["no length", { maxLineBytes: 0 }, "lines.maxLineBytes: 0; give a number from 1"],
    ["half a byte", { maxLineBytes: 1.5 }, "lines.maxLineBytes: 1.5; give a whole number"],
  ])("%s are refused when lines is called", (_, options, message) => {
    const call = rehearseLines().api.get("/")
    expect(() => call.lines(options as LineOptions)).toThrow(ConfigurationError)
    expect(() => call.lines(options as LineOptions)).toThrow(message)
    expect(() => call.jsonLines(undefined, options as LineOptions)).toThrow(message.replaceAll("lines", "jsonLines"))
  })
})

describe("JSON lines", () => {
  test("are values, without blank lines", async () => {
    const { api, server, run } = rehearseLines()
    server.replies(200, { body: '{"a":1}\n\n  \r\n[2]\r\n"three"\nnull' })
    expect(await run(all(api.get("/").jsonLines()))).toEqual([{ a: 1 }, [2], "three", null])
    expect(server.requests[0]?.header("accept")).toBe(
      "application/x-ndjson, application/jsonl, application/json-seq, */*;q=0.1",
    )
  })

  test("may be a JSON text sequence", async () => {
    const { api, server, run } = rehearseLines()
    server.replies(200, { body: '\u001e{"a":1}\n\u001e2\n\u001e\n' })
    expect(await run(all(api.get("/").jsonLines<number | object>()))).toEqual([{ a: 1 }, 2])
  })

  test("one that is none ends them with its number and its text, without secrets", async () => {
    const api = rehearseLines({ headers: { authorization: "Bearer s3cret-token" } })
    const headers = { "content-type": "application/x-ndjson" }
    api.server.replies(200, { headers, body: '{"a":1}\n\n{"a": s3cret-token}\n{"a":3}\n' })
    const [seen, error] = await api.run(untilThrown(api.api.get("/").jsonLines()))
    expect(seen).toEqual([{ a: 1 }])
    expect(BodyError.is(error) && error.message).toMatch(
      /^GET https:\/\/api\.test\/ → 200 OK: line 3: expected JSON, got application\/x-ndjson: "\{\\"a\\": REDACTED\}" \(/,
    )
    expect(BodyError.is(error) && error.cause).toBeUndefined()
    expectNothingHeld(api)
  })

  test("are what a schema makes of them", async () => {
    const { api, server, run } = rehearseLines()
    server.replies(200, { body: '{"id":1,"born":"2020-01-01"}\n\n{"id":2,"born":"2021-01-01"}\n' })
    const User = z.object({ id: z.number(), born: z.coerce.date() })
    const users = await run(all(api.get("/").jsonLines(User)))
    expect(users.map(({ id, born }) => [id, born.getUTCFullYear()])).toEqual([[1, 2020], [2, 2021]]) // prettier-ignore
  })

  test("one that a schema refuses ends them with its number and each place that is wrong", async () => {
    const api = rehearseLines()
    api.server.replies(200, { body: '{"id":1}\n{"id":"two"}\n{"id":3}\n' })
    const [seen, error] = await api.run(untilThrown(api.api.get("/").jsonLines(z.object({ id: z.number() }))))
    expect(seen).toEqual([{ id: 1 }])
    expect(BodyError.is(error) && [error.message, error.issues]).toEqual([
      expect.stringMatching(/^GET https:\/\/api\.test\/ → 200 OK: line 2 does not match the schema: id: /),
      [{ path: "id", message: expect.any(String) }],
    ])
    expectNothingHeld(api)
  })

  test("what is no schema is refused when jsonLines is called", () => {
    expect(() =>
      rehearseLines()
        .api.get("/")
        .jsonLines({ maxLineBytes: 1 } as never),
    ).toThrow("schema: an object (Object); give a Standard Schema")
  })

  test("half a value at the end of a whole body is an error, too", async () => {
    const { api, server, run } = rehearseLines()
    server.replies(200, { body: '1\n{"a":' })
    const [seen, error] = await run(untilThrown(api.get("/").jsonLines()))
    expect([seen, BodyError.is(error) && error.message]).toEqual([
      [1],
      expect.stringContaining("line 2: expected JSON"),
    ])
  })

  test("of a body that breaks off in mid-value end with the break, not with half a value", async () => {
    const { api, server, run } = rehearseLines()
    server.replies(200, { body: "1\n123\n", breaksAfterBytes: 4 })
    const [seen, error] = await run(untilThrown(api.get("/").jsonLines()))
    expect([seen, NoReplyError.is(error)]).toEqual([[1], true])
  })
})

describe("leaving", () => {
  const endless = { body: "1\n2\n3\n", stallsAfterBytes: 6, trickle: { chunkBytes: 2, gapMs: 0 } }

  test("the loop frees the connection, and no more is read than was asked for", async () => {
    const api = rehearseLines()
    api.server.replies(200, endless)
    expect(await api.run(all(api.api.get("/").lines(), 2))).toEqual(["1", "2"])
    await api.clock.settle()
    expectNothingHeld(api)
  })

  test("by an abort ends it with the signal's reason, also while nobody reads", async () => {
    const api = rehearseLines()
    api.server.otherwise.replies(200, endless)
    const controller = new AbortController()
    const lines = api.api.get("/", { signal: controller.signal }).lines()
    await api.run(lines.next())
    controller.abort("mine")
    await api.clock.settle()
    expectNothingHeld(api)
    await expect(lines.next()).rejects.toBe("mine")
    expect(getEventListeners(controller.signal, "abort").length).toBe(0)
  })

  test("by an abort before anything was sent sends nothing", async () => {
    const api = rehearseLines()
    const lines = api.api.get("/", { signal: AbortSignal.abort("mine") }).lines()
    await expect(api.run(lines.next())).rejects.toBe("mine")
    expect(api.server.requests.length).toBe(0)
    expectNothingHeld(api)
  })

  test("while a line is waited for is told to the one who waits", async () => {
    const api = rehearseLines()
    api.server.replies(200, { body: "", stallsAfterBytes: 0 })
    const lines = api.api.get("/").lines()
    const waiting = lines.next()
    await api.clock.settle()
    await lines.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
    await api.clock.settle()
    expectNothingHeld(api)
  })
})
