import { createServer } from "node:http"
import { json, status } from "@steadfetch/testing/fault-server"
import type { Configuration, Upstream } from "@steadfetch/gateway"
import { describe, expect, onTestFinished, test } from "vitest"
import { gatewayTo, house, received, type House } from "./house.ts"
import { RawConnection, type RawReply } from "./raw.ts"

async function stageFor(
  script: Parameters<typeof house>[0] = { "/*": json(200, {}) },
  settings: Partial<Upstream> = {},
  more: Partial<Configuration> = {},
): Promise<House> {
  const stage = await house(script, settings, more)
  onTestFinished(() => stage[Symbol.asyncDispose]())
  return stage
}

async function ask(
  { origin }: Pick<House, "origin">,
  lines: readonly string[] = [],
  first = "GET / HTTP/1.1",
): Promise<RawReply> {
  using connection = await RawConnection.to(origin)
  const host = lines.some((line) => line.startsWith("Host:")) ? [] : ["Host: localhost:8480"]
  connection.write([first, ...host, ...lines, "", ""].join("\r\n"))
  return await connection.reply()
}

describe("a request's fields that go no further:", () => {
  test.each([
    ["Connection", ["Connection: keep-alive"], "connection: keep-alive", undefined],
    ["Keep-Alive", ["Keep-Alive: timeout=5"], "keep-alive", undefined],
    ["what Connection names", ["Connection: X-One, x-two", "X-One: 1", "X-Two: 2"], "x-one", undefined],
    ["what a second Connection names", ["Connection: close", "Connection: X-Two", "X-Two: 2"], "x-two", undefined],
    ["Proxy-Connection", ["Proxy-Connection: keep-alive"], "proxy-connection", undefined],
    ["Proxy-Authorization", ["Proxy-Authorization: Basic eDp5"], "proxy-authorization", undefined],
    ["TE", ["Connection: TE", "TE: trailers"], "te", undefined],
    ["TE alone", ["TE: trailers"], "te", undefined],
    ["Trailer", ["Trailer: X-Sum"], "trailer", undefined],
    ["Upgrade", ["Upgrade: h2c"], "upgrade", undefined],
    ["Expect", ["Expect: 100-continue"], "expect", undefined],
    ["the gateway's token", ["Steadfetch-Token: x"], "steadfetch-token", undefined],
  ])("%s", async (_what, lines, name) => {
    const stage = await stageFor()
    expect((await ask(stage, lines)).status).toBe(200)
    expect(received(stage.upstream, name)).toBeUndefined()
  })
})

test("all other fields arrive as they were sent, in their order, line by line", async () => {
  const stage = await stageFor()
  const lines = ["X-B: 2", "X-A: 1", "X-B: 3", "Accept-Encoding: br;q=0.5, gzip", "If-None-Match: \"a\"", "Range: bytes=0-1", "Cookie: a=1", "Authorization: Basic eDp5", "X-Latin: caf\xe9"] // prettier-ignore
  await ask(stage, lines)
  const arrived = stage.upstream.requests[0]?.headers.map(([name, value]) => `${name}: ${value}`) ?? []
  expect(arrived.filter((line) => !/^(host|connection|via|x-forwarded|forwarded)/.test(line))).toEqual(
    lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase())),
  )
})

test("nothing is added that the caller did not ask for, but what a gateway has to say", async () => {
  const stage = await stageFor()
  await ask(stage)
  expect(stage.upstream.requests[0]?.headers.map(([name]) => name.toLowerCase())).toEqual([
    "host",
    "connection",
    "via",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
  ])
  expect(received(stage.upstream, "host")).toBe(new URL(stage.upstream.origin).host)
})

describe("the caller is told of", () => {
  const said = new Map([
    ["forwarded", "for=9.9.9.9"],
    ["x-forwarded-for", "9.9.9.9"],
    ["x-forwarded-proto", "https"],
    ["x-forwarded-prefix", "/a"],
    ["x-real-ip", "9.9.9.9"],
    // The same to a server that gets its fields by CGI's names.
    ["x_forwarded_for", "9.9.9.9"],
  ])
  test.each([
    ["in place of what it said", undefined, 'for=127.0.0.1;host="localhost:8480";proto=http', "127.0.0.1", "http"],
    [
      "behind what it said",
      "append",
      'for=9.9.9.9, for=127.0.0.1;host="localhost:8480";proto=http',
      "9.9.9.9, 127.0.0.1",
      "https",
    ],
    ["not at all", false, undefined, undefined, undefined],
  ] as const)("%s", async (_what, forwarded, standard, older, scheme) => {
    const stage = await stageFor(undefined, { forwarded })
    await ask(stage, [...said].map(([name, value]) => `${name}: ${value}`)) // prettier-ignore
    expect(received(stage.upstream, "forwarded")).toBe(standard)
    expect(received(stage.upstream, "x-forwarded-for")).toBe(older)
    expect(received(stage.upstream, "x-forwarded-proto")).toBe(scheme)
    for (const name of ["x-real-ip", "x-forwarded-prefix", "x_forwarded_for"])
      expect(received(stage.upstream, name)).toBe(forwarded === "append" ? said.get(name) : undefined)
  })
})

test("Via grows by a name on both ways", async () => {
  const stage = await stageFor({ "/*": status(200, { headers: { Via: "1.0 fred" } }) })
  const reply = await ask(stage, ["Via: 1.1 wilma"])
  expect(received(stage.upstream, "via")).toMatch(/^1\.1 wilma, 1\.1 steadfetch-[0-9a-f]{8}$/)
  expect(reply.fields["via"]).toMatch(/^1\.0 fred, 1\.1 steadfetch-[0-9a-f]{8}$/)
})

test("a request can go without Via", async () => {
  const stage = await stageFor(undefined, { via: false })
  await ask(stage)
  expect(received(stage.upstream, "via")).toBeUndefined()
})

test("a request that comes back to its gateway is a loop", async () => {
  const stage = await stageFor()
  const { fields } = await ask(stage)
  const reply = await ask(stage, [`Via: ${fields["via"]}`])
  expect([reply.status, reply.body]).toEqual([508, expect.stringContaining("came back")])
  expect(stage.upstream.requests).toHaveLength(1)
})

test("a reply's fields arrive as they were sent, but for those of the upstream's connection", async () => {
  const headers = {
    "Set-Cookie": ["a=1", "b=2"],
    "WWW-Authenticate": ["Basic", "Bearer"],
    Connection: "X-Hop",
    "X-Hop": "1",
    "Keep-Alive": "timeout=99",
    "X-Empty": "",
    "Content-Encoding": "gzip",
    ETag: 'W/"x"',
    "Steadfetch-Attempts": "99",
  }
  const stage = await stageFor({ "/*": status(200, { headers, body: "not gzip" }) })
  const { head, body } = await ask(stage)
  for (const line of ["Set-Cookie: a=1", "Set-Cookie: b=2", "WWW-Authenticate: Basic", "WWW-Authenticate: Bearer", "X-Empty: ", 'ETag: W/"x"', "Content-Encoding: gzip", "Steadfetch-Attempts: 1"]) expect(head).toContain(`\r\n${line}\r\n`) // prettier-ignore
  for (const line of ["X-Hop", "timeout=99", "Steadfetch-Attempts: 99"]) expect(head).not.toContain(line)
  expect(body).toBe("not gzip")
})

describe("Max-Forwards", () => {
  test.each([
    ["OPTIONS / HTTP/1.1", "0", 204, undefined],
    ["OPTIONS / HTTP/1.1", "3", 200, "2"],
    ["TRACE / HTTP/1.1", "0", 501, undefined],
    ["GET / HTTP/1.1", "0", 200, "0"],
    ["OPTIONS * HTTP/1.1", "3", 204, undefined],
  ])("%s with %s", async (first, value, expected, arrived) => {
    const stage = await stageFor()
    expect((await ask(stage, [`Max-Forwards: ${value}`], first)).status).toBe(expected)
    expect(received(stage.upstream, "max-forwards")).toBe(arrived)
  })
})

describe("let in or kept out:", () => {
  const known: Partial<Configuration> = { allow: { hosts: ["api.test"], origins: ["https://app.test"] } }
  test.each([
    ["localhost", ["Host: localhost"], 200],
    ["an address of this machine", ["Host: 127.0.0.9:1"], 200],
    ["IPv6", ["Host: [::1]:8480"], 200],
    ["a name below localhost", ["Host: orders.localhost"], 200],
    ["a name that was given", ["Host: API.test:99"], 200],
    ["another name, as after DNS rebinding", ["Host: evil.test"], 421],
    ["a name that ends like one", ["Host: evil-localhost"], 421],
    ["a name that begins like one", ["Host: 127.0.0.1.evil.test"], 421],
    ["a web page", ["Origin: https://evil.test"], 403],
    ["a sandboxed page", ["Origin: null"], 403],
    ["a page of another port of this machine", ["Origin: http://localhost:3000"], 403],
    ["a page that was given", ["Origin: https://app.test", "Sec-Fetch-Site: cross-site"], 200],
    ["a page that was given, and another", ["Origin: https://app.test", "Origin: https://evil.test"], 403],
    ["an image of a web page", ["Sec-Fetch-Site: cross-site"], 403],
    ["a page of a sibling", ["Sec-Fetch-Site: same-site"], 403],
    ["an address that someone typed", ["Sec-Fetch-Site: none"], 200],
  ])("%s", async (_what, lines, expected) => {
    const stage = await stageFor(undefined, {}, known)
    const reply = await ask(stage, lines)
    expect(reply.status).toBe(expected)
    expect(stage.upstream.requests).toHaveLength(expected === 200 ? 1 : 0)
  })

  test.each([
    ["no token", [], 401],
    ["another token", ["Steadfetch-Token: other"], 401],
    ["the token", ["Steadfetch-Token: s3cret-token"], 200],
  ])("%s", async (_what, lines, expected) => {
    const upstream = await house({ "/*": json(200, {}) })
    onTestFinished(() => upstream[Symbol.asyncDispose]())
    const { startGateway } = await import("@steadfetch/gateway")
    await using gateway = await startGateway(
      {
        listen: { host: "0.0.0.0", port: 0 },
        admin: false,
        token: { env: "T" },
        upstreams: { a: { url: upstream.upstream.origin } },
      },
      { env: { T: "s3cret-token" } },
    )
    using connection = await RawConnection.to(gateway.origin.replace("0.0.0.0", "127.0.0.1"))
    connection.write(["GET / HTTP/1.1", "Host: localhost", ...lines, "", ""].join("\r\n"))
    const reply = await connection.reply()
    expect(reply.status).toBe(expected)
    expect(reply.fields["www-authenticate"]?.startsWith("Steadfetch-Token") ?? false).toBe(expected === 401)
    expect(reply.head + reply.body).not.toContain("s3cret")
    expect(received(upstream.upstream, "steadfetch-token")).toBeUndefined()
  })
})

test("a request's trailers go no further, whatever they are called, and become no header fields", async () => {
  const server = createServer((req, res) => {
    let body = ""
    req.on("data", (piece: Buffer) => (body += piece.toString()))
    req.on("end", () => res.end(JSON.stringify({ body, headers: req.headers, trailers: req.trailers })))
  })
  const gateway = await gatewayTo(server)
  const trailers = ["X-Sum: 42", "host: evil.test", "Cookie: a=1", "Authorization: Basic eDp5"]
  const lines = ["Trailer: X-Sum", "Transfer-Encoding: chunked", "", "3", "abc", "0", ...trailers]
  const reply = await ask(gateway, lines, "PUT / HTTP/1.1")
  const { body, headers, trailers: arrived } = JSON.parse(reply.body) as Record<string, object>
  expect([reply.status, body, arrived]).toEqual([200, "abc", {}])
  expect(Object.keys(headers ?? {})).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(x-sum|cookie|authorization|trailer)$/)]),
  )
  expect(headers).toMatchObject({ host: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string })
})
