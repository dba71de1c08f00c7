import { NoReplyError, ServiceUnavailableError } from "steadfetch"
import { describe, expect, test } from "vitest"
import { rehearse } from "./rehearsal.ts"

const once = { retry: false } as const

describe("the dialogue", () => {
  test("is played in order, with what the server says and when", async () => {
    const { api, server, clock, run } = rehearse({ retry: { baseMs: 0 } })
    server.expect("GET /users").replies(503, { headers: { "retry-after": "2" } })
    server.expect("GET /users").replies(200, { body: { json: [{ id: 1 }] }, delayMs: 30 })
    expect(await run(api.get("/users").json())).toEqual([{ id: 1 }])
    expect(server.requests.map(({ startedAtMs }) => startedAtMs)).toEqual([0, 2000])
    expect(clock.now()).toBe(2030)
    server.verify()
  })

  test("refuses a request that it does not expect, and says so again when it is verified", async () => {
    const { api, server, run } = rehearse()
    server.expect("GET /users").replies(200)
    const said = "unexpected request POST https://api.test/users; expected GET /users; sent before: nothing"
    await expect(run(api.post("/users"))).rejects.toThrow(said)
    expect(() => server.verify()).toThrow(said)
  })

  test("refuses a request after its end", async () => {
    const { api, server, run } = rehearse()
    server.replies(204)
    await run(api.get("/a"))
    await expect(run(api.get("/b"))).rejects.toThrow("the script is at its end; sent before: GET https://api.test/a")
  })

  test("tells which requests never came", async () => {
    const { api, server, run } = rehearse()
    server.expect("GET /a").replies(200).expect("GET /b").replies(200).replies(200)
    await run(api.get("/a"))
    expect(() => server.verify()).toThrow("never sent: GET /b, any request; sent: GET https://api.test/a")
  })

  test("looks at the query and the origin where the line has one", async () => {
    const { api, server, run } = rehearse()
    server.expect("GET /a?x=1").replies(200).expect("GET /a").replies(200).expect("GET https://b.test/c").replies(200)
    await run(api.get("/a?x=1"))
    await run(api.get("/a?x=2"))
    await run(api.get("https://b.test/c"))
    server.expect("GET /a?x=1").replies(200)
    await expect(run(api.get("/a?x=2"))).rejects.toThrow("expected GET /a?x=1")
  })

  test("goes on with one answer for everything else", async () => {
    const { api, server, run } = rehearse(once)
    server.replies(201)
    server.otherwise.replies(404)
    const statuses: unknown[] = []
    for (let call = 0; call < 3; call++) {
      const outcome = await run(api.get("/").outcome())
      statuses.push(outcome.kind === "no-reply" ? undefined : outcome.status)
    }
    expect(statuses).toEqual([201, 404, 404])
    server.verify()
  })

  test.each(["users", "GET", "GET users", "GET  /users", "/users"])("a line such as %j is refused", (line) => {
    expect(() => rehearse().server.expect(line)).toThrow("is no request line")
  })
})

describe("what was sent", () => {
  test("is kept: method, URL, header fields, body, and how it ended", async () => {
    const { api, server, run } = rehearse(once)
    server.replies(200).fails("reset")
    await run(api.post("/a", { json: { n: 1 }, headers: { "X-One": "1" } }))
    await run(api.put("/b", { body: new Blob(["blob"]) }).outcome())
    const [first, second] = server.requests
    expect(first).toMatchObject({ method: "POST", url: "https://api.test/a", end: "answered" })
    expect([first?.header("x-one"), first?.header("X-ONE"), first?.header("none")]).toEqual(["1", "1", undefined])
    expect(first?.json()).toEqual({ n: 1 })
    expect([second?.text(), second?.end]).toEqual(["blob", "failed"])
  })

  test("of a body is as much as the failure says", async () => {
    const { api, server, run } = rehearse(once)
    server.fails("refused").fails("reset", { afterBodyBytes: 3 }).fails("reset")
    const body = async function* (): AsyncGenerator<string> {
      yield* ["ab", "cd", "ef"]
    }
    for (let call = 0; call < 3; call++) await run(api.put("/", { body }).outcome())
    expect(server.requests.map((request) => request.text())).toEqual(["", "abcd", "abcdef"])
  })
})

describe("answers", () => {
  test("fail with the reason that they are told", async () => {
    const { api, server, run, clock } = rehearse(once)
    server.fails("dns", { delayMs: 40 })
    const error: unknown = await run(api.get("/")).then(undefined, (error: unknown) => error)
    expect(NoReplyError.is(error) && error.code).toBe("dns")
    expect(clock.now()).toBe(40)
  })

  test("can be a defect", async () => {
    const { api, server, run } = rehearse()
    const defect = new Error("defect")
    server.throws(defect)
    await expect(run(api.get("/"))).rejects.toBe(defect)
  })

  test("hang until they are aborted, and leave nothing behind", async () => {
    const { api, server, run, clock } = rehearse()
    server.hangs()
    const controller = new AbortController()
    const reason = new Error("enough")
    clock.after(123, () => controller.abort(reason))
    await expect(run(api.get("/", { signal: controller.signal }))).rejects.toBe(reason)
    expect([clock.now(), clock.pending, server.requests[0]?.end]).toEqual([123, 0, "aborted"])
  })

  test("carry header fields line by line, and the type of their body", async () => {
    const { api, server, run } = rehearse()
    server.replies(200, { headers: { "set-cookie": ["a=1", "b=2"] }, body: "hi" })
    const { headers } = await run(api.get("/"))
    expect([headers.get("set-cookie"), headers.get("content-type")]).toEqual(["a=1, b=2", "text/plain; charset=utf-8"])
  })

  test("to HEAD have no body", async () => {
    const { api, server, run } = rehearse()
    server.replies(200, { body: "hi" })
    expect((await (await run(api.head("/"))).bytes()).length).toBe(0)
  })

  test("are an error of the client's when they are errors", async () => {
    const { api, server, run } = rehearse(once)
    server.replies(503, { body: { json: { message: "busy" } } })
    const error: unknown = await run(api.get("/")).then(undefined, (error: unknown) => error)
    expect(ServiceUnavailableError.is(error) && error.serverMessage).toBe("busy")
  })
})

describe("bodies", () => {
  const ten = Uint8Array.from({ length: 10 }, (_, index) => index)

  test("arrive piece by piece, as they are read", async () => {
    const { api, server, run, clock } = rehearse()
    server.replies(200, { body: ten, trickle: { chunkBytes: 4, gapMs: 10 } })
    const reader = (await run(api.get("/").stream())).getReader()
    await clock.advance(1000)
    const pieces: unknown[] = []
    for (;;) {
      const { done, value } = await run(reader.read())
      if (done) break
      pieces.push([value.length, clock.now()])
    }
    expect(pieces).toEqual([[4, 1010], [4, 1020], [2, 1030]]) // prettier-ignore
    expect(server.openBodies).toBe(0)
  })

  test("break off after so many bytes", async () => {
    const { api, server, run } = rehearse(once)
    server.replies(200, { body: ten, breaksAfterBytes: 6 })
    const reader = (await run(api.get("/").stream())).getReader()
    expect((await run(reader.read())).value).toEqual(ten.slice(0, 6))
    await expect(run(reader.read())).rejects.toMatchObject({ code: "broken-body" })
    expect(server.openBodies).toBe(0)
  })

  test("stall after so many bytes", async () => {
    const { api, server, run, clock } = rehearse({ ...once, timeout: { stallMs: 500 } })
    server.replies(200, { body: ten, stallsAfterBytes: 6 })
    await expect(run(api.get("/").bytes())).rejects.toMatchObject({ code: "timeout", limit: "stall" })
    expect([clock.now(), clock.pending, server.openBodies]).toEqual([500, 0, 0])
  })

  test("longer than the limit end the call", async () => {
    const { api, server, run } = rehearse({ maxBodyBytes: 9 })
    server.replies(200, { body: ten })
    await expect(run(api.get("/").bytes())).rejects.toMatchObject({ code: "too-large" })
    expect(server.openBodies).toBe(0)
  })

  test("are held until they are read or given up", async () => {
    const { api, server, run } = rehearse()
    server.replies(200, { body: ten })
    const stream = await run(api.get("/").stream())
    expect(server.openBodies).toBe(1)
    await stream.cancel()
    expect(server.openBodies).toBe(0)
  })

  test("end when the signal fires between two pieces, and their timer with them", async () => {
    const { api, server, run, clock } = rehearse()
    server.replies(200, { body: ten, trickle: { chunkBytes: 1, gapMs: 100 } })
    const controller = new AbortController()
    const reader = (await run(api.get("/", { signal: controller.signal }).stream())).getReader()
    const reason = new Error("enough")
    clock.after(250, () => controller.abort(reason))
    const read = async (): Promise<void> => {
      for (;;) if ((await reader.read()).done) return
    }
    await expect(run(read())).rejects.toBe(reason)
    expect([clock.now(), server.openBodies, clock.pending]).toEqual([250, 0, 0])
  })
})
