import { ContentTooLargeError, NotFoundError, steadfetch } from "steadfetch"
import { beforeAll, expect, test } from "vitest"
import { close, json, reset, startFaultServer, status } from "@steadfetch/testing/fault-server"
import { INSTALLING_MS, nginxProgram, startNginx } from "./nginx.ts"
import { theDropIn, ways } from "./ways.ts"

beforeAll(nginxProgram, INSTALLING_MS)

const ORDERS = Array.from({ length: 2000 }, (_item, id) => ({ id, item: "gear" }))

test.each(ways)("%s reads what nginx has compressed", async (_name, ask) => {
  await using upstream = await startFaultServer({ "/orders": [status(503), json(200, ORDERS)] })
  await using nginx = await startNginx({
    server: `gzip on;
      gzip_types application/json;
      gzip_proxied any;
      location / { proxy_pass ${upstream.origin}; }`,
  })
  const { text } = await ask(nginx.origin)("/orders")
  expect(JSON.parse(text)).toEqual(ORDERS)
})

test("nginx does compress what the client reads", async () => {
  await using upstream = await startFaultServer({ "/orders": json(200, ORDERS) })
  await using nginx = await startNginx({
    server: `gzip on; gzip_types application/json; gzip_proxied any; location / { proxy_pass ${upstream.origin}; }`,
  })
  const reply = await steadfetch({ baseUrl: nginx.origin }).get("/orders")
  expect(reply.headers.get("content-encoding")).toBe("gzip")
  expect(await reply.json()).toEqual(ORDERS)
})

const WHOLE = { body: { json: ORDERS }, headers: { "content-type": "application/json" } } as const
const cuts = [
  ["a Content-Length that is not reached", close({ afterBytes: 1000 }, WHOLE)],
  ["chunks that break off", reset({ afterBytes: 1000 }, { ...WHOLE, framing: "chunked" })],
] as const

test.each(cuts)("the client retries a body that the upstream cut short: %s", async (_name, cut) => {
  await using upstream = await startFaultServer({ "/orders": [cut, json(200, ORDERS)] })
  await using nginx = await startNginx({ server: `location / { proxy_pass ${upstream.origin}; }` })
  const reply = await steadfetch({ baseUrl: nginx.origin, retry: { baseMs: 1 } }).get("/orders")
  expect(await reply.json()).toEqual(ORDERS)
  expect(reply.attempts.map(({ failure }) => failure)).toEqual([
    expect.stringMatching(/^(broken-body|reset|network)$/),
    undefined,
  ])
})

test.each(cuts)("a compressed body that the upstream cut short is no success either: %s", async (_name, cut) => {
  await using upstream = await startFaultServer({ "/orders": cut })
  await using nginx = await startNginx({
    server: `gzip on; gzip_types application/json; gzip_proxied any; location / { proxy_pass ${upstream.origin}; }`,
  })
  const outcome = await steadfetch({ baseUrl: nginx.origin, retry: { attempts: 2, baseMs: 1 } })
    .get("/orders")
    .outcome()
  expect(outcome.kind).toBe("no-reply")
  expect(upstream.requests).toHaveLength(2)
})

test.each(cuts)(
  "the drop-in fetch hands a body over as it comes, and its reader learns that it was cut: %s",
  async (_name, cut) => {
    await using upstream = await startFaultServer({ "/orders": [cut, json(200, ORDERS)] })
    await using nginx = await startNginx({ server: `location / { proxy_pass ${upstream.origin}; }` })
    await expect(theDropIn(nginx.origin)("/orders")).rejects.toThrow(TypeError)
    expect(upstream.requests).toHaveLength(1)
  },
)

const SMALL = `client_max_body_size 1k;\nlocation / { return 200 "taken"; }`

test.each([
  ["a little", 2 * 1024],
  ["far", 5 * 1024 * 1024],
])(
  "a body %s too large is a ContentTooLargeError with the words of nginx's page, sent once",
  async (_name, lengthBytes) => {
    await using nginx = await startNginx({ server: SMALL })
    const api = steadfetch({ baseUrl: nginx.origin, retry: { baseMs: 1 } })
    const call = api.post("/orders", { body: "x".repeat(lengthBytes) }).text()
    await expect(call).rejects.toThrow(ContentTooLargeError)
    await expect(call).rejects.toThrow("413 Request Entity Too Large")
    await expect(call).rejects.toMatchObject({ attempts: [{ status: 413 }] })
  },
)

test.each(ways)("%s gets nginx's 413 for a body that is too large, sent once", async (_name, ask) => {
  await using nginx = await startNginx({ server: SMALL })
  let waits = 0
  const call = ask(nginx.origin, { on: { waiting: () => void waits++ } })
  const { status: code, text } = await call("/orders", { method: "POST", body: "x".repeat(200_000) })
  expect(code).toBe(413)
  expect(text).toContain("<title>413 Request Entity Too Large</title>")
  expect(waits).toBe(0)
})

test("the words of a page of one's own stand in the message", async () => {
  await using nginx = await startNginx({
    server: `error_page 404 /lost.html;
      location / { return 404; }
      location = /lost.html { internal; }`,
    pages: { "lost.html": "<html><body><h1>There is <b>no</b> such page &amp; never was</h1></body></html>" },
  })
  const call = steadfetch({ baseUrl: nginx.origin }).get("/orders").json()
  await expect(call).rejects.toThrow(NotFoundError)
  await expect(call).rejects.toThrow("There is no such page & never was")
})
