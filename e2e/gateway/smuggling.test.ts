import { json, stall } from "@steadfetch/testing/fault-server"
import { describe, expect, test } from "vitest"
import { ask } from "./caller.ts"
import { house } from "./house.ts"
import { RawConnection } from "./raw.ts"

const HOST = "Host: localhost\r\n"
const HIDDEN = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"

/** What a gateway and another server could read in two ways, or not at all, and what is said to it. */
const shapes: readonly (readonly [what: string, request: string, status: number])[] = [
  ["Content-Length and Transfer-Encoding", `POST / HTTP/1.1\r\n${HOST}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ["Transfer-Encoding and Content-Length", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ["Content-Length twice, differing", `POST / HTTP/1.1\r\n${HOST}Content-Length: 0\r\nContent-Length: 44\r\n\r\n${HIDDEN}`, 400],
  ["Content-Length twice, the same", `POST / HTTP/1.1\r\n${HOST}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc${HIDDEN}`, 400],
  ["a list in Content-Length", `POST / HTTP/1.1\r\n${HOST}Content-Length: 3, 3\r\n\r\nabc${HIDDEN}`, 400],
  ["a signed Content-Length", `POST / HTTP/1.1\r\n${HOST}Content-Length: +3\r\n\r\nabc${HIDDEN}`, 400],
  ["a negative Content-Length", `POST / HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n${HIDDEN}`, 400],
  ["a hexadecimal Content-Length", `POST / HTTP/1.1\r\n${HOST}Content-Length: 0x3\r\n\r\nabc${HIDDEN}`, 400],
  ["an empty Content-Length", `POST / HTTP/1.1\r\n${HOST}Content-Length: \r\n\r\n${HIDDEN}`, 400],
  ["a huge Content-Length", `POST / HTTP/1.1\r\n${HOST}Content-Length: 99999999999999999999\r\n\r\n${HIDDEN}`, 400],
  ["Transfer-Encoding twice", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ["Transfer-Encoding identity", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: identity\r\n\r\n${HIDDEN}`, 400],
  ["chunked that is not last", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ["a coding before chunked", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${HIDDEN}`, 501],
  ["an unknown coding", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ["chunked in quotes", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ["a vertical tab before chunked", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ["Transfer-Encoding in HTTP/1.0", `POST / HTTP/1.0\r\n${HOST}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ["a space before the colon", `POST / HTTP/1.1\r\n${HOST}Content-Length : 3\r\n\r\nabc${HIDDEN}`, 400],
  ["a tab before the colon", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ["a space before the name", `GET / HTTP/1.1\r\n${HOST} X-A: 1\r\n\r\n`, 400],
  ["a folded line", `GET / HTTP/1.1\r\n${HOST}X-A: 1\r\n 2\r\n\r\n`, 400],
  ["a folded Transfer-Encoding", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${HIDDEN}`, 400],
  ["a bare LF after a field", `GET / HTTP/1.1\r\n${HOST}X-A: 1\nX-B: 2\r\n\r\n`, 400],
  ["bare LFs", `GET / HTTP/1.1\nHost: localhost\n\n`, 400],
  ["a bare CR in a value", `GET / HTTP/1.1\r\n${HOST}X-A: 1\rX-B: 2\r\n\r\n`, 400],
  ["a bare CR at the end of a line", `GET / HTTP/1.1\r\n${HOST}X-A: 1\r\r\n\r\n`, 400],
  ["NUL in a value", `GET / HTTP/1.1\r\n${HOST}X-A: 1\0\r\n\r\n`, 400],
  ["NUL in a name", `GET / HTTP/1.1\r\n${HOST}X\0A: 1\r\n\r\n`, 400],
  ["a field without colon", `GET / HTTP/1.1\r\n${HOST}X-A\r\n\r\n`, 400],
  ["a field without name", `GET / HTTP/1.1\r\n${HOST}: 1\r\n\r\n`, 400],
  ["a chunk size that is no number", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n`, 400],
  ["a chunk size with 0x", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n`, 400],
  ["a signed chunk size", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n`, 400],
  ["a huge chunk size", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n0\r\n\r\n`, 400],
  ["a chunk size with a space", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n0\r\n\r\n`, 400],
  ["a chunk that is longer than it says", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n`, 400],
  ["bare LFs between chunks", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n`, 400],
  ["a bare LF in a chunk extension", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3;a\nabc\r\n0\r\n\r\n`, 400],
  ["no Host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["two Hosts", `GET / HTTP/1.1\r\n${HOST}Host: 127.0.0.1\r\n\r\n`, 400],
  ["two Hosts, the same", `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, 400],
  ["a Host with a path", "GET / HTTP/1.1\r\nHost: localhost/evil\r\n\r\n", 421],
  ["a Host with user and password", "GET / HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n", 421],
  ["an empty Host", "GET / HTTP/1.1\r\nHost: \r\n\r\n", 421],
  ["absolute form to another host", `GET http://evil.example/ HTTP/1.1\r\n${HOST}\r\n`, 421],
  ["absolute form with user and password", `GET http://localhost@evil.example/ HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["absolute form in https", `GET https://localhost/ HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["absolute form in another scheme", `GET ftp://localhost/ HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["authority form", `GET localhost:80 HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["an asterisk with GET", `GET * HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["a fragment", `GET /a#b HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["a backslash", `GET /a\\b HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["bytes beyond ASCII in the target", `GET /\xe9 HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["dot segments", `GET /a/../../etc HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["encoded dot segments", `GET /a/%2e%2E/etc HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["dot segments between encoded slashes", `GET /a%2f..%2fetc HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["a space in the target", `GET /a b HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["a tab after the method", `GET\t/ HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["an unknown method", `GRAB / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["a lower-case method", `get / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["HTTP/0.9", "GET /\r\n\r\n", 505],
  ["HTTP/2.0", `GET / HTTP/2.0\r\n${HOST}\r\n`, 505],
  ["HTTP/1.2", `GET / HTTP/1.2\r\n${HOST}\r\n`, 400],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
  ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
  ["an unknown expectation", `GET / HTTP/1.1\r\n${HOST}Expect: magic\r\n\r\n`, 417],
  ["CONNECT", `CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n`, 501],
  ["a WebSocket", `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n`, 501],
] // prettier-ignore

describe("refused, so that nothing of it reaches the upstream:", () => {
  test.each(shapes)("%s", async (_what, request, status) => {
    await using stage = await house({ "/*": json(200, {}) })
    using connection = await RawConnection.to(stage.origin)
    connection.write(request)
    const reply = await connection.reply()
    expect([reply.status, reply.fields["content-type"]]).toEqual([status, "application/problem+json"])
    // What follows on the connection is not read, either.
    expect(request.includes(HIDDEN) ? await connection.untilClosed() : "").toBe("")
    expect(stage.upstream.requests).toEqual([])
  })
})

describe("handed on in the one way to write it:", () => {
  test.each([
    ["spaces after the method", `GET   /a HTTP/1.1\r\n${HOST}\r\n`],
    ["absolute form to the gateway itself", `GET http://localhost/a HTTP/1.1\r\nHost: other.example\r\n\r\n`],
    ["an empty line before the request", `\r\nGET /a HTTP/1.1\r\n${HOST}\r\n`],
    ["spaces around a value", `GET /a HTTP/1.1\r\n${HOST}X-A: \t 1 \t \r\n\r\n`],
    ["a chunk extension", `POST /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3;x="y"\r\nabc\r\n0\r\n\r\n`],
    ["chunked in capitals", `POST /a HTTP/1.1\r\n${HOST}Transfer-Encoding: CHUNKED\r\n\r\n3\r\nabc\r\n0\r\n\r\n`],
    [
      "an offer of HTTP/2",
      `GET /a HTTP/1.1\r\n${HOST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`,
    ],
  ])("%s", async (_what, request) => {
    await using stage = await house({ "/*": json(200, {}) })
    using connection = await RawConnection.to(stage.origin)
    connection.write(request)
    expect((await connection.reply()).status).toBe(200)
    const [arrived] = stage.upstream.requests
    expect(arrived?.target).toBe("/a")
    expect(stage.upstream.malformed).toEqual([])
    const names = arrived?.headers.map(([name]) => name.toLowerCase()) ?? []
    for (const name of ["upgrade", "http2-settings"]) expect(names).not.toContain(name)
  })
})

test("requests in a row on one connection are answered in their order", async () => {
  await using stage = await house({ "/*": { kind: "echo" } })
  using connection = await RawConnection.to(stage.origin)
  connection.write(["/1", "/2", "/3"].map((path) => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`).join(""))
  const targets: unknown[] = []
  for (let count = 0; count < 3; count++)
    targets.push((JSON.parse((await connection.reply()).body) as { target: string }).target)
  expect(targets).toEqual(["/1", "/2", "/3"])
})

test("requests in a row are made in a row: a POST is not begun before the reply to the one before it is out", async () => {
  await using stage = await house({ "/*": { kind: "echo" }, "/slow": stall("before-headers") })
  using connection = await RawConnection.to(stage.origin)
  const post = (path: string): string => `POST ${path} HTTP/1.1\r\n${HOST}Content-Length: 1\r\n\r\nx`
  connection.write(post("/1") + post("/slow") + post("/3"))
  expect((await connection.reply()).status).toBe(200)
  await stage.upstream.received(2)
  expect((await ask(stage.origin, "/4")).status).toBe(200)
  expect(stage.upstream.requests.map(({ target }) => target)).toEqual(["/1", "/slow", "/4"])
})

test("a hundred requests in a row may wait for their turn; more end the connection", async () => {
  await using stage = await house({ "/*": { kind: "echo" }, "/slow": stall("before-headers") })
  using patient = await RawConnection.to(stage.origin)
  patient.write(`GET /1 HTTP/1.1\r\n${HOST}\r\n`.repeat(101))
  for (let count = 0; count < 101; count++) expect((await patient.reply()).status).toBe(200)
  patient.write(`GET /slow HTTP/1.1\r\n${HOST}\r\n`.repeat(102))
  expect(await patient.untilClosed()).toBe("")
})

test("a caller who leaves takes with it what it has sent in a row", async () => {
  await using stage = await house({ "/*": stall("before-headers") }, {}, { admin: { port: 0 } })
  using connection = await RawConnection.to(stage.origin)
  connection.write(`GET /1 HTTP/1.1\r\n${HOST}\r\n`.repeat(10))
  await stage.upstream.received(1)
  connection.socket.destroy()
  await stage.upstream.allClosed()
  expect(stage.upstream.requests).toHaveLength(1)
  const { text } = await ask(stage.gateway.adminOrigin ?? "", "/-/metrics")
  expect(text).toContain("steadfetch_gateway_requests_under_way 0\n")
})

test.each([
  ["what is no HTTP", "\0garbage\r\n\r\n"],
  ["CONNECT", "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"],
])("%s behind a request takes no reply from it, and is the end of the connection", async (_what, behind) => {
  await using stage = await house({ "/*": json(200, {}, { delayMs: 50 }) })
  using connection = await RawConnection.to(stage.origin)
  connection.write(`GET /1 HTTP/1.1\r\n${HOST}\r\n${behind}`)
  const reply = await connection.reply()
  expect([reply.status, reply.fields["connection"]]).toEqual([200, "close"])
  expect(await connection.untilClosed()).toBe("")
  expect(stage.upstream.requests).toHaveLength(1)
})

test("what is no HTTP in the midst of a reply ends the connection, and becomes no part of the reply", async () => {
  await using stage = await house({ "/*": { kind: "reply", status: 200, body: { endless: true } } })
  using connection = await RawConnection.to(stage.origin)
  connection.write(`GET / HTTP/1.1\r\n${HOST}\r\n`)
  await connection.until("HTTP/1.1 200")
  connection.write("\0garbage\r\n\r\n")
  expect((await connection.untilClosed()).match(/HTTP\/1\.1/g)).toHaveLength(1)
})
