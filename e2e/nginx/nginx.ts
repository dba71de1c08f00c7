import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer, type AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { systemProgram } from "../../tools/system/system-program.ts"

export interface NginxSettings {
  /** Directives of the `http` block: zones, upstreams. */
  readonly http?: string
  /** Directives of the one `server` block. */
  readonly server: string
  /** Files below the server's root, by name. */
  readonly pages?: Readonly<Record<string, string>>
}

/** A real nginx in the foreground, on a port of 127.0.0.1, with a temporary prefix. */
export interface Nginx extends AsyncDisposable {
  readonly origin: string
  /** Ends the process; its port refuses connections. */
  stop(): Promise<void>
  /** Starts it again, on the same port. */
  start(): Promise<void>
  /** Reads its settings anew: a fresh worker takes over, the old one finishes. Resolves once that one is gone. */
  reload(): Promise<void>
}

/** Long enough for apt-get, where nginx has to be installed first. */
export const INSTALLING_MS = 300_000

/** @throws Error that says how to install nginx, where that cannot be done by itself */
export function nginxProgram(): Promise<string> {
  return systemProgram("nginx", "nginx")
}

/** Starts an nginx. @throws Error with what nginx said, when it does not take its settings. */
export async function startNginx(settings: NginxSettings): Promise<Nginx> {
  const program = await nginxProgram()
  const prefix = await mkdtemp(join(tmpdir(), "steadfetch-nginx-"))
  // The workers of a root's nginx run as another user.
  await chmod(prefix, 0o755)
  await mkdir(join(prefix, "html"))
  for (const [name, text] of Object.entries(settings.pages ?? {})) await writeFile(join(prefix, "html", name), text)
  for (let tries = 1; ; tries++) {
    const nginx = new RunningNginx(program, prefix, await freePort(), settings)
    try {
      await nginx.start()
      return nginx
    } catch (error) {
      // nginx takes no port 0, so that another program may have taken the free port meanwhile.
      if (tries < 5 && String(error).includes("Address already in use")) continue
      await nginx[Symbol.asyncDispose]()
      throw error
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}

class RunningNginx implements Nginx {
  readonly origin: string
  readonly #command: readonly [program: string, ...args: string[]]
  readonly #prefix: string
  readonly #config: string
  #process: ChildProcess | undefined
  #said = ""

  constructor(program: string, prefix: string, port: number, settings: NginxSettings) {
    this.origin = `http://127.0.0.1:${port}`
    this.#prefix = prefix
    this.#command = [program, "-e", "stderr", "-p", prefix, "-c", "nginx.conf"]
    this.#config = config(port, settings)
  }

  async start(): Promise<void> {
    await writeFile(join(this.#prefix, "nginx.conf"), this.#config)
    const [program, ...args] = this.#command
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] })
    this.#process = child
    const end = (): void => void child.kill("SIGTERM")
    process.once("exit", end)
    child.once("close", () => process.off("exit", end))
    this.#said = ""
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#said += text))
    await this.#says(/start worker process \d+/)
  }

  async stop(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill("SIGTERM")
    await once(child, "close")
  }

  async reload(): Promise<void> {
    this.#said = ""
    this.#process?.kill("SIGHUP")
    await this.#says(/worker process \d+ exited/)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await rm(this.#prefix, { recursive: true, force: true })
  }

  async #says(words: RegExp): Promise<void> {
    const child = this.#process
    if (child?.stderr == null) throw new Error("nginx is not running; start it first")
    const closed = once(child, "close").then(() => {
      throw new Error(`nginx ended:\n${this.#said}`)
    })
    closed.catch(() => {})
    while (!words.test(this.#said)) await Promise.race([once(child.stderr, "data"), closed])
  }
}

function config(port: number, { http = "", server }: NginxSettings): string {
  return `
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr notice;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path client-body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  types { text/html html; }
  ${http}
  server {
    listen 127.0.0.1:${port};
    root html;
    # Who answered, and over which connection.
    add_header x-worker $pid always;
    add_header x-connection $connection always;
    ${server}
  }
}
`
}
