import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { systemProgram } from "../../tools/system/system-program.ts"

/** A real Redis on a unix socket in a temporary folder, in which it also keeps its files. */
export interface RedisServer extends AsyncDisposable {
  /** The path of its socket. */
  readonly path: string
  /** Ends the process as it is, with SIGKILL. */
  kill(): Promise<void>
  /** Starts it again, with the files that it left. */
  start(): Promise<void>
}

/** @throws Error that says how to install Redis, where that cannot be done by itself. */
export function redisProgram(): Promise<string> {
  return systemProgram("redis-server", "redis-server")
}

/**
 * Starts a Redis that loses nothing: it writes each command to its append-only file before it answers.
 * @param settings Further arguments, such as `--appendonly no`; they win.
 */
export async function startRedis(...settings: readonly string[]): Promise<RedisServer> {
  const program = await redisProgram()
  const folder = await mkdtemp(join(tmpdir(), "steadfetch-redis-"))
  const server = new RunningRedis(program, folder, settings)
  try {
    await server.start()
    return server
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
}

class RunningRedis implements RedisServer {
  readonly path: string
  readonly #program: string
  readonly #folder: string
  readonly #settings: readonly string[]
  #process: ChildProcess | undefined

  constructor(program: string, folder: string, settings: readonly string[]) {
    this.#program = program
    this.#folder = folder
    this.#settings = settings
    this.path = join(folder, "redis.sock")
  }

  async start(): Promise<void> {
    const args = ["--port", "0", "--unixsocket", this.path, "--dir", this.#folder, "--save", "", "--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"] // prettier-ignore
    const child = spawn(this.#program, [...args, ...this.#settings], { stdio: ["ignore", "pipe", "inherit"] })
    this.#process = child
    const end = (): void => void child.kill("SIGKILL")
    process.once("exit", end)
    child.once("close", () => process.off("exit", end))
    let said = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text))
    const closed = once(child, "close").then(() => {
      throw new Error(`redis-server ended:\n${said}`)
    })
    closed.catch(() => {})
    while (!/ready to accept connections/i.test(said)) await Promise.race([once(child.stdout, "data"), closed])
  }

  kill(): Promise<void> {
    return this.#end("SIGKILL")
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end("SIGKILL")
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, "close")
  }
}
