import { startGateway, type Gateway, type Upstream } from "@steadfetch/gateway"
import { json, startFaultServer } from "@steadfetch/testing/fault-server"
import { beforeAll, expect, test } from "vitest"
import { INSTALLING_MS, nginxProgram, startNginx } from "../nginx/nginx.ts"
import { ask } from "./caller.ts"

beforeAll(nginxProgram, INSTALLING_MS)

const PAGE = "<html>words</html>\n".repeat(20_000)

function gatewayTo(url: string, settings: Partial<Upstream> = {}): Promise<Gateway> {
  return startGateway({
    listen: { port: 0 },
    admin: false,
    shutdownMs: 0,
    upstreams: { nginx: { url, retry: { baseMs: 20 }, ...settings } },
  })
}

test("a file, a range of it, its validators and its coding", async () => {
  const server = "gzip on; gzip_types text/html; location / { }"
  await using nginx = await startNginx({ server, pages: { "page.html": PAGE } })
  // nginx compresses nothing for requests that have Via, unless it is told to.
  await using gateway = await gatewayTo(nginx.origin, { via: false })
  const whole = await ask(gateway.origin, "/page.html")
  expect([whole.status, whole.text === PAGE, whole.headers["accept-ranges"]]).toEqual([200, true, "bytes"])
  const { etag = "" } = whole.headers
  const part = await ask(gateway.origin, "/page.html", { headers: { range: "bytes=0-5" } })
  expect([part.status, part.text, part.headers["content-range"]]).toEqual([206, "<html>", `bytes 0-5/${PAGE.length}`])
  const unchanged = await ask(gateway.origin, "/page.html", { headers: { "if-none-match": etag } })
  expect([unchanged.status, unchanged.bytes.length, unchanged.headers.etag]).toEqual([304, 0, etag])
  const coded = await ask(gateway.origin, "/page.html", { headers: { "accept-encoding": "gzip" } })
  expect([coded.headers["content-encoding"], coded.bytes.readUInt16BE(0)]).toEqual(["gzip", 0x1f8b])
  const head = await ask(gateway.origin, "/page.html", { method: "HEAD" })
  expect([head.status, head.headers["content-length"], head.bytes.length]).toEqual([200, String(PAGE.length), 0])
})

test("nginx that is away for a while is waited for", async () => {
  await using nginx = await startNginx({ server: "location / { return 200 back; }" })
  await using gateway = await gatewayTo(nginx.origin)
  expect((await ask(gateway.origin)).status).toBe(200)
  await nginx.stop()
  let waits = 0
  gateway.on("waiting", () => void (++waits === 2 && nginx.start()))
  const answer = await ask(gateway.origin)
  expect([answer.status, answer.text]).toEqual([200, "back"])
  expect(Number(answer.headers["steadfetch-attempts"])).toBeGreaterThanOrEqual(3)
})

test("nginx that is reloaded loses no request", async () => {
  await using upstream = await startFaultServer({ "/*": json(200, {}) })
  await using nginx = await startNginx({ server: `location / { proxy_pass ${upstream.origin}; }` })
  await using gateway = await gatewayTo(nginx.origin)
  const end = new AbortController()
  const statuses: number[] = []
  const caller = async (): Promise<void> => {
    while (!end.signal.aborted) statuses.push((await ask(gateway.origin)).status)
  }
  const callers = Array.from({ length: 10 }, caller)
  for (let round = 0; round < 3; round++) await nginx.reload()
  end.abort()
  await Promise.all(callers)
  expect(new Set(statuses)).toEqual(new Set([200]))
})

test("nginx's own error page is passed on when it stays the last word", async () => {
  await using nginx = await startNginx({ server: "location / { return 500; }" })
  await using gateway = await gatewayTo(nginx.origin, { retry: { baseMs: 1, attempts: 3 } })
  const answer = await ask(gateway.origin)
  expect([answer.status, answer.headers["steadfetch-verdict"]]).toEqual([500, "retry"])
  expect(answer.text).toContain("<title>500 Internal Server Error</title>")
})
