import { createHash } from "node:crypto"
import { describe, expect, test } from "vitest"
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib"
import { TestClient } from "./test-client.ts"
import { TestClock } from "./test-clock.ts"
import { echo, json, patternBytes, redirect, startFaultServer, status, trickle } from "./index.ts"

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1")
const bodyOf = (reply: string): string => reply.slice(reply.indexOf("\r\n\r\n") + 4)

describe("a reply", () => {
  test("has the status, the reason, the fields in their order and case, and the body of its step", async () => {
    const parts = { reason: "Quite Busy", headers: { "X-B": ["1", "2"], "x-a": "3", date: [] }, body: "wait" }
    await using server = await startFaultServer({ "/": status(599, parts) })
    await using client = await TestClient.to(server)
    client.get("/")
    expect(await client.until("wait")).toBe(
      "HTTP/1.1 599 Quite Busy\r\nX-B: 1\r\nX-B: 2\r\nx-a: 3\r\n" +
        "content-type: text/plain; charset=utf-8\r\ncontent-length: 4\r\n\r\nwait",
    )
  })

  test("carries JSON, bytes or a pattern of any length", async () => {
    await using server = await startFaultServer({
      "/json": json(201, { id: 7 }),
      "/bytes": status(200, { body: { base64: "AP8Q" } }),
      "/pattern": status(200, { body: { bytes: 100_000 } }),
    })
    const created = await fetch(`${server.origin}/json`)
    expect([created.status, created.headers.get("content-type"), await created.json()]).toEqual([
      201,
      "application/json",
      { id: 7 },
    ])
    expect(await (await fetch(`${server.origin}/bytes`)).bytes()).toEqual(new Uint8Array([0, 255, 16]))
    const pattern = await (await fetch(`${server.origin}/pattern`)).bytes()
    expect(pattern).toEqual(Uint8Array.from({ length: 100_000 }, (_, index) => index % 251))
    expect(patternBytes(100_000)).toEqual(pattern)
    expect(patternBytes(700, 600)).toEqual(pattern.slice(600, 700))
  })

  test("has no body for HEAD, 204 and 304, and a HEAD's length is that of the body there would be", async () => {
    await using server = await startFaultServer({ "/": json(200, "hello"), "/none": [status(204), status(304)] })
    await using client = await TestClient.to(server)
    client.send("HEAD / HTTP/1.1\r\nHost: test\r\n\r\n")
    expect(await client.until("\r\n\r\n")).toContain("content-length: 7\r\n")
    client.get("/none")
    client.get("/none", "Connection: close\r\n")
    const { received } = await client.end()
    expect(received.match(/^HTTP.*$/gm)).toEqual([
      "HTTP/1.1 200 OK",
      "HTTP/1.1 204 No Content",
      "HTTP/1.1 304 Not Modified",
    ])
    expect(received.split("\r\n\r\n")).toHaveLength(4)
    expect(received.match(/content-length/g)).toHaveLength(1)
  })

  test("comes after interim replies, which do not wait for its delay", async () => {
    const clock = new TestClock()
    const informational = [{ status: 103, headers: { link: ["</a.css>", "</b.css>"] } }, { status: 102 }]
    await using server = await startFaultServer(
      { "/": status(200, { informational, delayMs: 300, body: "x" }) },
      { clock },
    )
    await using client = await TestClient.to(server)
    client.get("/")
    expect(await client.until("102 Processing\r\n\r\n")).toBe(
      "HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\nlink: </b.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n",
    )
    expect(await clock.pass(300)).toBe(300)
    expect(await client.until("x")).toContain("HTTP/1.1 200 OK\r\n")
  })

  test("trickles its body, chunk by chunk when it is chunked", async () => {
    const clock = new TestClock()
    const step = trickle("abcdefg", { chunkBytes: 3, gapMs: 50 }, { framing: "chunked" })
    await using server = await startFaultServer({ "/": step }, { clock })
    await using client = await TestClient.to(server)
    client.get("/")
    expect(bodyOf(await client.until("abc\r\n"))).toBe("3\r\nabc\r\n")
    expect(await clock.pass(50)).toBe(50)
    expect(bodyOf(await client.until("def\r\n"))).toBe("3\r\nabc\r\n3\r\ndef\r\n")
    await clock.pass(50)
    expect(bodyOf(await client.until("0\r\n\r\n"))).toBe("3\r\nabc\r\n3\r\ndef\r\n1\r\ng\r\n0\r\n\r\n")
  })

  test.for([
    ["gzip", gunzipSync],
    ["deflate", inflateSync],
    ["br", brotliDecompressSync],
  ] as const)("is coded with %s", async ([name, decode]) => {
    await using server = await startFaultServer({ "/": json(200, { text: "hello" }, { coding: { name } }) })
    await using client = await TestClient.to(server)
    client.get("/", "Connection: close\r\n")
    const { received } = await client.end()
    expect(received).toContain(`content-encoding: ${name}\r\n`)
    expect(decode(Buffer.from(bodyOf(received), "latin1")).toString()).toBe('{"text":"hello"}')
    expect(await (await fetch(server.origin)).json()).toEqual({ text: "hello" })
  })

  test("redirects within the server and to another one", async () => {
    await using other = await startFaultServer({ "/b": json(200, "there") })
    await using server = await startFaultServer(
      { "/a": [redirect(307, "{origin}/a"), redirect(302, "{origin:other}/b"), json(200, { self: "{origin}/a" })] },
      { origins: { other } },
    )
    expect(await (await fetch(`${server.origin}/a`)).json()).toBe("there")
    expect(await (await fetch(`${server.origin}/a`)).json()).toEqual({ self: `${server.origin}/a` })
  })

  test("fills dates in as IMF-fixdate, never earlier than asked", async () => {
    const headers = { "retry-after": "{date+2s}", expires: "{date-1h}", "x-soon": "{date+750ms}" }
    await using server = await startFaultServer({ "/": status(503, { headers }) }, { clock: new TestClock() })
    const reply = await fetch(server.origin)
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      date: "Thu, 01 Jan 2026 00:00:00 GMT",
      "retry-after": "Thu, 01 Jan 2026 00:00:03 GMT",
      expires: "Wed, 31 Dec 2025 23:00:01 GMT",
      "x-soon": "Thu, 01 Jan 2026 00:00:01 GMT",
    })
  })

  test("echoes the request, its fields as they were sent and its body's digest", async () => {
    await using server = await startFaultServer({ "PUT /e/*": echo({ status: 202 }) })
    await using client = await TestClient.to(server)
    client.send(
      "PUT /e/{origin}?q=1 HTTP/1.1\r\nhOST: test\r\nX-Two: a\r\nX-Two:  b \r\nContent-Length: 5\r\n\r\nhello",
    )
    const reply = await client.until("}}")
    expect(reply).toMatch(/^HTTP\/1\.1 202 Accepted\r\ncontent-type: application\/json\r\n/)
    expect(JSON.parse(bodyOf(reply))).toEqual({
      method: "PUT",
      target: "/e/{origin}?q=1",
      headers: [
        ["hOST", "test"],
        ["X-Two", "a"],
        ["X-Two", "b"],
        ["Content-Length", "5"],
      ],
      body: { sha256: createHash("sha256").update("hello").digest("hex"), lengthBytes: 5 },
    })
  })

  test("ends the connection when the client, the step or HTTP/1.0 asks for it", async () => {
    await using server = await startFaultServer({
      "/": status(200),
      "/last": status(200, { headers: { Connection: "close" } }),
    })
    for (const request of [
      "GET / HTTP/1.1\r\nConnection: Close\r\n\r\n",
      "GET / HTTP/1.0\r\n\r\n",
      "GET /last HTTP/1.1\r\n\r\n",
    ]) {
      await using client = await TestClient.to(server)
      client.send(request)
      expect(await client.end()).toEqual({ by: "close", received: expect.stringMatching(/connection: close\r\n/i) })
    }
  })

  test("whose length is told by the end of the connection ends it", async () => {
    await using server = await startFaultServer({
      "/": status(200, { framing: "until-close", body: { bytes: 40_000 } }),
    })
    await using client = await TestClient.to(server)
    client.get("/")
    const { by, received } = await client.end()
    expect(by).toBe("close")
    expect(received).not.toMatch(/content-length|transfer-encoding/)
    expect(bodyOf(received)).toBe(latin1(patternBytes(40_000)))
  })
})
