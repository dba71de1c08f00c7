import createClient, { type Client } from "openapi-fetch"
import { createFetch, type Listeners } from "steadfetch"
import { expect, test } from "vitest"
import {
  fieldValue,
  json,
  refusedPort,
  reset,
  startFaultServer,
  status,
  type FaultServer,
} from "@steadfetch/testing/fault-server"

interface Order {
  readonly id: number
}

interface Problem {
  readonly detail: string
}

/** What openapi-typescript writes for an API with two operations. */
interface Paths {
  "/orders/{id}": {
    get: {
      parameters: { path: { id: number } }
      responses: {
        200: { content: { "application/json": Order } }
        default: { content: { "application/problem+json": Problem } }
      }
    }
    delete: { parameters: { path: { id: number } }; responses: { 204: Record<string, never> } }
  }
  "/orders": {
    post: {
      requestBody: { content: { "application/json": { item: string } } }
      responses: {
        201: { content: { "application/json": Order } }
        default: { content: { "application/problem+json": Problem } }
      }
    }
  }
}

/** openapi-fetch hands a Request to fetch, and nothing else. */
function sdk({ origin }: { readonly origin: string }, on: Listeners = {}): Client<Paths> {
  return createClient<Paths>({ baseUrl: origin, fetch: createFetch({ retry: { baseMs: 1 }, on }) })
}

const seven = { params: { path: { id: 7 } } }
const maintenance = json(503, { detail: "We are back at noon" }, { headers: { "retry-after": "0" } })

function bodies(server: FaultServer): string[] {
  return server.requests.map(({ body }) => Buffer.from(body.kept).toString())
}

test("a Request without a body succeeds after a 503 and a broken connection", async () => {
  await using server = await startFaultServer({
    "GET /orders/7": [maintenance, reset("before-headers"), json(200, { id: 7 })],
  })
  const { data } = await sdk(server).GET("/orders/{id}", { ...seven, headers: { "x-trace": "t1" } })
  expect(data).toEqual({ id: 7 })
  expect(server.requests.map((request) => fieldValue(request.headers, "x-trace"))).toEqual(["t1", "t1", "t1"])
})

test("a DELETE Request succeeds after a 503", async () => {
  await using server = await startFaultServer({ "DELETE /orders/7": [maintenance, status(204)] })
  const { response } = await sdk(server).DELETE("/orders/{id}", seven)
  expect(response.status).toBe(204)
  expect(server.requests).toHaveLength(2)
})

test("a POST Request with a body succeeds after a 503, with the same key and bytes", async () => {
  await using server = await startFaultServer({ "POST /orders": [maintenance, json(201, { id: 7 })] })
  const { data } = await sdk(server).POST("/orders", { body: { item: "gear" } })
  expect(data).toEqual({ id: 7 })
  expect(bodies(server)).toEqual([`{"item":"gear"}`, `{"item":"gear"}`])
  const fields = (name: string) => server.requests.map(({ headers }) => fieldValue(headers, name))
  expect(fields("content-type")).toEqual(["application/json", "application/json"])
  expect(new Set(fields("idempotency-key")).size).toBe(1)
  expect(fields("idempotency-key")[0]).toMatch(/\S{16,}/)
})

test("an unending 503 comes back as the SDK's error value, after all attempts", async () => {
  await using server = await startFaultServer({ "GET /orders/7": maintenance })
  const { error, response } = await sdk(server).GET("/orders/{id}", seven)
  expect(error).toEqual({ detail: "We are back at noon" })
  expect(response.status).toBe(503)
  expect(server.requests).toHaveLength(4)
})

test("a 404 comes back as the SDK's error value after one request", async () => {
  await using server = await startFaultServer({ "GET /orders/7": json(404, { detail: "No order 7" }) })
  const { error, response } = await sdk(server).GET("/orders/{id}", seven)
  expect(error).toEqual({ detail: "No order 7" })
  expect(response.status).toBe(404)
  expect(server.requests).toHaveLength(1)
})

test("a server that cannot be reached rejects as fetch rejects", async () => {
  await using nowhere = await refusedPort()
  const call = sdk(nowhere).GET("/orders/{id}", seven)
  await expect(call).rejects.toThrow(TypeError)
  await expect(call).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } })
})

test("aborting while the drop-in waits rejects with the user's reason", async () => {
  await using server = await startFaultServer({
    "GET /orders/7": status(503, { headers: { "retry-after": "20" } }),
  })
  const user = new AbortController()
  const reason = new Error("the user left")
  const api = sdk(server, { waiting: () => user.abort(reason) })
  await expect(api.GET("/orders/{id}", { ...seven, signal: user.signal })).rejects.toBe(reason)
  expect(server.requests).toHaveLength(1)
})
