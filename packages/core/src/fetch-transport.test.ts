import { json, startFaultServer, stall, status } from "@steadfetch/testing/fault-server"
import { expect, test } from "vitest"
import { fetchTransport } from "./fetch-transport.ts"
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
    "/busy": [json(503, { message: "busy" }), stall("before-headers")],
  })
  const api = steadfetch({ baseUrl: server.origin, retry: { baseMs: 0 }, timeout: { stallMs: 30, attemptMs: 1000 } })
  expect(await new Response(await api.get("/stalls").stream()).text()).toBe("done")
  const options = { retry: { attempts: 2 }, timeout: { attemptMs: 30 } }
  const outcome = await api.get("/busy", options).outcome({ reading: "stream" })
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
