import { BadGatewayError, GatewayTimeoutError, ServiceUnavailableError, steadfetch, type Listeners } from "steadfetch"
import { beforeAll, expect, test } from "vitest"
import { fieldValue, json, stall, startFaultServer, type FaultServer } from "@steadfetch/testing/fault-server"
import { INSTALLING_MS, nginxProgram, startNginx, type Nginx } from "./nginx.ts"
import { theDropIn, ways } from "./ways.ts"

beforeAll(nginxProgram, INSTALLING_MS)

/** An nginx that hands everything on to this server. */
function inFrontOf(upstream: FaultServer, directives = ""): Promise<Nginx> {
  return startNginx({ server: `${directives}\nlocation / { proxy_pass ${upstream.origin}; }` })
}

test.each(ways)("%s succeeds once a dead upstream is back", async (_name, ask) => {
  await using upstream = await startFaultServer({ "/orders": json(200, { id: 7 }) })
  await using nginx = await inFrontOf(upstream)
  await upstream.stopListening()
  let waits = 0
  const on = {
    waiting: () => {
      waits++
      if (waits === 3) void upstream.listenAgain()
    },
  }
  const answer = await ask(nginx.origin, { on })("/orders")
  expect(answer).toMatchObject({ status: 200, text: `{"id":7}` })
  expect(waits).toBeGreaterThanOrEqual(3)
  expect(upstream.requests).toHaveLength(1)
})

test.each(ways)("%s posts once a dead upstream is back, whole and with a key", async (_name, ask) => {
  await using upstream = await startFaultServer({ "POST /orders": json(201, { id: 7 }) })
  await using nginx = await inFrontOf(upstream)
  await upstream.stopListening()
  let waits = 0
  const on = { waiting: () => void (++waits === 2 && upstream.listenAgain()) }
  const body = "gear ".repeat(20_000)
  const answer = await ask(nginx.origin, { on })("/orders", { method: "POST", body })
  expect(answer.status).toBe(201)
  const [request] = upstream.requests
  expect(request?.body).toMatchObject({ lengthBytes: body.length, complete: true })
  expect(fieldValue(request?.headers ?? [], "idempotency-key")).toMatch(/\S{16,}/)
})

test.each(ways)("%s ends with nginx's own 502 when the upstream stays dead", async (_name, ask) => {
  await using upstream = await startFaultServer({ "/orders": json(200, {}) })
  await using nginx = await inFrontOf(upstream)
  await upstream.stopListening()
  let waits = 0
  const answer = await ask(nginx.origin, { attempts: 4, on: { waiting: () => void waits++ } })("/orders")
  expect(answer.status).toBe(502)
  expect(answer.text).toContain("<title>502 Bad Gateway</title>")
  expect(waits).toBe(3)
})

test("nginx's 502 is a BadGatewayError with the words of its page", async () => {
  await using upstream = await startFaultServer({ "/orders": json(200, {}) })
  await using nginx = await inFrontOf(upstream)
  await upstream.stopListening()
  const call = steadfetch({ baseUrl: nginx.origin, retry: { attempts: 2, baseMs: 1 } })
    .get("/orders")
    .json()
  await expect(call).rejects.toThrow(BadGatewayError)
  await expect(call).rejects.toThrow("502 Bad Gateway")
  await expect(call).rejects.toMatchObject({ attempts: [{ status: 502 }, { status: 502 }] })
})

test.each(ways)("%s outlives a slow upstream that nginx gives up on", async (_name, ask) => {
  await using upstream = await startFaultServer({ "/orders": [stall("before-headers"), json(200, { id: 7 })] })
  await using nginx = await inFrontOf(upstream, "proxy_read_timeout 100ms;")
  const statuses: unknown[] = []
  const on: Listeners = { waiting: ({ attempt }) => void statuses.push(attempt.status) }
  const answer = await ask(nginx.origin, { on })("/orders")
  expect(answer).toMatchObject({ status: 200, text: `{"id":7}` })
  expect(statuses).toEqual([504])
})

test("nginx's 504 is a GatewayTimeoutError with the words of its page", async () => {
  await using upstream = await startFaultServer({ "/orders": stall("before-headers") })
  await using nginx = await inFrontOf(upstream, "proxy_read_timeout 50ms;")
  const call = steadfetch({ baseUrl: nginx.origin, retry: { attempts: 2, baseMs: 1 } })
    .get("/orders")
    .json()
  await expect(call).rejects.toThrow(GatewayTimeoutError)
  await expect(call).rejects.toThrow("504 Gateway Time-out")
  expect(upstream.requests).toHaveLength(2)
})

const LIMITED = {
  http: "limit_req_zone $server_port zone=all:1m rate=50r/s;",
  server: "location / { limit_req zone=all; }",
  pages: { orders: "let through" },
}

test.each(ways)("%s gets every call through an nginx that is overloaded", async (_name, ask) => {
  await using nginx = await startNginx(LIMITED)
  const refused: unknown[] = []
  const on: Listeners = { waiting: ({ attempt }) => void refused.push(attempt.status) }
  const call = ask(nginx.origin, { on })
  const answers = await Promise.all(Array.from({ length: 10 }, () => call("/orders")))
  expect(answers.map(({ status, text }) => [status, text])).toEqual(
    Array.from({ length: 10 }, () => [200, "let through"]),
  )
  expect(new Set(refused)).toEqual(new Set([503]))
})

test("a limit that answers 429 with a time is kept to", async () => {
  await using nginx = await startNginx({
    ...LIMITED,
    http: LIMITED.http.replace("50r/s", "1r/s"),
    server: `error_page 429 = @slower;
      location / { limit_req zone=all; limit_req_status 429; }
      location @slower { add_header retry-after 1 always; return 429; }`,
  })
  const api = steadfetch({ baseUrl: nginx.origin, retry: { baseMs: 1 } })
  await api.get("/orders")
  const { attempts, status } = await api.get("/orders")
  expect(status).toBe(200)
  expect(attempts.map((attempt) => attempt.status)).toEqual([429, 200])
  expect(attempts[0]?.waitMs).toBeGreaterThanOrEqual(1000)
})

/** Maintenance for another hour, told by a page of one's own. */
const MAINTENANCE = {
  server: `error_page 503 /maintenance.html;
    location = /maintenance.html { add_header retry-after 3600 always; internal; }
    location / { return 503; }`,
  pages: {
    "maintenance.html": "<!doctype html><html><head><title>We are back at 14:00</title></head><body></body></html>",
  },
}

test("maintenance that ends after the deadline ends the call at once, with the page's words and the time", async () => {
  await using nginx = await startNginx(MAINTENANCE)
  const started = Date.now()
  const call = steadfetch({ baseUrl: nginx.origin, deadline: 10_000 }).get("/orders").json()
  await expect(call).rejects.toThrow(ServiceUnavailableError)
  await expect(call).rejects.toThrow("We are back at 14:00")
  await expect(call).rejects.toMatchObject({
    attempts: [{ status: 503 }],
    retryAt: expect.toSatisfy((at: Date) => at.getTime() >= started + 3_600_000) as Date,
  })
})

test("maintenance that lasts longer than the drop-in fetch waits hands the page over at once", async () => {
  await using nginx = await startNginx(MAINTENANCE)
  let waits = 0
  const answer = await theDropIn(nginx.origin, { on: { waiting: () => void waits++ } })("/orders")
  expect(answer.status).toBe(503)
  expect(answer.text).toContain("We are back at 14:00")
  expect(waits).toBe(0)
})
