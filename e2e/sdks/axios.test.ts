import { AxiosError, create, type AxiosInstance } from "axios"
import { createFetch, type Listeners } from "steadfetch"
import { expect, test } from "vitest"
import { json, stall, startFaultServer, status, type FaultServer } from "@steadfetch/testing/fault-server"

/** axios's fetch adapter makes a Request of every call, except where it is told that there is no such class. */
function sdk(
  server: FaultServer,
  on: Listeners = {},
  hands: "a Request" | "url and init" = "a Request",
): AxiosInstance {
  const fetch = createFetch({ retry: { baseMs: 1 }, on })
  const env = hands === "a Request" ? { fetch } : { fetch, Request: null as unknown as typeof Request }
  return create({ adapter: "fetch", baseURL: server.origin, env })
}

function bodies(server: FaultServer): string[] {
  return server.requests.map(({ body }) => Buffer.from(body.kept).toString())
}

test("a GET succeeds after a 503", async () => {
  await using server = await startFaultServer({ "GET /orders": [status(503), json(200, [7])] })
  const { data } = await sdk(server).get<number[]>("/orders")
  expect(data).toEqual([7])
  expect(server.requests).toHaveLength(2)
})

test("a POST, of which axios makes a Request with a body, succeeds after a 503", async () => {
  await using server = await startFaultServer({ "POST /orders": [status(503), json(201, { id: 7 })] })
  const { data } = await sdk(server).post<unknown>("/orders", { item: "gear" })
  expect(data).toEqual({ id: 7 })
  expect(bodies(server)).toEqual([`{"item":"gear"}`, `{"item":"gear"}`])
})

test("a POST succeeds after a 503 when axios is kept from making a Request", async () => {
  await using server = await startFaultServer({ "POST /orders": [status(503), json(201, { id: 7 })] })
  const { data } = await sdk(server, {}, "url and init").post<unknown>("/orders", { item: "gear" })
  expect(data).toEqual({ id: 7 })
  expect(bodies(server)).toEqual([`{"item":"gear"}`, `{"item":"gear"}`])
})

test("an unending 503 is an AxiosError with the reply in it", async () => {
  await using server = await startFaultServer({ "GET /orders": json(503, { detail: "Busy" }) })
  const call = sdk(server).get("/orders")
  await expect(call).rejects.toThrow(AxiosError)
  await expect(call).rejects.toMatchObject({
    code: AxiosError.ERR_BAD_RESPONSE,
    response: { data: { detail: "Busy" } },
  })
  expect(server.requests).toHaveLength(4)
})

test("a 404 is an AxiosError after one request", async () => {
  await using server = await startFaultServer({ "GET /orders": json(404, { detail: "No orders" }) })
  await expect(sdk(server).get("/orders")).rejects.toMatchObject({
    code: AxiosError.ERR_BAD_REQUEST,
    response: { status: 404, data: { detail: "No orders" } },
  })
  expect(server.requests).toHaveLength(1)
})

test("axios's timeout ends a request without an answer, and no attempt follows", async () => {
  await using server = await startFaultServer({ "GET /orders": stall("before-headers") })
  await expect(sdk(server).get("/orders", { timeout: 100 })).rejects.toMatchObject({ code: AxiosError.ETIMEDOUT })
  await server.finished(1)
  expect(server.requests).toHaveLength(1)
})

test("aborting while the drop-in waits ends the call at once", async () => {
  await using server = await startFaultServer({ "GET /orders": status(503, { headers: { "retry-after": "20" } }) })
  const user = new AbortController()
  const api = sdk(server, { waiting: () => user.abort() })
  await expect(api.get("/orders", { signal: user.signal })).rejects.toMatchObject({ code: AxiosError.ERR_CANCELED })
  expect(server.requests).toHaveLength(1)
})
