import { createServer } from "node:http"
import { endless, json, stall, status } from "@steadfetch/testing/fault-server"
import { expect, test } from "vitest"
import { ask } from "./caller.ts"
import { gatewayTo, house } from "./house.ts"
import { RawConnection } from "./raw.ts"

const ok = { "/*": json(200, {}) }

test.each([
  [
    "a head that is too long",
    `GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ${"a".repeat(5000)}\r\n\r\n`,
    431,
    "limits.headBytes",
  ],
  ["too many fields", `GET / HTTP/1.1\r\nHost: localhost\r\n${"X-A: 1\r\n".repeat(30)}\r\n`, 431, "limits.headFields"],
  [
    "a target that is too long",
    `GET /${"a".repeat(600)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    414,
    "limits.targetBytes",
  ],
  ["a head that never ends", "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: 1", 408, "limits.headMs"],
  [
    "a body that never ends",
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc",
    408,
    "limits.requestMs",
  ],
])("%s is refused, and the words name the limit", async (_what, request, status, limit) => {
  const limits = { headBytes: 4096, headFields: 20, targetBytes: 500, headMs: 300, requestMs: 600 }
  await using stage = await house(ok, {}, { limits })
  using connection = await RawConnection.to(stage.origin)
  connection.write(request)
  const reply = await connection.reply()
  expect([reply.status, reply.body]).toEqual([status, expect.stringContaining(limit)])
  expect(stage.upstream.requests.filter(({ body }) => body.complete)).toEqual([])
})

test("a head that fits arrives whole", async () => {
  await using stage = await house({ "/*": { kind: "echo" } })
  const headers = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`x-${index}`, "v".repeat(100)]))
  expect((await ask(stage.origin, "/", { headers })).status).toBe(200)
  expect(stage.upstream.requests[0]?.headers).toContainEqual(["x-79", "v".repeat(100)])
})

test("a connection without a request is closed", async () => {
  await using stage = await house(ok, {}, { limits: { keepAliveMs: 1 } })
  using connection = await RawConnection.to(stage.origin)
  connection.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
  await connection.reply()
  expect(await connection.untilClosed()).toBe("")
})

test("a connection on which nothing ever came is closed without a word, which could be taken for a reply", async () => {
  await using stage = await house(ok, {}, { limits: { headMs: 1 } })
  using connection = await RawConnection.to(stage.origin)
  expect(await connection.untilClosed()).toBe("")
})

test("a caller who does not read is not waited for, nor is the upstream held", async () => {
  await using stage = await house({ "/": endless() }, {}, { limits: { unreadMs: 100 } })
  using connection = await RawConnection.to(stage.origin)
  connection.socket.pause()
  connection.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
  await stage.upstream.received(1)
  await stage.upstream.allClosed()
  expect(stage.upstream.requests).toHaveLength(1)
})

test("a caller who does not read a reply that is there as a whole is not waited for, either", async () => {
  const broken = Promise.withResolvers<object>()
  const warn = (fields: object): void => broken.resolve(fields)
  await using stage = await house(
    { "/": status(404, { body: { bytes: 1_000_000 } }) },
    {},
    { limits: { unreadMs: 100 } },
    { log: { info: () => {}, error: warn, warn } },
  )
  using connection = await RawConnection.to(stage.origin)
  connection.socket.pause()
  // More than any system keeps for who does not read.
  connection.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(50))
  expect(await broken.promise).toMatchObject({ problem: "unread", status: undefined })
})

test("a slow caller gets all of it", async () => {
  await using stage = await house({ "/": { kind: "reply", status: 200, body: { bytes: 20_000_000 } } })
  using connection = await RawConnection.to(stage.origin)
  connection.socket.pause()
  connection.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
  await stage.upstream.received(1)
  connection.socket.resume()
  expect((await connection.untilClosed()).length).toBeGreaterThan(20_000_000)
})

test("the server is read no faster than the caller reads", async () => {
  const piece = Buffer.alloc(65_536)
  // More than any system keeps for who does not read.
  const most = 1500
  let sent = 0
  const left = Promise.withResolvers<void>()
  const server = createServer((_req, res) => {
    const send = (): void => {
      while (sent < most) if (++sent && !res.write(piece)) return void res.once("drain", send)
      res.end()
    }
    res.once("close", () => left.resolve())
    send()
  })
  const gateway = await gatewayTo(server, {}, { limits: { unreadMs: 3000 } })
  using connection = await RawConnection.to(gateway.origin)
  connection.socket.pause()
  connection.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
  await left.promise
  expect(sent).toBeLessThan(most)
})

test("no more connections than were allowed", async () => {
  await using stage = await house({ "/": stall("before-headers") }, {}, { limits: { connections: 2 } })
  using first = await RawConnection.to(stage.origin)
  using second = await RawConnection.to(stage.origin)
  for (const connection of [first, second]) connection.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
  await stage.upstream.received(2)
  using third = await RawConnection.to(stage.origin)
  expect(await third.untilClosed()).toBe("")
})
