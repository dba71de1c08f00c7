import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { access, chmod, chown, constants, mkdtemp, readdir, readFile, realpath, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { thisMachine } from "../../tools/system/machine.ts"
import { systemProgram } from "../../tools/system/system-program.ts"

export interface PostgresSettings {
  /** Settings of the server beside its own: { fsync: "off" }. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A real PostgreSQL with a cluster of its own in a temporary folder, on a socket in there: no port is taken. */
export interface PostgresServer extends AsyncDisposable {
  /** Of the superuser, to the database "postgres". */
  readonly connectionString: string
  /** Ends it in good order. */
  stop(): Promise<void>
  /** Ends all its processes at once, as a failing machine does. */
  kill(): Promise<void>
  /** Starts it again, on the same data; with other settings, if there are any. */
  start(settings?: Readonly<Record<string, string>>): Promise<void>
}

/** Long enough for apt-get, where PostgreSQL has to be installed first. */
export const INSTALLING_POSTGRES_MS = 300_000

/** Where Debian has its versions. */
const VERSIONS = "/usr/lib/postgresql"

/** @throws Error that says how to install PostgreSQL, where that cannot be done by itself */
export async function postgresProgram(): Promise<string> {
  const machine = {
    ...thisMachine,
    find: async (program: string) => (await debians(program)) ?? thisMachine.find(program),
  }
  return realpath(await systemProgram("postgres", "postgresql", machine))
}

/** Debian's newest; other programs it would find in the PATH. */
async function debians(program: string): Promise<string | undefined> {
  if (program !== "postgres") return undefined
  const versions = await readdir(VERSIONS).catch(() => [])
  for (const version of versions.toSorted((a, b) => Number(b) - Number(a))) {
    const path = join(VERSIONS, version, "bin", program)
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) return path
  }
  return undefined
}

/** Starts a PostgreSQL. @throws Error with what it said, when it does not start. */
export async function startPostgres({ settings = {} }: PostgresSettings = {}): Promise<PostgresServer> {
  const program = await postgresProgram()
  const folder = await mkdtemp(join(tmpdir(), "steadfetch-postgres-"))
  const server = new RunningPostgres(program, folder, await owner())
  try {
    await server.create()
    await server.start(settings)
    return server
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
}

interface Owner {
  readonly uid: number
  readonly gid: number
}

/** Who the server runs as: it refuses to be root. */
async function owner(): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const users = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"))
  const user = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody")
  if (user === undefined) throw new Error("PostgreSQL does not run as root, and there is no user postgres or nobody")
  return { uid: Number(user[2]), gid: Number(user[3]) }
}

class RunningPostgres implements PostgresServer {
  readonly connectionString: string
  readonly #program: string
  readonly #folder: string
  readonly #owner: Owner | undefined
  #process: ChildProcess | undefined
  #said = ""

  constructor(program: string, folder: string, owner: Owner | undefined) {
    this.#program = program
    this.#folder = folder
    this.#owner = owner
    this.connectionString = `postgresql://postgres@/postgres?host=${encodeURIComponent(folder)}`
  }

  async create(): Promise<void> {
    await chmod(this.#folder, 0o700)
    if (this.#owner !== undefined) await chown(this.#folder, this.#owner.uid, this.#owner.gid)
    const args = ["-D", join(this.#folder, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    const initdb = this.#spawn(join(dirname(this.#program), "initdb"), args)
    const [code] = await once(initdb, "close")
    if (code !== 0) throw new Error(`initdb ended with ${code}:\n${this.#said}`)
  }

  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const own = { listen_addresses: "", unix_socket_directories: this.#folder, ...settings }
    const args = Object.entries(own).flatMap(([name, value]) => ["-c", `${name}=${value}`])
    const child = this.#spawn(this.#program, ["-D", join(this.#folder, "data"), ...args])
    this.#process = child
    const end = (): void => void child.kill("SIGQUIT")
    process.once("exit", end)
    child.once("close", () => process.off("exit", end))
    const closed = once(child, "close").then(() => {
      throw new Error(`PostgreSQL ended:\n${this.#said}`)
    })
    closed.catch(() => {})
    while (!/ready to accept connections/.test(this.#said) && child.stderr !== null) {
      await Promise.race([once(child.stderr, "data"), closed])
    }
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    this.#said = ""
    const child = spawn(program, args, {
      stdio: ["ignore", "ignore", "pipe"],
      cwd: this.#folder,
      // Its words are waited for: they must be English.
      env: { PATH: process.env["PATH"], LC_ALL: "C" },
      ...this.#owner,
    })
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#said += text))
    return child
  }

  stop(): Promise<void> {
    return this.#end("SIGINT")
  }

  async kill(): Promise<void> {
    // The others notice that the first one is gone, and end; until then they would be in the way of a new start.
    await this.#end("SIGKILL")
  }

  async #end(signal: "SIGINT" | "SIGQUIT" | "SIGKILL"): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    // All of them hold its standard error: it is closed when the last one has ended.
    const closed = once(child, "close")
    child.kill(signal)
    await closed
    if (signal === "SIGKILL") await rm(join(this.#folder, "data", "postmaster.pid"), { force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Without the checkpoint of a good order: nobody reads the data again.
    await this.#end("SIGQUIT")
    await rm(this.#folder, { recursive: true, force: true })
  }
}
