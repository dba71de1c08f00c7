import { rehearse, type Rehearsal } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import { BodyError, type Call, Cancellation, NotFoundError, type Success } from "./index.ts"

type Parts = NonNullable<Parameters<Rehearsal["server"]["otherwise"]["replies"]>[1]>

/** A client whose server always answers so. */
function answering(status: number, parts: Parts = {}): Rehearsal {
  const stage = rehearse({ retry: false })
  stage.server.otherwise.replies(status, parts)
  return stage
}

const json = (value: unknown): Parts => ({ body: { json: value } })
const bytes = (...values: number[]): Parts => ({ body: new Uint8Array(values) })

/** What a promise is rejected with. */
async function reason(call: PromiseLike<unknown>): Promise<unknown> {
  return call.then(() => "nothing was thrown", (error: unknown) => error) // prettier-ignore
}

async function readText(stream: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text()
}

describe("a call goes out", () => {
  test("never, when nobody awaits or reads it", async () => {
    const { api, server, clock } = answering(200)
    api.get("/users")
    api.post("/users", { json: { name: "Ada" } })
    await clock.settle()
    expect(server.requests).toEqual([])
  })

  test.each<[string, (call: Call) => unknown]>([
    ["awaited", async (call) => await call],
    ["read as JSON", (call) => call.json()],
    ["read as text", (call) => call.text()],
    ["read as bytes", (call) => call.bytes()],
    ["read as a stream", (call) => call.stream()],
    ["asked for its outcome", (call) => call.outcome()],
  ])("once it is %s", async (_, ask) => {
    const { api, server, run } = answering(200, json({}))
    await run(Promise.resolve(ask(api.get("/users"))))
    expect(server.requests).toHaveLength(1)
  })

  test("once, however often and in whatever ways it is asked", async () => {
    const { api, server, run } = answering(200, json({ name: "Ada" }))
    const call = api.post("/users", { json: {} })
    const all = Promise.all([call, call, call.json(), call.text(), call.bytes(), call.outcome(), call.stream()])
    const [first, second, value, text, raw, outcome, stream] = await run(all)
    expect(second).toBe(first)
    expect(outcome).toBe(first)
    expect([value, text, new TextDecoder().decode(raw), await readText(stream)]).toEqual([
      { name: "Ada" },
      '{"name":"Ada"}',
      '{"name":"Ada"}',
      '{"name":"Ada"}',
    ])
    expect(await call.json()).toEqual({ name: "Ada" })
    expect(server.requests).toHaveLength(1)
  })

  test("once, also when it fails: every asker gets the same error", async () => {
    const { api, server, run } = answering(404)
    const call = api.get("/users/7")
    const errors = await run(Promise.all([reason(call), reason(call.json()), reason(call.text())]))
    expect(NotFoundError.is(errors[0])).toBe(true)
    expect(errors).toEqual([errors[0], errors[0], errors[0]])
    expect(server.requests).toHaveLength(1)
  })

  test("with no mistake thrown before it is awaited", async () => {
    const { api } = answering(200)
    expect(await reason(api.get("//evil.example"))).toMatchObject({ name: "ConfigurationError" })
  })
})

describe("json()", () => {
  test.each([[{ a: [1] }], [[1, 2]], [null], [0], [""], ["text"], [false]])("reads %j", async (value) => {
    const { api, run } = answering(200, json(value))
    expect(await run(api.get("/").json())).toEqual(value)
  })

  test("asks for JSON, unless the call asks for something else", async () => {
    const { api, server, run } = answering(200, json({}))
    await run(api.get("/").json())
    await run(api.get("/", { headers: { Accept: "application/hal+json" } }).json())
    await run(api.get("/").text())
    expect(server.requests.map((request) => request.header("accept"))).toEqual([
      "application/json",
      "application/hal+json",
      undefined,
    ])
  })

  test.each([204, 205, 304])("gives undefined for %i, which has no body", async (status) => {
    const { api, run } = answering(status)
    expect(await run(api.get("/").json())).toBeUndefined()
  })

  test("gives undefined for HEAD, whatever the headers announce", async () => {
    const { api, run } = answering(200, { headers: { "content-type": "application/json", "content-length": "120" } })
    expect(await run(api.head("/").json())).toBeUndefined()
  })

  test("reads JSON without looking at its media type, and behind a byte order mark", async () => {
    const text = answering(200, { body: '{"a":1}' })
    expect(await text.run(text.api.get("/").json())).toEqual({ a: 1 })
    const marked = answering(200, bytes(0xef, 0xbb, 0xbf, 0x7b, 0x7d))
    expect(await marked.run(marked.api.get("/").json())).toEqual({})
  })

  test.each<[string, Parts, string]>([
    ["an empty body", { headers: { "content-type": "application/json" } }, "expected JSON, got an empty body"],
    ["a page", { body: "<html>\n<h1>Sign in</h1></html>", headers: { "content-type": "text/html" } }, 'expected JSON, got text/html: "<html> <h1>Sign in</h1></html>" (30 characters)'],
    ["JSON that is cut off", { body: '{"a": [1, 2', headers: { "content-type": "application/json" } }, 'expected JSON, got application/json: "{\\"a\\": [1, 2" (at position 11 of 11 characters)'],
    ["invalid UTF-8", bytes(0xff, 0xfe), 'expected JSON, got application/octet-stream: "\ufffd\ufffd" (2 characters)'],
  ])("says what came in place of JSON: %s", async (_, parts, message) => {
    const { api, run } = answering(200, parts)
    const error = await run(reason(api.get("/").json()))
    expect(error).toMatchObject({ name: "BodyError", status: 200, message: `GET https://api.test/ → 200 OK: ${message}` })
  }) // prettier-ignore

  test("shows only the place where a long body stops being JSON", async () => {
    const body = `[${"1,".repeat(2000)}1 "oops",${"1,".repeat(2000)}1]`
    const { api, run } = answering(200, { body, headers: { "content-type": "application/json" } })
    const { message } = (await run(reason(api.get("/").json()))) as BodyError
    expect(message).toContain("oops")
    expect(message).toMatch(/"….{82}…" \(at position 4003 of 8012 characters\)$/)
  })

  test("does not retry a success that is not JSON", async () => {
    const { api, server, run } = rehearse()
    server.replies(200, { body: "<html>" })
    expect(BodyError.is(await run(reason(api.get("/").json())))).toBe(true)
    expect(server.requests).toHaveLength(1)
  })
})

describe("text() and bytes()", () => {
  test("give an empty body as it is", async () => {
    const { api, run } = answering(200)
    const call = api.get("/")
    expect(await run(call.text())).toBe("")
    expect(await call.bytes()).toEqual(new Uint8Array())
  })

  test("invalid UTF-8 becomes replacement characters in the text, and stays in the bytes", async () => {
    const { api, run } = answering(200, bytes(0x61, 0xff, 0xc3, 0x28, 0x62))
    const call = api.get("/")
    expect(await run(call.text())).toBe("a\ufffd\ufffd(b")
    expect(await call.bytes()).toEqual(new Uint8Array([0x61, 0xff, 0xc3, 0x28, 0x62]))
  })
})

describe("form()", () => {
  test("reads application/x-www-form-urlencoded", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" }
    const { api, run } = answering(200, { body: "a=1&a=2&b=%C3%BC+x", headers })
    const form = await run(api.get("/").form())
    expect([...form]).toEqual([
      ["a", "1"],
      ["a", "2"],
      ["b", "ü x"],
    ])
  })

  test("reads multipart/form-data with its files", async () => {
    const sent = new FormData()
    sent.append("name", "Ada")
    sent.append("file", new File(["x,y"], "a.csv", { type: "text/csv" }))
    const echo = new Response(sent)
    const headers = { "content-type": echo.headers.get("content-type") ?? "" }
    const { api, run } = answering(200, { body: await echo.bytes(), headers })
    const form = await run(api.get("/").form())
    const file = form.get("file") as File
    expect([form.get("name"), file.name, file.type, await file.text()]).toEqual(["Ada", "a.csv", "text/csv", "x,y"])
  })

  test.each<[string, Parts, string]>([
    ["JSON", json({}), "expected a form, got application/json"],
    ["a form that is cut off", { body: "--b\r\nContent-Disp", headers: { "content-type": "multipart/form-data; boundary=b" } }, "expected a form, got multipart/form-data; boundary=b"],
  ])("refuses %s", async (_, parts, message) => {
    const { api, run } = answering(200, parts)
    expect(await run(reason(api.get("/").form()))).toMatchObject({
      name: "BodyError",
      message: `GET https://api.test/ → 200 OK: ${message}`,
    })
  }) // prettier-ignore
})

describe("stream()", () => {
  test("gives the body piece by piece", async () => {
    const { api, run } = answering(200, { body: "0123456789", trickle: { chunkBytes: 4, gapMs: 100 } })
    const stream = await run(api.get("/").stream())
    expect(await run(readText(stream))).toBe("0123456789")
  })

  test("gives the body to the first who asks; the next is told so", async () => {
    const { api, run } = answering(200, { body: "once" })
    const call = api.get("/")
    expect(await run(readText(await run(call.stream())))).toBe("once")
    const again = "GET https://api.test/ → 200 OK: the body was read already; read it once, or not with .stream()"
    for (const ask of ["text", "json", "bytes", "stream"] as const) {
      expect(await run(reason(call[ask]()))).toMatchObject({ name: "BodyError", message: again })
    }
  })

  test("rejects for what is no success, with the server's explanation", async () => {
    const { api, server, run } = answering(404, json({ detail: "No such file" }))
    expect(await run(reason(api.get("/").stream()))).toMatchObject({ status: 404, serverMessage: "No such file" })
    expect(server.openBodies).toBe(0)
  })
})

describe("outcome()", () => {
  test("throws for no status and for no reply", async () => {
    const { api, server, run } = rehearse({ retry: false })
    server.replies(200).replies(404).replies(503).fails("refused")
    const kinds: string[] = []
    for (let count = 0; count < 4; count++) kinds.push((await run(api.get("/").outcome())).kind)
    expect(kinds).toEqual(["success", "client-error", "server-error", "no-reply"])
  })

  test("ends by the signal given to it, in place of the call's own, also while waiting and reading", async () => {
    for (const play of [
      (server: Rehearsal["server"]) => server.otherwise.hangs(),
      (server: Rehearsal["server"]) => server.otherwise.replies(503, { headers: { "retry-after": "9" } }),
      (server: Rehearsal["server"]) => server.otherwise.replies(200, { body: "0123456789", stallsAfterBytes: 5 }),
    ]) {
      const { api, server, run, clock } = rehearse()
      play(server)
      const cancellation = new Cancellation(undefined)
      const own = AbortSignal.abort("its own")
      clock.after(50, () => cancellation.cancel("given"))
      expect(await run(reason(api.get("/", { signal: own }).outcome({ signal: cancellation })))).toBe("given")
      expect([clock.now(), clock.pending, server.openBodies]).toEqual([50, 0, 0])
    }
  })

  test("of a call that was sent already is that of the signal it was sent with", async () => {
    const { api, run } = answering(200)
    const call = api.get("/")
    const first = call.outcome()
    expect(await run(call.outcome({ signal: AbortSignal.abort("too late") }))).toBe(await first)
  })

  test("of an error gives the reply's readers beside the error", async () => {
    const { api, run } = answering(422, json({ detail: "Too short", min: 3 }))
    const outcome = await run(api.get("/").outcome())
    expect(outcome).toMatchObject({
      kind: "client-error",
      status: 422,
      statusClass: "client-error",
      verdict: "correct",
    })
    expect(outcome.kind === "client-error" && (await outcome.json())).toEqual({ detail: "Too short", min: 3 })
    expect(outcome.kind === "client-error" && outcome.error.serverMessage).toBe("Too short")
  })

  test("of a streamed success resolves at the headers", async () => {
    const { api, run } = answering(200, { body: "0123456789", stallsAfterBytes: 5 })
    const outcome = await run(api.get("/", { timeout: false, deadline: false }).outcome({ reading: "stream" }))
    expect(outcome).toMatchObject({ kind: "success", status: 200 })
  })

  test("of an accepted error with a body beyond what is read of errors says so, and never gives half of it", async () => {
    const { api, run } = answering(404, { body: "x".repeat(2 ** 20 + 1) })
    const outcome = await run(api.get("/", { contract: { 404: "accept" } }).outcome({ reading: "stream" }))
    if (outcome.kind !== "success") throw new Error(outcome.kind)
    for (const read of [
      () => outcome.bytes(),
      () => outcome.text(),
      () => outcome.json(),
      async () => outcome.stream(),
    ]) {
      expect(await reason(read())).toMatchObject({ name: "BodyError", message: expect.stringContaining("too long") })
    }
  })

  test("accepts what the contract accepts", async () => {
    const { api, run } = answering(404, json({ detail: "none yet" }))
    const reply = await run(api.get("/", { contract: { 404: "accept" } }))
    expect(reply).toMatchObject({ kind: "success", status: 404, verdict: "accept", statusClass: "client-error" })
    expect(await reply.json()).toEqual({ detail: "none yet" })
  })
})

describe("201 tells where the new resource is", () => {
  const created = async (location: string | undefined): Promise<Success["created"]> => {
    const { api, run } = answering(201, location === undefined ? {} : { headers: { location } })
    return (await run(api.post("/v1/users?invite=1", { json: {} }))).created
  }

  test.each([
    ["/v1/users/7", "https://api.test/v1/users/7"],
    ["users/7", "https://api.test/v1/users/7"],
    ["?id=7", "https://api.test/v1/users?id=7"],
    ["//cdn.test/7", "https://cdn.test/7"],
    ["https://other.test/users/7", "https://other.test/users/7"],
    ["http://[", "https://api.test/v1/users?invite=1"],
    [undefined, "https://api.test/v1/users?invite=1"],
  ])("Location %s is %s", async (location, url) => {
    expect(await created(location)).toEqual({ location: url })
  })

  test("and no other status does", async () => {
    const { api, run } = answering(200, { headers: { location: "/users/7" } })
    expect((await run(api.post("/users", { json: {} }))).created).toBeUndefined()
  })
})
