import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Candidate } from "./load.ts"
import { startNginx, type Nginx } from "../../e2e/nginx/nginx.ts"

const MAIN = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url))

export interface Stage extends AsyncDisposable {
  readonly candidates: readonly Candidate[]
}

const SMALL = `{"id":7,"name":"Ada Lovelace","email":"ada@example.com"}`

/** The server that everything goes to: nginx, as it answers faster than anything before it can ask. */
function originServer(): Promise<Nginx> {
  return startNginx({
    http: "keepalive_requests 100000000;",
    server: `location = /small { default_type application/json; return 200 '${SMALL}'; } location / { }`,
    pages: { large: "words and more words\n".repeat(5000) },
  })
}

function plainProxy(target: string): Promise<Nginx> {
  return startNginx({
    http: `keepalive_requests 100000000; upstream target { server ${target.slice("http://".length)}; keepalive 200; }`,
    server: `proxy_hide_header x-worker; location / { proxy_pass http://target; proxy_http_version 1.1; proxy_set_header Connection ""; }`,
  })
}

interface Program extends AsyncDisposable {
  readonly origin: string
  readonly processId: number
}

/** nginx's one worker, which does the work. */
async function workerOf(nginx: Nginx): Promise<number> {
  return Number((await fetch(`${nginx.origin}/small`)).headers.get("x-worker")?.split(",")[0])
}

async function gateway(url: string, accessLog: boolean): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), "steadfetch-bench-"))
  const file = join(folder, "gateway.json")
  await writeFile(
    file,
    JSON.stringify({ listen: { port: 0 }, admin: false, accessLog, upstreams: { target: { url } } }),
  )
  const args = ["--conditions=@steadfetch/source", MAIN, "gateway", "--config", file]
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] })
  const [said] = (await once(child.stderr, "data")) as [Buffer]
  const origin = /http:\/\/[\d.:]+/.exec(String(said))?.[0]
  if (origin === undefined) throw new Error(`the gateway did not start: ${String(said)}`)
  return {
    origin,
    processId: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM")
      await once(child, "close")
      await rm(folder, { recursive: true })
    },
  }
}

/** Starts everything, each in a process of its own. */
export async function stage(): Promise<Stage> {
  const stack = new AsyncDisposableStack()
  const origin = stack.use(await originServer())
  const proxy = stack.use(await plainProxy(origin.origin))
  const quiet = stack.use(await gateway(origin.origin, false))
  const logging = stack.use(await gateway(origin.origin, true))
  return {
    candidates: [
      { name: "the server itself", origin: origin.origin, processId: await workerOf(origin) },
      { name: "nginx as a plain proxy", origin: proxy.origin, processId: await workerOf(proxy) },
      { name: "steadfetch gateway", origin: quiet.origin, processId: quiet.processId },
      { name: "steadfetch gateway, access log on", origin: logging.origin, processId: logging.processId },
    ],
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
