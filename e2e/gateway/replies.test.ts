import { createServer, METHODS, request } from "node:http"
import { once } from "node:events"
import { createServer as createNetServer } from "node:net"
import {
  badChunkSize,
  close,
  endless,
  garbage,
  json,
  noLastChunk,
  patternBytes,
  redirect,
  reset,
  stall,
  status,
  trickle,
  truncatedGzip,
  wrongContentLength,
  type Script,
  type Step,
} from "@steadfetch/testing/fault-server"
import type { Upstream } from "@steadfetch/gateway"
import { describe, expect, test } from "vitest"
import { ask, type Asked } from "./caller.ts"
import { gatewayTo, house, QUICK } from "./house.ts"

const good = status(200, { body: "good" })
const story = ({ headers }: { readonly headers: NodeJS.Dict<string | string[]> }): unknown[] => [
  headers["steadfetch-attempts"],
  headers["steadfetch-verdict"],
]

describe("what the server sends, and what the caller gets:", () => {
  const large = { body: { bytes: 300_000 } } as const
  const rows: readonly (readonly [what: string, steps: readonly Step[], expected: readonly unknown[]])[] = [
    ["a success", [good], [200, "good", "1", "accept"]],
    ["204", [status(204)], [204, "", "1", "accept"]],
    ["304", [status(304)], [304, "", "1", "accept"]],
    ["a redirect, not followed", [redirect(302, "{origin}/x")], [302, "", "1", "accept"]],
    ...[400, 401, 403, 404, 409, 418, 422, 451, 499].map((code) => [`${code}, at once`, [status(code, { body: "why" }), good], [code, "why", "1", "correct"]] as const),
    ...[500, 501, 502, 503, 504, 520, 599].map((code) => [`${code}, then a success`, [status(code), good], [200, "good", "2", "accept"]] as const),
    ["429 that names a time", [status(429, { headers: { "retry-after": "0" } }), good], [200, "good", "2", "accept"]],
    ["429 that names none", [status(429, { body: "slow" }), good], [429, "slow", "1", "correct"]],
    ["503 until the deadline", [status(503, { headers: { "retry-after": "3600" }, body: "down" })], [503, "down", "1", "retry"]],
    ["503 until attempts are used", [status(503, { body: "down" })], [503, "down", "3", "retry"]],
    ["503, then no replies", [status(503, { body: "down" }), reset("before-headers")], [503, "down", "3", "retry"]],
    ["a reset before the headers", [reset("before-headers"), good], [200, "good", "2", "accept"]],
    ["a close before the headers", [close("before-headers"), good], [200, "good", "2", "accept"]],
    ["a reset before reading", [reset("before-reading"), good], [200, "good", "2", "accept"]],
    ["a reset in mid-headers", [reset("mid-headers"), good], [200, "good", "2", "accept"]],
    ["a close in mid-headers", [close("mid-headers"), good], [200, "good", "2", "accept"]],
    ["silence before the headers", [stall("before-headers"), good], [200, "good", "2", "accept"]],
    ["silence in mid-headers", [stall("mid-headers"), good], [200, "good", "2", "accept"]],
    ["silence in a short body", [stall({ afterBytes: 1 }, { body: "long" }), good], [200, "good", "2", "accept"]],
    ["a reset in a short body", [reset({ afterBytes: 1 }, { body: "long" }), good], [200, "good", "2", "accept"]],
    ["a close in a short body", [close({ afterBytes: 1 }, { body: "long" }), good], [200, "good", "2", "accept"]],
    ["garbage", [garbage(), good], [200, "good", "2", "accept"]],
    ["garbage for ever", [garbage()], [502, expect.stringContaining("upstream-protocol"), "3", "retry"]],
    ["a body longer than it says", [wrongContentLength(3, "good")], [200, "goo", "1", "accept"]],
    ["a body shorter than it says", [wrongContentLength(9, "good"), good], [200, "good", "2", "accept"]],
    ["a reply coded wrong", [truncatedGzip("words")], [200, expect.anything(), "1", "accept"]],
    ["a trickle", [trickle({ bytes: 30 }, { chunkBytes: 7, gapMs: 1 })], [200, expect.stringMatching(/^[^]{30}$/), "1", "accept"]],
    ["a long reply", [status(200, large)], [200, Buffer.from(patternBytes(300_000)).toString(), "1", "accept"]],
    ["a long error", [status(500, { body: { bytes: 2_000_000 } })], [500, Buffer.from(patternBytes(2_000_000)).toString(), "3", "retry"]],
    ["a long error, then no replies", [status(500, { body: { bytes: 2_000_000 } }), reset("before-headers")], [502, expect.stringContaining("upstream-reset"), "3", "retry"]],
    ["a connection that is kept and then reset", [status(200, { onReuse: "reset" }), good], [200, "", "1", "accept"]],
    ["a reply until the connection closes", [status(200, { body: "until close", framing: "until-close" })], [200, "until close", "1", "accept"]],
  ] // prettier-ignore

  test.each(rows)("%s", async (what, steps, expected) => {
    // No limit that a busy machine could reach where nothing is silent.
    const timeout = what.startsWith("silence") ? { attemptMs: 1500, stallMs: 1500 } : undefined
    const settings = { retry: { baseMs: 1, attempts: 3 }, timeout }
    await using stage = await house({ "/": steps }, settings)
    const answer = await ask(stage.origin)
    expect([answer.status, answer.text, ...story(answer)]).toEqual(expected)
    expect(answer.isWhole).toBe(true)
  })

  test.each([
    ["a reset in a long body", reset({ afterBytes: 150_000 }, large)],
    ["a close in a long body", close({ afterBytes: 150_000 }, large)],
    ["silence in a long body", stall({ afterBytes: 150_000 }, large)],
    ["a bad chunk size", badChunkSize("text")],
    ["no last chunk", noLastChunk("text")],
  ])("%s ends the caller's connection before the body's end", async (_what, step) => {
    await using stage = await house({ "/": step }, { retry: { baseMs: 1 }, timeout: { stallMs: 200 } })
    expect(await ask(stage.origin)).toMatchObject({ status: 200, isWhole: false })
  })
})

test("the story of the attempts is a structured list", async () => {
  await using stage = await house({ "/": [status(503), reset("before-headers"), good] })
  const { headers } = await ask(stage.origin)
  expect(headers["steadfetch-story"]).toMatch(/^503;ms=\d+;wait-ms=\d+, reset;ms=\d+;wait-ms=\d+, 200;ms=\d+$/)
  expect(headers["steadfetch-upstream"]).toBe("api")
})

test("a wait beyond the deadline ends at once, and says when to come back", async () => {
  await using stage = await house({ "/": status(503, { headers: { "retry-after": "3600" } }) })
  const { headers } = await ask(stage.origin)
  expect(headers["steadfetch-ending"]).toBe("deadline")
  const inMs = Date.parse(String(headers["steadfetch-retry-at"])) - Date.now()
  expect(inMs).toBeGreaterThan(3_590_000)
  expect(headers["retry-after"]).toBe("3600")
})

describe("every method is handed on:", () => {
  test.each(METHODS.filter((method) => method !== "CONNECT"))("%s", async (method) => {
    await using stage = await house({ "/*": { kind: "echo" } })
    const { status } = await ask(stage.origin, "/a?b=%20&c", { method })
    expect(status).toBe(200)
    expect(stage.upstream.requests[0]).toMatchObject({ method, target: "/a?b=%20&c" })
  })
})

describe("HTTP as it is:", () => {
  test("HEAD has its length and no body", async () => {
    await using stage = await house({ "/": status(200, { body: "words" }) })
    const { status: code, headers, bytes } = await ask(stage.origin, "/", { method: "HEAD" })
    expect([code, headers["content-length"], bytes.length]).toEqual([200, "5", 0])
  })

  test("interim replies come before the final one", async () => {
    const informational = [{ status: 103, headers: { link: "</a.css>" } }, { status: 102 }, { status: 199 }]
    await using stage = await house({ "/": status(200, { informational, body: "x" }) })
    expect(await ask(stage.origin)).toMatchObject({ status: 200, interim: [103, 102, 199], text: "x" })
  })

  test("ranges and conditions", async () => {
    const part = status(206, { headers: { "content-range": "bytes 0-1/9" }, body: "ab" })
    await using stage = await house({ "/": part })
    const answer = await ask(stage.origin, "/", { headers: { range: "bytes=0-1", "if-range": '"x"' } })
    expect([answer.status, answer.headers["content-range"], answer.text]).toEqual([206, "bytes 0-1/9", "ab"])
    expect(stage.upstream.requests[0]?.headers).toContainEqual(["if-range", '"x"'])
  })

  test("content codings are left alone, and asked for only by the caller", async () => {
    await using stage = await house({ "/": status(200, { body: "words words words", coding: { name: "gzip" } }) })
    const { headers, bytes } = await ask(stage.origin, "/", { headers: { "accept-encoding": "gzip" } })
    expect([headers["content-encoding"], bytes[0], bytes[1]]).toEqual(["gzip", 0x1f, 0x8b])
  })

  test("trailers", async () => {
    const server = createServer((_req, res) => {
      res.writeHead(200, { trailer: "x-sum" })
      res.write("a".repeat(200_000))
      res.addTrailers({ "X-Sum": "42", "Steadfetch-Verdict": "correct" })
      res.end()
    })
    const gateway = await gatewayTo(server)
    const { trailers, isWhole } = await ask(gateway.origin)
    expect([trailers, isWhole]).toEqual([{ "x-sum": "42" }, true])
  })

  test("a piece of a stream is passed on when it comes, and so is a head before any", async () => {
    let say: (text: string) => void = () => {}
    const server = createServer((_req, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders()
      say = (text) => res.write(text)
    })
    const gateway = await gatewayTo(server)
    const response = await fetch(gateway.origin)
    expect(response.headers.get("content-type")).toBe("text/event-stream")
    const reader = response.body?.getReader()
    for (const event of ["data: 1\n\n", "data: 2\n\n"]) {
      say(event)
      expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(event)
    }
    await reader?.cancel()
  })

  test("HTTP/1.0 gets its body until the connection closes", async () => {
    const { RawConnection } = await import("./raw.ts")
    await using stage = await house({ "/": status(200, { body: { bytes: 100_000 }, framing: "chunked" }) })
    using connection = await RawConnection.to(stage.origin)
    connection.write("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
    const text = await connection.untilClosed()
    expect(text.slice(text.indexOf("\r\n\r\n") + 4)).toHaveLength(100_000)
    expect(text).not.toContain("Transfer-Encoding")
  })
})

describe("a server that is no test's:", () => {
  test("header fields that cannot be handed on are a problem, and hold no connection", async () => {
    const closed = Promise.withResolvers<void>()
    const server = createNetServer((socket) => {
      socket
        .resume()
        .on("error", () => {})
        .on("close", () => closed.resolve())
      socket.write("HTTP/1.1 200 OK\r\nX-A: a\x01b\r\nContent-Length: 100000\r\n\r\nx")
    })
    const gateway = await gatewayTo(server, { retry: false })
    expect((await ask(gateway.origin)).status).toBe(502)
    await closed.promise
  })

  test("204 that says how long its body is, is passed on without", async () => {
    const server = createNetServer((socket) => {
      socket.on("error", () => {})
      socket.end("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\nX-A: 1\r\n\r\n")
    })
    const gateway = await gatewayTo(server, { retry: false })
    const { status, headers } = await ask(gateway.origin)
    expect([status, headers["x-a"], headers["content-length"]]).toEqual([204, "1", undefined])
  })

  test("a reply that says twice how long it is, is no reply", async () => {
    const server = createNetServer((socket) => {
      socket.on("error", () => {})
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    })
    const gateway = await gatewayTo(server, { retry: false })
    expect((await ask(gateway.origin)).status).toBe(502)
  })
})

describe("when there is no reply, a problem says what happened and what to do:", () => {
  const rows: readonly (readonly [string, Script, Partial<Upstream>, number, object])[] = [
    ["resets", { "/": reset("before-headers") }, {}, 502, { code: "upstream-reset" }],
    ["a connection refused", { "on connect": reset("on-connect") }, {}, 502, { attempts: { length: 2 } }],
    ["silence", { "/": stall("before-headers") }, { timeout: { attemptMs: 50 } }, 504, { code: "upstream-timeout" }],
    ["the deadline", { "/": stall("before-headers") }, { deadlineMs: 50 }, 504, { ending: "deadline" }],
  ]
  test.each(rows)("%s", async (_what, script, settings, code, expected) => {
    await using stage = await house(script, { retry: { attempts: 2, baseMs: 1 }, ...settings })
    const answer = await ask(stage.origin)
    expect([answer.status, answer.headers["content-type"]]).toEqual([code, "application/problem+json"])
    expect(JSON.parse(answer.text)).toMatchObject({ status: code, upstream: "api", ...expected })
    expect((JSON.parse(answer.text) as { detail: string }).detail).toMatch(
      /^The upstream "api" .+ \(\d attempts?\)\. .+\.$/,
    )
  })

  test("an open breaker is 503 and names the time", async () => {
    await using stage = await house({ "/": status(500) }, { retry: false, breaker: { minAttempts: 2, openMs: 60_000 } })
    for (let count = 0; count < 2; count++) await ask(stage.origin)
    const answer = await ask(stage.origin)
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      503,
      expect.objectContaining({ code: "upstream-rejected" }),
    ])
    expect(Date.parse(String(answer.headers["retry-after"]))).toBeGreaterThan(Date.now())
  })
})

describe("a caller who leaves", () => {
  test.each([
    ["while the upstream is silent", { "/": stall("before-headers") }],
    ["in the midst of a body", { "/": endless() }],
    ["while a short body is awaited", { "/": stall({ afterBytes: 1 }, { body: "long" }) }],
  ] as const)("%s ends the call to the upstream", async (_what, script) => {
    await using stage = await house(script)
    const req = request(stage.origin)
    req.on("error", () => {})
    req.on("response", (res) => res.once("data", () => req.destroy()))
    req.end()
    await stage.upstream.received(1)
    if (_what !== "in the midst of a body") req.destroy()
    await stage.upstream.allClosed()
    expect(stage.upstream.requests).toHaveLength(1)
  })

  test("between two attempts ends the call", async () => {
    await using stage = await house({ "/": status(503) }, { retry: { baseMs: 60_000 }, deadlineMs: false })
    const waiting = new Promise((resolve) => stage.gateway.on("waiting", resolve))
    const ended = new Promise<unknown>((resolve) => stage.gateway.on("call-ended", ({ outcome }) => resolve(outcome)))
    const req = request(stage.origin)
    req.on("error", () => {})
    req.end()
    await waiting
    req.destroy()
    expect(await ended).toMatchObject({ code: "aborted" })
    expect(stage.upstream.requests).toHaveLength(1)
  })

  test("in the midst of its own body ends the call", async () => {
    await using stage = await house({ "/": good })
    const req = request(stage.origin, { method: "POST", headers: { "content-length": "1000000" } })
    req.on("error", () => {})
    req.write(Buffer.alloc(100_000))
    await stage.upstream.received(1)
    req.destroy()
    await stage.upstream.allClosed()
    expect(stage.upstream.requests[0]).toMatchObject({ body: { complete: false } })
  })
})

describe("a request's body", () => {
  const MiB = 1024 * 1024
  const pieces = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000)
  }
  const twice: Script = { "/": [status(503), { kind: "echo" }] }
  const limits = { memoryBytes: 100_000, fileBytes: 3 * MiB, mostBytes: 4 * MiB }

  test.each([
    ["none", 0, {}],
    ["short", 100, {}],
    ["in memory", 90_000, {}],
    ["in a file", 2 * MiB, {}],
    ["short, in chunks", 100, { isChunked: true }],
    ["in memory, in chunks", 90_000, { isChunked: true }],
    ["in a file, in chunks", 2 * MiB, { isChunked: true }],
  ] as readonly (readonly [string, number, { isChunked?: boolean }])[])(
    "that is noted %s is the same at each attempt, with the same key",
    async (_what, length, { isChunked }) => {
      await using stage = await house(twice, { ...QUICK, body: limits })
      const bytes = patternBytes(length)
      const asked: Asked =
        isChunked === true ? { method: "POST", body: pieces(bytes) } : { method: "POST", body: bytes }
      const answer = await ask(stage.origin, "/", asked)
      expect([answer.status, ...story(answer)]).toEqual([200, "2", "accept"])
      const [first, second] = stage.upstream.requests
      expect(second?.body).toMatchObject({ lengthBytes: length, complete: true, sha256: first?.body.sha256 })
      const keyOf = (of: typeof first): unknown => of?.headers.find(([name]) => name === "idempotency-key")?.[1]
      expect(keyOf(first)).toMatch(/\S{16,}/)
      expect(keyOf(second)).toBe(keyOf(first))
    },
  )

  test.each([
    ["that is announced", false],
    ["in chunks", true],
  ])("too long to be kept, %s, is sent once", async (_what, isChunked) => {
    await using stage = await house(twice, { ...QUICK, body: limits })
    const bytes = patternBytes(3.5 * MiB)
    const answer = await ask(stage.origin, "/", { method: "PUT", body: isChunked ? pieces(bytes) : bytes })
    expect([answer.status, ...story(answer), answer.headers["steadfetch-ending"]]).toEqual([503, "1", "retry", "body"])
    expect(stage.upstream.requests[0]?.body).toMatchObject({ lengthBytes: bytes.length, complete: true })
  })

  test.each([
    ["that is announced", false],
    ["in chunks", true],
  ])("too long to be taken, %s, is refused", async (_what, isChunked) => {
    await using stage = await house(twice, { ...QUICK, body: limits })
    const bytes = patternBytes(5 * MiB)
    const answer = await ask(stage.origin, "/", { method: "PUT", body: isChunked ? pieces(bytes) : bytes })
    expect([answer.status, answer.text]).toEqual([413, expect.stringContaining("body.mostBytes")])
    expect(stage.upstream.requests.filter(({ body }) => body.complete)).toEqual([])
  })

  test.each(["GET", "HEAD", "DELETE", "OPTIONS"])("is handed on with %s, too", async (method) => {
    await using stage = await house(twice, QUICK)
    await ask(stage.origin, "/", { method, body: "words", headers: { "content-length": 5 } })
    expect(stage.upstream.requests.map(({ body }) => [body.lengthBytes, body.complete])).toEqual([[5, true], [5, true]]) // prettier-ignore
    expect(stage.upstream.malformed).toEqual([])
  })

  test("is sent once where nothing is to be kept of it", async () => {
    await using stage = await house(twice, { ...QUICK, body: { memoryBytes: 0, fileBytes: 0 } })
    const answer = await ask(stage.origin, "/", { method: "PUT", body: "words" })
    expect([answer.status, ...story(answer)]).toEqual([503, "1", "retry"])
    expect(stage.upstream.requests[0]?.body).toMatchObject({ lengthBytes: 5, complete: true })
  })

  test("that is held back is asked for when it is wanted, and not when it is refused", async () => {
    const { RawConnection } = await import("./raw.ts")
    await using stage = await house({ "/": { kind: "echo" } }, { body: limits })
    using connection = await RawConnection.to(stage.origin)
    const head = (length: number): string =>
      `PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\nExpect: 100-continue\r\n\r\n`
    connection.write(head(5))
    await connection.until("HTTP/1.1 100 Continue\r\n\r\n")
    connection.write("words")
    expect((await connection.reply()).status).toBe(200)
    connection.write(head(5 * MiB))
    const refused = await connection.reply()
    expect([refused.status, refused.fields["connection"]]).toEqual([413, "close"])
    expect(await connection.untilClosed()).not.toContain("HTTP/1.1 100")
  })

  test.each([
    ["Content-Length", `Content-Length: ${2 * MiB}`, "a".repeat(2 * MiB), 401],
    ["chunks", "Transfer-Encoding: chunked", `${`10000\r\n${"a".repeat(65_536)}\r\n`.repeat(32)}0\r\n\r\n`, 401],
    ["chunks, and too long", "Transfer-Encoding: chunked", `${`10000\r\n${"a".repeat(65_536)}\r\n`.repeat(80)}0\r\n\r\n`, 413],
  ])("with %s is read to its end after an early reply, so that the connection goes on", async (_what, framing, body, status) => {
    const { RawConnection } = await import("./raw.ts")
    const server = createServer((req, res) => {
      if (req.method === "GET") res.end("next")
      else if (status === 401) res.writeHead(401).end()
      else req.resume()
    })
    const gateway = await gatewayTo(server, { body: limits })
    using connection = await RawConnection.to(gateway.origin)
    connection.write(`PUT / HTTP/1.1\r\nHost: localhost\r\n${framing}\r\n\r\n${body}`)
    expect((await connection.reply()).status).toBe(status)
    connection.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    expect((await connection.reply()).body).toBe("next")
  }) // prettier-ignore

  test("may still be under way when the reply begins", async () => {
    const server = createServer((req, res) => {
      res.writeHead(200)
      req.pipe(res)
    })
    const gateway = await gatewayTo(server)
    const req = request(gateway.origin, { method: "POST" })
    req.write("one")
    const [res] = (await once(req, "response")) as [AsyncIterable<Buffer>]
    const echoed = res[Symbol.asyncIterator]()
    expect(String((await echoed.next()).value)).toBe("one")
    req.write("two")
    expect(String((await echoed.next()).value)).toBe("two")
    req.end()
    expect((await echoed.next()).done).toBe(true)
  })
})

describe("credentials", () => {
  test("are the gateway's, and shown to nobody", async () => {
    await using stage = await house(
      { "/": json(200, {}) },
      { auth: { bearer: { env: "KEY" } } },
      {},
      { env: { KEY: "s3cret-key" } },
    )
    const { headers } = await ask(stage.origin)
    expect(stage.upstream.requests[0]?.headers).toContainEqual(["authorization", "Bearer s3cret-key"])
    expect(JSON.stringify(headers)).not.toContain("s3cret")
  })

  test("of the caller go before the gateway's", async () => {
    await using stage = await house(
      { "/": json(200, {}) },
      { auth: { bearer: { env: "KEY" } } },
      {},
      { env: { KEY: "s3cret-key" } },
    )
    await ask(stage.origin, "/", { headers: { authorization: "Bearer own" } })
    expect(stage.upstream.requests[0]?.headers).toContainEqual(["authorization", "Bearer own"])
  })

  test("are not sent with TRACE, which would show them", async () => {
    await using stage = await house(
      { "/": { kind: "echo" } },
      { auth: { bearer: { env: "KEY" } } },
      {},
      { env: { KEY: "s3cret-key" } },
    )
    expect((await ask(stage.origin, "/", { method: "TRACE" })).text).not.toContain("s3cret")
  })

  test("in a query are in no problem", async () => {
    const auth = { apiKey: { env: "KEY", query: "k" } }
    await using stage = await house(
      { "/": reset("before-headers") },
      { auth, retry: false },
      {},
      { env: { KEY: "s3cret-key" } },
    )
    const answer = await ask(stage.origin)
    expect(stage.upstream.requests[0]?.target).toBe("/?k=s3cret-key")
    expect(answer.text + JSON.stringify(answer.headers)).not.toContain("s3cret")
  })
})
