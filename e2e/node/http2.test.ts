import { once } from "node:events"
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type ServerHttp2Stream,
  type SecureServerOptions,
} from "node:http2"
import type { AddressInfo } from "node:net"
import { gzipSync } from "node:zlib"
import { steadfetch, undiciTransport, type Steadfetch } from "@steadfetch/node"
import type { Agent } from "undici"
import { beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { selfMade, type SelfMade } from "./self-made-certificates.ts"

let own: SelfMade

beforeAll(async () => {
  own = await selfMade("steadfetch over HTTP 2")
})

type Play = (stream: ServerHttp2Stream) => void

interface Http2 {
  readonly api: Steadfetch
  readonly seen: { sessions: number; streams: number; versions: Set<string> }
}

/** A server that does each of these in turn, the last one again and again, and a client of it. */
async function serve(
  plays: readonly Play[],
  agent: Agent.Options = {},
  options: SecureServerOptions = {},
): Promise<Http2> {
  const seen = { sessions: 0, streams: 0, versions: new Set<string>() }
  const server = createSecureServer({ ...own, ...options })
  server.on("session", (session) => {
    seen.sessions++
    session.on("error", () => {})
  })
  server.on("stream", (stream) => {
    stream.on("error", () => {})
    const play = plays[Math.min(seen.streams++, plays.length - 1)]
    play?.(stream)
  })
  server.on("request", (request, response) => {
    seen.versions.add(request.httpVersion)
    if (request.httpVersion !== "2.0") response.end("whole")
  })
  const transport = undiciTransport({ agent: { ...agent, connect: { ca: own.cert } } })
  onTestFinished(() => stop(server, () => transport.close()))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { api: steadfetch({ baseUrl, transport, retry: { attempts: 3, baseMs: 1 } }), seen }
}

async function stop(server: Http2SecureServer, closeClient: () => Promise<void>): Promise<void> {
  await closeClient()
  server.close()
}

const answer =
  (body: string | Buffer, fields: Readonly<Record<string, string | string[]>> = {}): Play =>
  (stream) => {
    stream.respond({ ":status": 200, ...fields })
    stream.end(body)
  }

const account: Play = (stream) => {
  let length = 0
  stream.on("data", (piece: Buffer) => (length += piece.length))
  stream.on("end", () => answer(JSON.stringify({ length }))(stream))
}

test("HTTP/2 is spoken where the server offers it, and many calls share one connection", async () => {
  const { api, seen } = await serve([answer("whole")], { connections: 1 })
  const texts = await Promise.all(Array.from({ length: 200 }, () => api.get("/").text()))
  expect(new Set(texts)).toEqual(new Set(["whole"]))
  expect(seen).toEqual({ sessions: 1, streams: 200, versions: new Set(["2.0"]) })
})

test("HTTP/1.1 is spoken where the agent does not allow it", async () => {
  const { api, seen } = await serve([answer("whole")], { allowH2: false }, { allowHTTP1: true })
  expect(await api.get("/").text()).toBe("whole")
  expect(seen.versions).toEqual(new Set(["1.1"]))
})

test.each(["buffer", "stream"] as const)("fields and bodies are those of HTTP/1.1 (%s)", async (reading) => {
  const fields = { "set-cookie": ["a=1", "b=2"], "x-list": ["1", "2"], "content-encoding": "gzip" }
  const { api } = await serve([answer(gzipSync("whole"), fields)])
  const outcome = await api.get("/").outcome({ reading })
  if (outcome.kind !== "success") throw outcome.error
  expect(await outcome.text()).toBe("whole")
  expect([...outcome.headers].filter(([name]) => name === "set-cookie")).toEqual([
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
  ])
  expect(outcome.headers.get("x-list")).toBe("1, 2")
})

test.each([
  ["a text", "héllo", 6],
  ["a Blob", new Blob(["x".repeat(100_000)]), 100_000],
  ["pieces", async function* () { for (let piece = 0; piece < 50; piece++) yield new Uint8Array(10_000) }, 500_000], // prettier-ignore
])("a body is sent whole: %s", async (_, body, length) => {
  const { api } = await serve([account])
  expect(await api.post("/", { body }).json()).toEqual({ length })
})

const breaks: Readonly<Record<string, Play>> = {
  "a stream that is reset": (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  "a session that is destroyed": (stream) => stream.session?.destroy(),
}

describe.each(Object.entries(breaks))("%s", (_, play) => {
  test("may have been processed: a POST without a key is not repeated", async () => {
    const { api } = await serve([play, answer("whole")])
    const outcome = await api.post("/", { body: "x", idempotencyKey: false }).outcome()
    expect(outcome).toMatchObject({ kind: "no-reply", error: { code: "reset" }, attempts: [{ failure: "reset" }] })
  })

  test("is retried for GET", async () => {
    const { api } = await serve([play, answer("whole")])
    expect(await api.get("/").text()).toBe("whole")
  })
})

test("a stream that the server refuses was not processed: also a POST without a key is repeated", async () => {
  // undici itself repeats it once.
  const refuse: Play = (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM)
  const { api } = await serve([refuse, refuse, answer("whole")])
  const reply = await api.post("/", { body: "x", idempotencyKey: false })
  expect(await reply.text()).toBe("whole")
})

test.each(["buffer", "stream"] as const)("a body that breaks off is a broken body (%s)", async (reading) => {
  const { api } = await serve([
    (stream) => {
      stream.respond({ ":status": 200 })
      stream.write("part", () => stream.destroy(new Error("broken")))
    },
  ])
  const call = api.get("/", { retry: false })
  const text = reading === "buffer" ? call.text() : call.stream().then((stream) => new Response(stream).text())
  await expect(text).rejects.toMatchObject({ code: "broken-body" })
})

test("an abort ends its own call with its reason, and leaves the connection to others", async () => {
  const waiting = Promise.withResolvers<void>()
  const { api, seen } = await serve([() => waiting.resolve(), answer("whole")])
  const controller = new AbortController()
  const reason = new Error("the caller left")
  const aborted = api.get("/", { signal: controller.signal }).text()
  aborted.catch(() => {})
  await waiting.promise
  const other = api.get("/").text()
  controller.abort(reason)
  await expect(aborted).rejects.toBe(reason)
  expect(await other).toBe("whole")
  expect(await api.get("/").text()).toBe("whole")
  expect(seen.sessions).toBe(1)
})

test("a reader that does not read holds the server back", async () => {
  let written = 0
  const { api } = await serve([
    (stream) => {
      stream.respond({ ":status": 200 })
      const write = (): void => {
        while (written < 64 && stream.write(Buffer.alloc(1 << 20))) written++
        if (written < 64) stream.once("drain", () => (written++, write()))
        else stream.end()
      }
      write()
    },
    answer("whole"),
  ])
  const reader = (await api.get("/").stream()).getReader()
  await reader.read()
  for (let call = 0; call < 300; call++) await api.get("/").text()
  expect(written).toBeLessThan(16)
  await reader.cancel()
})
