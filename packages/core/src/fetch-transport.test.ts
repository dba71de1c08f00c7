import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { testExchange } from "@steadfetch/testing"
import { json, reset, startFaultServer, stall, status } from "@steadfetch/testing/fault-server"
import { expect, test } from "vitest"
import type { Signal } from "./cancellation.ts"
import { fetchTransport, sendsStreams } from "./fetch-transport.ts"
import { apiKey } from "./policies/auth.ts"
import { steadfetch } from "./steadfetch.ts"

test("a stream that is aborted while it is read ends with the exact reason", async () => {
  await using server = await startFaultServer({ "/": stall({ afterBytes: 5 }) })
  const controller = new AbortController()
  const reason = new Error("enough")
  const stream = await steadfetch().get(server.origin, { signal: controller.signal }).stream()
  const reader = stream.getReader()
  expect((await reader.read()).value?.byteLength).toBe(5)
  const read = reader.read()
  controller.abort(reason)
  await expect(read).rejects.toBe(reason)
})

test("an error without end explains nothing where a success would be a stream, and is retried as any other", async () => {
  await using server = await startFaultServer({
    "/": [status(503, { body: { endless: true } }), status(200, { body: "done" })],
  })
  const stream = await steadfetch({ retry: { baseMs: 0 } })
    .get(server.origin)
    .stream()
  expect(await new Response(stream).text()).toBe("done")
})

test("the body of an error belongs to its attempt, also when a success would be a stream", async () => {
  await using server = await startFaultServer({
    "/stalls": [stall({ afterBytes: 5 }, { status: 503 }), status(200, { body: "done" })],
    "/busy": [json(503, { message: "busy" }), reset("before-headers")],
  })
  const api = steadfetch({ baseUrl: server.origin, retry: { baseMs: 0 }, timeout: { stallMs: 30, attemptMs: 1000 } })
  expect(await new Response(await api.get("/stalls").stream()).text()).toBe("done")
  const outcome = await api.get("/busy", { retry: { attempts: 2 } }).outcome({ reading: "stream" })
  expect(outcome).toMatchObject({ kind: "server-error", error: { serverMessage: "busy" } })
})

test.each(["follow", undefined] as const)("redirects are left to the policy when a call says %s", async (redirect) => {
  const asked: (RequestInit | undefined)[] = []
  const recorded: typeof fetch = async (_, init) => {
    asked.push(init)
    return new Response(null, { status: 204 })
  }
  await steadfetch({ transport: fetchTransport({ fetch: recorded }) }).get("https://api.test/", { redirect })
  expect(asked.map((init) => init?.redirect)).toEqual(["manual"])
})

test("what a body function throws is the caller's, and is neither retried nor taken for the network", async () => {
  const mine = Object.assign(new Error("no such file"), { code: "ENOENT" })
  let openings = 0
  const body = (): never => {
    openings++
    throw mine
  }
  const call = steadfetch({ retry: { baseMs: 0 } }).put("http://127.0.0.1:9/", { body })
  await expect(call.outcome()).rejects.toBe(mine)
  expect(openings).toBe(1)
})

test("a redirect that the platform hides ends the call, and is not taken for a server's error", async () => {
  let sent = 0
  const browser: typeof fetch = async () => {
    sent++
    return Object.defineProperties(new Response(), { type: { value: "opaqueredirect" }, status: { value: 0 } })
  }
  const call = steadfetch({ transport: fetchTransport({ fetch: browser }) }).post("https://api.test/")
  expect(await call.outcome()).toMatchObject({ kind: "no-reply", error: { code: "redirect" } })
  expect(sent).toBe(1)
})

test("a request that fetch refuses is named without the key in its query, whatever its parameter is called", async () => {
  const auth = apiKey("pl4nted-s3cret", { query: "appid" })
  const error: unknown = await steadfetch({ baseUrl: "http://127.0.0.1:6666", auth })
    .get("/")
    .outcome()
    .catch((thrown: unknown) => thrown)
  expect(String(error)).toContain("bad port")
  expect(String(error)).not.toContain("pl4nted-s3cret")
})

test("a platform that would send the name of a stream is told from one that sends its bytes", () => {
  class Naming extends Request {
    constructor(input: RequestInfo | URL, init?: RequestInit) {
      super(input, { ...init, body: "[object ReadableStream]" })
    }
  }
  expect([sendsStreams(), sendsStreams(Naming)]).toEqual([true, false])
})

test("what feeds an upload is let go when the reply has come before it was all sent", async () => {
  const server = createServer((_, response) => response.writeHead(400).end("no")).listen(0, "127.0.0.1")
  await once(server, "listening")
  let letGo: (value: string) => void = () => {}
  const end = new Promise<string>((resolve) => {
    letGo = resolve
  })
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(1000)
    } finally {
      letGo("let go")
    }
  }
  const { port } = server.address() as AddressInfo
  expect((await steadfetch().post(`http://127.0.0.1:${port}/`, { body: endless }).outcome()).kind).toBe("client-error")
  expect(await end).toBe("let go")
  server.closeAllConnections()
  server.close()
})

test.each([
  ["a buffered reply", "buffer", undefined],
  ["a stream", "stream", undefined],
  [
    "no reply",
    "buffer",
    new TypeError("fetch failed", { cause: Object.assign(new Error("gone"), { code: "ECONNRESET" }) }),
  ],
] as const)("after %s nothing listens to the call's signal any more", async (_, reading, error) => {
  const added: unknown[] = []
  const counted: Signal = {
    aborted: false,
    reason: undefined,
    addEventListener: (_type, listener) => void added.push(listener),
    removeEventListener: (_type, listener) => void added.splice(added.indexOf(listener), 1),
  }
  const fetch = async (): Promise<Response> => {
    if (error !== undefined) throw error
    return new Response("hello")
  }
  const outcome = await fetchTransport({ fetch }).send(testExchange("https://api.test/", { reading, signal: counted }))
  if (outcome.kind === "reply") outcome.body.discard()
  expect(added).toEqual([])
})
