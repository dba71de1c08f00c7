import { once } from "node:events"
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { Agent, request, type IncomingMessage } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { json, stall, startFaultServer, status, type FaultServer } from "@steadfetch/testing/fault-server"
import { readConfiguration, startGateway, type Configuration } from "@steadfetch/gateway"
import { ConfigurationError } from "steadfetch"
import { expect, onTestFinished, test } from "vitest"
import { startSteadfetch, type Running } from "../cli/steadfetch-process.ts"
import { ask } from "./caller.ts"
import { house } from "./house.ts"
import { RawConnection } from "./raw.ts"

async function serverNamed(name: string): Promise<FaultServer> {
  const server = await startFaultServer({ "/*": json(200, { name }) })
  onTestFinished(() => server.close())
  return server
}

const settingsFor = (url: string): Configuration => ({ listen: { port: 0 }, admin: false, upstreams: { api: { url } } })

/** Callers who ask without a pause, each on a connection that it keeps, until they are told to stop. */
function underLoad(origin: () => string, callers = 20): { stop(): Promise<readonly string[]> } {
  const agent = new Agent({ keepAlive: true, maxSockets: callers })
  const answers: string[] = []
  const end = new AbortController()
  const caller = async (): Promise<void> => {
    while (!end.signal.aborted) answers.push(await oneAnswer(origin(), agent))
  }
  const all = Array.from({ length: callers }, caller)
  return {
    async stop() {
      end.abort()
      await Promise.all(all)
      agent.destroy()
      return answers
    },
  }
}

async function oneAnswer(origin: string, agent: Agent): Promise<string> {
  const req = request(`${origin}/`, { agent })
  try {
    req.end()
    const [res] = (await once(req, "response")) as [IncomingMessage]
    const text = (await res.toArray()).join("")
    return res.statusCode === 200 ? ((JSON.parse(text) as { name: string }).name ?? "?") : String(res.statusCode)
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}

test("another configuration is taken under load without a request lost", async () => {
  const [one, two] = [await serverNamed("one"), await serverNamed("two")]
  await using gateway = await startGateway(settingsFor(one.origin))
  const load = underLoad(() => gateway.origin)
  for (let round = 0; round < 20; round++) {
    const target = round % 2 === 0 ? two : one
    gateway.reload(settingsFor(target.origin))
    await target.received(target.requests.length + 20)
  }
  const answers = await load.stop()
  expect(new Set(answers)).toEqual(new Set(["one", "two"]))
})

test("a request under way ends by the configuration that it began with", async () => {
  const slow = await startFaultServer({ "/": json(200, { name: "old" }, { delayMs: 300 }) })
  onTestFinished(() => slow.close())
  await using gateway = await startGateway(settingsFor(slow.origin))
  const answer = ask(gateway.origin)
  await slow.received(1)
  gateway.reload(settingsFor((await serverNamed("new")).origin))
  expect((await answer).text).toBe('{"name":"old"}')
  expect((await ask(gateway.origin)).text).toBe('{"name":"new"}')
  // Its connections go with the last request, and not when they have been idle for long enough.
  const answeredAt = performance.now()
  await slow.allClosed()
  expect(performance.now() - answeredAt).toBeLessThan(2000)
})

test("a request that waits for another attempt makes it by the configuration that it began with", async () => {
  await using stage = await house({ "/": [status(503), json(200, { name: "old" })] }, { retry: { baseMs: 50 } })
  const other = await serverNamed("new")
  stage.gateway.on("waiting", () => void stage.gateway.reload(settingsFor(other.origin)))
  expect((await ask(stage.origin)).text).toBe('{"name":"old"}')
  expect((await ask(stage.origin)).text).toBe('{"name":"new"}')
})

test("an upstream that stays the same keeps what it has learned", async () => {
  await using stage = await house({ "/": status(500) }, { retry: false, breaker: { minAttempts: 2 } })
  const settings = { retry: false, breaker: { minAttempts: 2 }, url: stage.upstream.origin } as const
  for (let count = 0; count < 2; count++) await ask(stage.origin)
  stage.gateway.reload({ upstreams: { other: { url: stage.upstream.origin, prefix: "/o" }, api: settings } })
  expect((await ask(stage.origin)).status).toBe(503)
})

test("a configuration that cannot be changes nothing", async () => {
  const one = await serverNamed("one")
  await using gateway = await startGateway({ ...settingsFor(one.origin), admin: { port: 0 } })
  expect(() => gateway.reload({ upstreams: {} })).toThrow(ConfigurationError)
  expect(() => gateway.reload(() => readConfiguration("/none"))).toThrow(ConfigurationError)
  const { text } = await ask(gateway.adminOrigin ?? "", "/-/metrics")
  expect(text).toContain('steadfetch_gateway_reloads_total{taken="false"} 2')
  expect((await ask(gateway.origin)).text).toBe('{"name":"one"}')
  expect(gateway.reload({ ...settingsFor(one.origin), listen: { port: 1 } })).toEqual(["listen", "admin"])
})

test("closing takes no more connections, and lets what is under way end", async () => {
  const more = { shutdownMs: 5000, admin: { port: 0 } }
  await using stage = await house({ "/*": json(200, { name: "x" }, { delayMs: 300 }) }, {}, more)
  using idle = await RawConnection.to(stage.origin)
  const answers = Array.from({ length: 10 }, () => ask(stage.origin))
  await stage.upstream.received(10)
  const closed = stage.gateway.close()
  await expect(ask(stage.origin)).rejects.toMatchObject({ code: "ECONNREFUSED" })
  expect(await ask(stage.gateway.adminOrigin ?? "", "/-/ready")).toMatchObject({ status: 503, text: "closing\n" })
  expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(Array.from({ length: 10 }, () => '{"name":"x"}'))
  await closed
  expect(await idle.untilClosed()).toBe("")
})

test("whoever waits for a reply when the gateway closes is told that the connection ends", async () => {
  await using stage = await house({ "/": json(200, {}, { delayMs: 100 }) }, {}, { shutdownMs: 5000 })
  using connection = await RawConnection.to(stage.origin)
  connection.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
  await stage.upstream.received(1)
  const closed = stage.gateway.close()
  expect((await connection.reply()).fields["connection"]).toBe("close")
  await closed
})

test("closing under load loses no request that it took", async () => {
  const upstream = await serverNamed("x")
  const gateway = await startGateway(settingsFor(upstream.origin))
  const load = underLoad(() => gateway.origin)
  await upstream.received(200)
  await gateway.close()
  const answers = new Map<string, number>()
  for (const answer of await load.stop()) answers.set(answer, (answers.get(answer) ?? 0) + 1)
  // A connection that was idle when it was closed may have been about to be used: no request came of that.
  expect([...answers.keys()].filter((answer) => !["x", "ECONNREFUSED", "ECONNRESET"].includes(answer))).toEqual([])
  expect(answers.get("x")).toBe(upstream.requests.length)
})

test("closing waits no longer than it was told", async () => {
  await using stage = await house({ "/": stall("before-headers") }, {}, { shutdownMs: 50 })
  const answer = ask(stage.origin)
  await stage.upstream.received(1)
  await stage.gateway.close()
  await expect(answer).rejects.toMatchObject({ code: "ECONNRESET" })
  await stage.upstream.allClosed()
})

test("the admin port tells whether it lives, whether it is ready, and its numbers", async () => {
  await using stage = await house(
    { "/": [status(503), json(200, {})] },
    { retry: { baseMs: 1 } },
    { admin: { port: 0 }, shutdownMs: 5000 },
  )
  const admin = stage.gateway.adminOrigin ?? ""
  await ask(stage.origin)
  expect((await ask(admin, "/-/health")).text).toBe("alive\n")
  expect((await ask(admin, "/-/ready")).text).toBe("ready\n")
  expect((await ask(admin, "/other")).status).toBe(404)
  expect((await ask(admin, "/-/metrics", { headers: { host: "evil.test" } })).status).toBe(421)
  expect((await ask(admin, "/-/metrics", { headers: { origin: "https://evil.test" } })).status).toBe(403)
  const { text } = await ask(admin, "/-/metrics")
  for (const line of [
    'steadfetch_gateway_requests_total{upstream="api",method="GET",status="200"} 1',
    'steadfetch_gateway_attempts_total{upstream="api",result="503"} 1',
    'steadfetch_gateway_attempts_total{upstream="api",result="200"} 1',
    "steadfetch_gateway_requests_under_way 0",
  ]) expect(text).toContain(line) // prettier-ignore
})

test("the upstream has the paths of the admin port for itself", async () => {
  await using stage = await house({ "/*": json(200, { name: "upstream" }) })
  expect((await ask(stage.origin, "/-/health")).text).toBe('{"name":"upstream"}')
})

test("requests to two upstreams find theirs by prefix, and by name", async () => {
  const [one, two, three] = [await serverNamed("one"), await serverNamed("two"), await serverNamed("three")]
  await using gateway = await startGateway({
    listen: { port: 0 },
    admin: false,
    upstreams: {
      one: { url: `${one.origin}/v1`, prefix: "/a" },
      two: { url: two.origin, prefix: "/a/b/" },
      three: { url: three.origin, host: "three.localhost" },
    },
  })
  expect((await ask(gateway.origin, "/a/x?y")).text).toContain("one")
  expect((await ask(gateway.origin, "/a")).text).toContain("one")
  expect((await ask(gateway.origin, "/a?z")).text).toContain("one")
  expect(one.requests.map(({ target }) => target)).toEqual(["/v1/x?y", "/v1", "/v1?z"])
  expect((await ask(gateway.origin, "/a/b")).text).toContain("two")
  expect((await ask(gateway.origin, "/a", { headers: { host: "Three.localhost:1" } })).text).toContain("three")
  expect((await ask(gateway.origin, "/ab")).status).toBe(404)
})

interface Process {
  readonly running: Running
  readonly origin: string
  readonly signal: (name: "SIGHUP" | "SIGTERM" | "SIGKILL") => void
}

async function commandWith(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Process> {
  const running = startSteadfetch(["gateway", ...args], { env })
  onTestFinished(() => running.signal("SIGKILL"))
  const said = await running.wrote("stderr", "hands requests on")
  const origin = /http:\/\/[\d.:]+/.exec(said)?.[0] ?? ""
  return { running, origin, signal: (name) => running.signal(name) }
}

test("the command reloads its file on SIGHUP, keeps the old one when it is unsound, and ends well on SIGTERM", async () => {
  const [one, two] = [await serverNamed("one"), await serverNamed("two")]
  const folder = await mkdtemp(join(tmpdir(), "steadfetch-gateway-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, "gateway.yaml")
  const write = (url: string): Promise<void> =>
    writeFile(file, `listen: { port: 0 }\nadmin: false\nupstreams:\n  api:\n    url: ${url}\n`)
  await write(one.origin)
  const { running, origin, signal } = await commandWith(["--config", file])
  expect((await ask(origin)).text).toContain("one")
  await write(two.origin)
  signal("SIGHUP")
  await running.wrote("stderr", "reloaded")
  expect((await ask(origin)).text).toContain("two")
  await write("nonsense")
  signal("SIGHUP")
  await running.wrote("stderr", `${file}:5:5: upstreams.api.url: is no URL`)
  expect((await ask(origin)).text).toContain("two")
  signal("SIGTERM")
  const { code, stdout } = await running.ended
  expect(code).toBe(0)
  const lines = stdout
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as object)
  expect(lines).toHaveLength(3)
  expect(lines[0]).toMatchObject({ method: "GET", status: 200, upstream: "api", attempts: 1, verdict: "accept" })
})

test("SIGTERM under load loses nothing that is in flight", async () => {
  const slow = await startFaultServer({ "/*": json(200, { name: "x" }, { delayMs: 200 }) })
  onTestFinished(() => slow.close())
  const { running, origin, signal } = await commandWith([
    "--upstream",
    slow.origin,
    "--port",
    "0",
    "--admin-port",
    "none",
  ])
  const answers = Array.from({ length: 100 }, () => ask(origin))
  await slow.received(100)
  signal("SIGTERM")
  expect((await Promise.all(answers)).filter(({ status }) => status !== 200)).toEqual([])
  expect((await running.ended).code).toBe(0)
})

test("a gateway that is killed in mid-flight leaves callers and upstreams without open ends, and no files", async () => {
  const silent = await startFaultServer({ "/*": stall("before-headers") })
  onTestFinished(() => silent.close())
  const folder = await mkdtemp(join(tmpdir(), "steadfetch-killed-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  const { running, origin, signal } = await commandWith(
    ["--upstream", silent.origin, "--port", "0", "--admin-port", "none"],
    { TMPDIR: folder },
  )
  const get = ask(origin)
  const upload = ask(origin, "/", { method: "PUT", body: new Uint8Array(5_000_000) })
  await silent.received(2)
  const arrived = (): number => silent.requests.find(({ method }) => method === "PUT")?.body.lengthBytes ?? 0
  while (arrived() < 5_000_000) await new Promise(setImmediate)
  signal("SIGKILL")
  const ends = await Promise.allSettled([get, upload])
  expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"])
  await silent.allClosed()
  await running.ended
  expect(await readdir(folder)).toEqual([])
})
