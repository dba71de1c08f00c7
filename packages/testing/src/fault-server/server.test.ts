import { createHash } from "node:crypto"
import { describe, expect, test } from "vitest"
import { TestClient } from "./test-client.ts"
import { TestClock } from "./test-clock.ts"
import { echo, fieldValue, json, reset, stall, startFaultServer, status, type ReceivedRequest } from "./index.ts"

const get = async (origin: string, path = "/"): Promise<unknown> => (await fetch(`${origin}${path}`)).json()

describe("a script", () => {
  test("is played step by step on every route, and the last step again and again", async () => {
    await using server = await startFaultServer({ "GET /a": [json(200, 1), json(200, 2)], "/b": json(200, "b") })
    const replies: unknown[] = []
    for (const path of ["/a", "/b", "/a?x=1", "/a", "/b"]) replies.push(await get(server.origin, path))
    expect(replies).toEqual([1, "b", 2, 2, "b"])
  })

  test("can begin anew after its last step, or end in 404", async () => {
    const steps = [json(200, 1), json(200, 2)]
    await using server = await startFaultServer({ "/round": { steps, then: "repeat" }, "/once": { steps, then: 404 } })
    const round: unknown[] = []
    for (let call = 0; call < 5; call += 1) round.push(await get(server.origin, "/round"))
    expect(round).toEqual([1, 2, 1, 2, 1])
    await get(server.origin, "/once")
    await get(server.origin, "/once")
    expect(await get(server.origin, "/once")).toMatchObject({
      status: 404,
      detail: 'The script "/once" is over; its 2 steps were played.',
    })
  })

  test("gives every step to one request alone, however many come at once", async () => {
    const steps = Array.from({ length: 60 }, (_, index) => json(200, index))
    await using server = await startFaultServer({ "/": { steps, then: 404 } })
    const replies = await Promise.all(steps.map(() => get(server.origin)))
    expect(replies.toSorted((a, b) => Number(a) - Number(b))).toEqual(steps.map((_, index) => index))
  })

  test("is found by the exact path first, then the longest beginning, a named method before none", async () => {
    await using server = await startFaultServer({
      "/*": json(200, "any"),
      "/a/*": json(200, "a"),
      "GET /a/*": json(200, "get a"),
      "/a/b": json(200, "exact"),
      "POST /a/b": json(200, "post exact"),
    })
    const found: unknown[] = []
    for (const path of ["/x", "/a/x", "/a/b", "/a"]) found.push(await get(server.origin, path))
    found.push(await (await fetch(`${server.origin}/a/b`, { method: "POST" })).json())
    found.push(await (await fetch(`${server.origin}/a/c`, { method: "PUT" })).json())
    expect(found).toEqual(["any", "get a", "exact", "any", "post exact", "a"])
  })

  test("that is missing is answered by a 404 that names those there are", async () => {
    await using server = await startFaultServer({ "GET /users": status(200), "POST /orders": status(201) })
    const reply = await fetch(`${server.origin}/user`, { method: "PUT" })
    expect(reply.headers.get("content-type")).toBe("application/problem+json")
    expect(await reply.json()).toEqual({
      type: "about:blank",
      title: "Not Found",
      status: 404,
      detail: "No script for PUT /user. Scripts: GET /users, POST /orders.",
    })
    expect(server.requests[0]).toMatchObject({ played: undefined, end: "answered" })
  })

  test("is played in order on pipelined requests", async () => {
    await using server = await startFaultServer({ "/": [json(200, 1), json(200, 2)], "POST /p": echo() })
    await using client = await TestClient.to(server)
    const post = "POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    client.send(`GET / HTTP/1.1\r\n\r\n${post}GET / HTTP/1.1\r\nConnection: close\r\n\r\n`)
    const { received } = await client.end()
    const bodies = received.split(/HTTP\/1\.1 200 OK\r\n[^{]*?\r\n\r\n/).slice(1)
    expect(bodies.map((body): unknown => JSON.parse(body))).toMatchObject([1, { body: { lengthBytes: 3 } }, 2])
    expect(server.totalConnections).toBe(1)
  })
})

describe("what was received", () => {
  test("is recorded: order, time, target, fields as sent, and the body's length, digest and beginning", async () => {
    const clock = new TestClock()
    await using server = await startFaultServer({ "POST /o": status(201) }, { clock, limits: { keptBodyBytes: 4 } })
    await using client = await TestClient.to(server)
    client.send("POST /o?a=1 HTTP/1.1\r\nhost: x\r\nIdempotency-KEY: k\r\nContent-Length: 6\r\n\r\nabc")
    const request = await server.received(1)
    expect(request).toMatchObject({ end: "open", body: { complete: false, sha256: undefined } })
    client.send("def")
    await server.finished(1)
    expect(request).toMatchObject({
      sequence: 1,
      connection: 1,
      arrivedAtMs: clock.now(),
      method: "POST",
      target: "/o?a=1",
      path: "/o",
      headers: [
        ["host", "x"],
        ["Idempotency-KEY", "k"],
        ["Content-Length", "6"],
      ],
      played: { route: "POST /o", step: 1 },
      end: "answered",
    })
    const sha256 = createHash("sha256").update("abcdef").digest("hex")
    expect(request.body).toMatchObject({ lengthBytes: 6, complete: true, sha256 })
    expect(Buffer.from(request.body.kept).toString()).toBe("abcd")
    expect(fieldValue(request.headers, "idempotency-key")).toBe("k")
    expect(fieldValue(request.headers, "missing")).toBeUndefined()
  })

  test("tells a body that broke off from a complete one", async () => {
    await using server = await startFaultServer({ "/": status(200) })
    await using client = await TestClient.to(server)
    client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
    await server.received(1)
    client.leave()
    await server.finished(1)
    expect(server.requests[0]).toMatchObject({ end: "abandoned", body: { complete: false, lengthBytes: 5 } })
  })

  test("is observed when an exchange has ended", async () => {
    const observed: ReceivedRequest[] = []
    await using server = await startFaultServer(
      { "/": [status(200), reset("before-headers")] },
      { observe: (r) => observed.push(r) },
    )
    await fetch(server.origin)
    await fetch(server.origin).catch(() => {})
    await server.finished(2)
    expect(observed.map(({ end }) => end)).toEqual(["answered", "cut"])
  })

  test("is kept up to a limit, the newest requests", async () => {
    await using server = await startFaultServer({ "/": status(200) }, { limits: { keptRequests: 2 } })
    for (let call = 0; call < 3; call += 1) await fetch(server.origin)
    expect(server.requests.map(({ sequence }) => sequence)).toEqual([2, 3])
    await expect(server.received(1)).rejects.toThrow("request 1 is no longer kept")
  })

  test("includes what breaks HTTP, which gets 400, 431 or 501 and the end of the connection", async () => {
    await using server = await startFaultServer({ "/": status(200) }, { limits: { headBytes: 100 } })
    const mistakes: [request: string, status: number, detail: string][] = [
      ["HELLO\r\n\r\n", 400, '"HELLO" is no HTTP/1.x request line.'],
      ["\u0016\u0003\u0001", 400, "This is TLS, and the server speaks plain HTTP: write http:// in the URL."],
      ["GET / HTTP/1.1\r\nbad field: x\r\n\r\n", 400, '"bad field: x" is no header field.'],
      [`GET / HTTP/1.1\r\nx: ${"x".repeat(99)}`, 431, "The head of the request is larger than 100 bytes."],
      [
        "PUT / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        501,
        'The transfer coding "gzip" is not known, only "chunked".',
      ],
      [
        "PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        400,
        "Content-Length: 1, 2 is not one number of bytes.",
      ],
      [
        "PUT / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        400,
        "The request has both Content-Length and Transfer-Encoding.",
      ],
      ["PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n", 400, '"z" is no chunk size.'],
      [
        "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
        400,
        "A chunk of 1 bytes does not end after them.",
      ],
    ]
    for (const [request, code, detail] of mistakes) {
      await using client = await TestClient.to(server)
      client.send(request)
      const { received } = await client.end()
      expect(received).toMatch(new RegExp(`^HTTP/1.1 ${code} `))
      expect(received).toContain(JSON.stringify(detail))
    }
    expect(server.malformed).toEqual(mistakes.map(([, , detail]) => detail))
  })

  test("begins with the body only after 100 (Continue) when the client waits for it", async () => {
    await using server = await startFaultServer({ "/": echo() })
    await using client = await TestClient.to(server)
    client.send("PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    expect(await client.until("\r\n\r\n")).toBe("HTTP/1.1 100 Continue\r\n\r\n")
    client.send("ok")
    expect(await client.until("}}")).toContain('"lengthBytes":2')
  })
})

describe("a server", () => {
  test("counts its connections and tells when all are closed", async () => {
    await using server = await startFaultServer({ "/": status(200) })
    await server.allClosed()
    const clients = await Promise.all([TestClient.to(server), TestClient.to(server)])
    for (const client of clients) client.get("/")
    await server.finished(2)
    expect([server.openConnections, server.totalConnections]).toEqual([2, 2])
    for (const client of clients) client.leave()
    await server.allClosed()
    expect([server.openConnections, server.totalConnections]).toEqual([0, 2])
  })

  test("gives a delay up as soon as the client leaves", async () => {
    const clock = new TestClock()
    await using server = await startFaultServer({ "/": status(200, { delayMs: 60_000 }) }, { clock })
    await using client = await TestClient.to(server)
    client.get("/")
    await clock.pass(1)
    client.leave()
    await server.allClosed()
    expect([clock.pending, server.requests[0]?.end]).toEqual([0, "abandoned"])
  })

  test("refuses connections while it does not listen, and comes back on the same port", async () => {
    await using server = await startFaultServer({ "/": json(200, "here") })
    await using client = await TestClient.to(server)
    client.get("/")
    await client.until('"here"')
    await server.stopListening()
    expect((await client.end()).by).toBe("close")
    await expect(fetch(server.origin)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } })
    await server.listenAgain()
    expect(await get(server.origin)).toBe("here")
  })

  test("can keep the connections it has while it refuses new ones", async () => {
    await using server = await startFaultServer({ "/": [json(200, 1), json(200, 2)] })
    await using client = await TestClient.to(server)
    client.get("/")
    await client.until("\r\n\r\n1")
    await server.stopListening({ keepConnections: true })
    await expect(fetch(server.origin)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } })
    client.get("/")
    await client.until("\r\n\r\n2")
    await server.listenAgain()
    expect(server.totalConnections).toBe(1)
  })

  test("ends everything at once when it is closed", async () => {
    const clock = new TestClock()
    const server = await startFaultServer(
      { "/": [stall("before-headers"), status(200, { delayMs: 60_000 })] },
      { clock },
    )
    await using first = await TestClient.to(server)
    await using second = await TestClient.to(server)
    first.get("/")
    second.get("/")
    await clock.pass(0)
    const waiting = server.received(3).catch(String)
    await server.close()
    expect(await waiting).toBe("Error: the fault server was closed after 2 requests, 0 of them finished")
    await Promise.all([first.end(), second.end()])
    expect([server.openConnections, clock.pending]).toEqual([0, 0])
    await expect(fetch(server.origin)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } })
    await expect(server.listenAgain()).rejects.toThrow("the fault server was closed; start another one")
    await server.close()
  })

  test("refuses a port that is taken, and limits that are no numbers of bytes", async () => {
    await using server = await startFaultServer({})
    await expect(startFaultServer({}, { port: server.port })).rejects.toThrow("EADDRINUSE")
    await expect(startFaultServer({}, { limits: { headBytes: -1 } })).rejects.toThrow(
      "limits.headBytes is -1; use a whole number from 0",
    )
  })
})
