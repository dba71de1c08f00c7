import { gunzipSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import { TestClient } from "./test-client.ts"
import { TestClock } from "./test-clock.ts"
import {
  accept,
  badChunkSize,
  close,
  endless,
  garbage,
  json,
  noLastChunk,
  refusedPort,
  reset,
  stall,
  startFaultServer,
  status,
  truncatedGzip,
  wrongContentLength,
  type Step,
} from "./index.ts"

const bodyOf = (reply: string): string => reply.slice(reply.indexOf("\r\n\r\n") + 4)

async function endOf(step: Step, path = "/"): Promise<{ by: string; received: string; end: string }> {
  await using server = await startFaultServer({ [path]: step })
  await using client = await TestClient.to(server)
  client.get(path)
  const ending = await client.end()
  await server.finished(1)
  return { ...ending, end: String(server.requests[0]?.end) }
}

async function causeOf(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  const cause = error instanceof Error ? (error.cause ?? error) : undefined
  if (!(cause instanceof Error)) return undefined
  return "code" in cause && cause.code !== undefined ? cause.code : cause.name
}

describe.each([
  ["reset", reset],
  ["close", close],
] as const)("%s", (by, sever) => {
  test("before the request's body is read leaves the body unread", async () => {
    await using server = await startFaultServer({ "/": sever("before-reading") })
    await using client = await TestClient.to(server)
    client.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n")
    expect(await client.end()).toEqual({ by, received: "" })
    await server.finished(1)
    expect(server.requests[0]).toMatchObject({ end: "cut", body: { complete: false, lengthBytes: 0 } })
  })

  test("before the head of the reply comes when the whole request has arrived", async () => {
    await using server = await startFaultServer({ "/": sever("before-headers") })
    await using client = await TestClient.to(server)
    client.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello")
    expect(await client.end()).toEqual({ by, received: "" })
    expect(server.requests[0]?.body).toMatchObject({ complete: true, lengthBytes: 5 })
  })

  test("in mid-head comes after a part of the head", async () => {
    const { received, ...rest } = await endOf(sever("mid-headers", { status: 404, body: "gone" }))
    expect(rest).toEqual({ by, end: "cut" })
    expect(received).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
    expect(received).not.toContain("\r\n\r\n")
  })

  test("after the head comes before the first byte of the body that the head announces", async () => {
    const { received, ...rest } = await endOf(sever("after-headers"))
    expect(rest).toEqual({ by, end: "cut" })
    expect(received).toMatch(/content-length: 1024\r\n(.+\r\n)*\r\n$/)
  })

  test("in mid-body comes after exactly so many bytes", async () => {
    const { received, ...rest } = await endOf(sever({ afterBytes: 30_000 }))
    expect(rest).toEqual({ by, end: "cut" })
    expect(received).toContain("content-length: 31024\r\n")
    expect(bodyOf(received)).toHaveLength(30_000)
  })

  test("on connect happens to one connection after the other", async () => {
    await using server = await startFaultServer({ "/": status(200), "on connect": [sever("on-connect"), accept()] })
    await using first = await TestClient.to(server)
    expect(await first.end()).toEqual({ by, received: "" })
    await server.allClosed()
    await using second = await TestClient.to(server)
    second.get("/")
    expect(await second.until("\r\n\r\n")).toContain("200 OK")
    expect(server.totalConnections).toBe(2)
  })

  test("on reuse answers the first request, then none, and uses up no step for it", async () => {
    await using server = await startFaultServer({ "/": [json(200, 1, { onReuse: by }), json(200, 2)] })
    await using client = await TestClient.to(server)
    client.get("/")
    expect(await client.until("\r\n\r\n1")).toContain("connection: keep-alive\r\n")
    const { length } = client.received
    client.get("/")
    const ending = await client.end()
    expect([ending.by, ending.received.length]).toEqual([by, length])
    expect(server.requests[1]).toMatchObject({ connection: 1, played: undefined, end: "cut" })
    expect(await (await fetch(server.origin)).json()).toBe(2)
  })

  test("can wait before it happens", async () => {
    const clock = new TestClock()
    await using server = await startFaultServer({ "/": sever("before-headers", { delayMs: 70 }) }, { clock })
    await using client = await TestClient.to(server)
    client.get("/")
    expect(await clock.pass(70)).toBe(70)
    expect((await client.end()).by).toBe(by)
  })
})

describe("stall", () => {
  test("sends a part of the body, then nothing until the client leaves", async () => {
    await using server = await startFaultServer({ "/": stall({ afterBytes: 3 }, { body: "abcdef" }) })
    await using client = await TestClient.to(server)
    client.get("/")
    await client.until("\r\n\r\nabc")
    expect(server.requests[0]?.end).toBe("open")
    client.leave()
    await server.allClosed()
    expect(server.requests[0]?.end).toBe("cut")
  })

  test.each(["before-headers", "mid-headers", "after-headers"] as const)(
    "%s keeps the connection open",
    async (moment) => {
      await using server = await startFaultServer({ "/": stall(moment) })
      const call = new AbortController()
      const reading = fetch(server.origin, { signal: call.signal }).then((reply) => reply.text())
      await server.received(1)
      expect(server.openConnections).toBe(1)
      call.abort()
      await expect(reading).rejects.toThrow("aborted")
      await server.allClosed()
    },
  )

  test("on connect takes the connection and never answers", async () => {
    await using server = await startFaultServer({ "on connect": stall("on-connect") })
    await using client = await TestClient.to(server)
    client.get("/")
    client.leave()
    await server.allClosed()
    expect([server.requests.length, client.received]).toEqual([0, ""])
  })
})

describe("broken messages", () => {
  test("a Content-Length that is too large is followed by the end of the connection", async () => {
    const { by, received } = await endOf(wrongContentLength(9, "four"))
    expect(by).toBe("close")
    expect(received).toMatch(/content-length: 9\r\n\r\nfour$/)
    await using server = await startFaultServer({ "/": wrongContentLength(9, "four") })
    expect(await causeOf(fetch(server.origin).then((reply) => reply.text()))).toBe("UND_ERR_SOCKET")
  })

  test("a Content-Length that is too small leaves bytes over on a connection that stays", async () => {
    await using server = await startFaultServer({ "/": [wrongContentLength(2, "four"), json(200, "next")] })
    await using client = await TestClient.to(server)
    client.get("/")
    expect(await client.until("four")).toContain("content-length: 2\r\n")
    client.get("/")
    expect(await client.until('"next"')).toContain("fourHTTP/1.1 200 OK")
  })

  test("a line that is no chunk size comes after good chunks", async () => {
    const { received } = await endOf(badChunkSize("good"))
    expect(bodyOf(received)).toBe("4\r\ngood\r\nno size\r\n\r\n")
    await using server = await startFaultServer({ "/": badChunkSize("good") })
    expect(await causeOf(fetch(server.origin).then((reply) => reply.text()))).toBe("HTTPParserError")
  })

  test("the last chunk can be missing", async () => {
    expect(bodyOf((await endOf(noLastChunk("good"))).received)).toBe("4\r\ngood\r\n")
    await using server = await startFaultServer({ "/": noLastChunk("good") })
    expect(await causeOf(fetch(server.origin).then((reply) => reply.text()))).toBe("UND_ERR_SOCKET")
  })

  test("a truncated gzip body comes in a message that is otherwise sound", async () => {
    await using server = await startFaultServer({ "/": truncatedGzip({ json: { text: "a longer text" } }, 8) })
    await using client = await TestClient.to(server)
    client.get("/", "Connection: close\r\n")
    const { received } = await client.end()
    const coded = Buffer.from(bodyOf(received), "latin1")
    expect(received).toContain(`content-length: ${coded.length}\r\n`)
    expect(() => gunzipSync(coded)).toThrow("unexpected end of file")
  })

  test("garbage comes instead of HTTP", async () => {
    expect(await endOf(garbage("SSH-2.0-x\r\n"))).toEqual({ by: "close", received: "SSH-2.0-x\r\n", end: "answered" })
    expect((await endOf(garbage({ base64: "AP8=" }))).received).toBe("\u0000\u00ff")
    await using server = await startFaultServer({ "/": garbage() })
    expect(await causeOf(fetch(server.origin))).toBe("HTTPParserError")
  })

  test("fields of the script replace the server's own, so that framing can contradict itself", async () => {
    const headers = { "Content-Length": ["3", "4"], "content-type": [] }
    await using server = await startFaultServer({ "/": status(200, { headers, body: "abc" }) })
    await using client = await TestClient.to(server)
    client.get("/")
    const reply = await client.until("abc")
    expect(reply.match(/content-.*/gi)).toEqual(["Content-Length: 3", "Content-Length: 4"])
  })

  test("a framing field of the script gets no other one beside it", async () => {
    const headers = { "transfer-encoding": "chunked", "content-type": [] }
    await using server = await startFaultServer({ "/": status(200, { headers, body: "no chunk" }) })
    await using client = await TestClient.to(server)
    client.get("/")
    expect(await client.until("\r\n\r\nno chunk")).not.toContain("content-length")
  })

  test("an endless body ends with RST at the server's limit", async () => {
    await using server = await startFaultServer({ "/": endless() }, { limits: { endlessBytes: 100_000 } })
    let receivedBytes = 0
    const reply = await fetch(server.origin)
    const reading = (async () => {
      for await (const piece of reply.body ?? []) receivedBytes += piece.length
    })()
    expect(await causeOf(reading)).toBe("ECONNRESET")
    expect(receivedBytes).toBeGreaterThan(0)
    expect(receivedBytes).toBeLessThanOrEqual(100_000)
  })

  test("an endless body goes no faster than it is read, and stops when the client leaves", async () => {
    await using server = await startFaultServer({ "/": endless() })
    const reply = await fetch(server.origin)
    await reply.body?.cancel()
    await server.allClosed()
    expect(server.requests[0]?.end).toBe("abandoned")
  })
})

describe("a port that is refused", () => {
  test("stays refused until it is given back", async () => {
    const refused = await refusedPort()
    for (let call = 0; call < 3; call += 1) expect(await causeOf(fetch(refused.origin))).toBe("ECONNREFUSED")
    await refused.close()
    await using server = await startFaultServer({ "/": status(204) }, { port: refused.port })
    expect((await fetch(server.origin)).status).toBe(204)
  })
})
