import { rmSync } from "node:fs"
import { createServer, type Server, type Socket } from "node:net"
import { basename } from "node:path"
import { ConfigurationError, kindOf, knownOptions, refuse, shown } from "steadfetch"
import { Collector, type CallSource } from "./collector.ts"
import { makePrivate, meetingPlace, newSocket, obstacle } from "./directory.ts"
import type { Picture } from "./picture.ts"
import { EVERY_MS, type ProgramName } from "./program.ts"

/** How a program shows its calls. */
export interface WatchOptions {
  /** What the page calls the program. Default: the name of the file that was started. */
  readonly name?: string | undefined
  /** Where its socket is, for this user alone. Default: `steadfetch` in XDG_RUNTIME_DIR, else in the temporary directory. */
  readonly directory?: string | undefined
}

/** A program that can be watched. */
export interface Watching extends Disposable {
  /** What is seen of the calls so far. */
  readonly picture: Picture
  /** Resolves when `steadfetch watch` can find the program, or it has stopped; rejects with what is in the way. */
  readonly ready: Promise<void>
  /** Shows no more. */
  stop(): void
}

/**
 * Lets `steadfetch watch` see the calls of this program: one line, `watch(api)`, and nothing else changes. It opens a
 * socket for this user alone, no port, and does not keep the process alive. Memory is bounded.
 * @param sources A client or gateway, or several.
 * @throws ConfigurationError for options that cannot be, what is no client or gateway, and a directory that is not this user's. What fails later is a
 * warning of the process, as a program does not end because nobody can watch it.
 */
export function watch(sources: CallSource | readonly CallSource[], options: WatchOptions = {}): Watching {
  knownOptions("watch", options, ["name", "directory"])
  const { name = basename(process.argv[1] ?? "node"), directory = meetingPlace() } = options
  checkText("watch.name", name)
  checkText("watch.directory", directory)
  const all = [sources].flat()
  for (const source of all) if (typeof source?.on !== "function") refuse("watch", kindOf(source), "clients or gateways")
  const inTheWay = obstacle()
  const path = inTheWay === undefined ? prepared(directory) : ""
  const collector = new Collector()
  const who: ProgramName = { id: basename(path, ".sock"), name: `${name} (${process.pid})`, since: Date.now() }
  const door = new Door(who, collector.picture)
  const stops = all.map((source) => collector.listen(source))
  const ready = inTheWay === undefined ? door.open(path) : Promise.reject(inTheWay)
  ready.catch((error: unknown) => process.emitWarning(`steadfetch cannot be watched: ${String(error)}`))
  const ending = (): void => door.end()
  process.once("exit", ending)
  const stop = (): void => {
    for (const stop of stops) stop()
    process.off("exit", ending)
    door.end()
  }
  return { picture: collector.picture, ready, stop, [Symbol.dispose]: stop }
}

function checkText(name: string, value: unknown): void {
  if (typeof value !== "string" || value === "") refuse(name, shown(value), "a text that is not empty")
}

function prepared(directory: string): string {
  try {
    makePrivate(directory)
  } catch (cause) {
    if (ConfigurationError.is(cause)) throw cause
    throw new ConfigurationError(`watch: ${directory} cannot be made (${String(cause)}); give another`, { cause })
  }
  return newSocket(directory)
}

/** The socket through which a picture and its changes go out, as lines of JSON. */
class Door {
  readonly #who: ProgramName
  readonly #picture: Picture
  readonly #server: Server
  /** What each of those who watch has seen. */
  readonly #seen = new Map<Socket, number>()
  #path = ""
  #timer: NodeJS.Timeout | undefined

  constructor(who: ProgramName, picture: Picture) {
    this.#who = who
    this.#picture = picture
    this.#server = createServer((socket) => this.#enter(socket)).unref()
  }

  open(path: string): Promise<void> {
    this.#path = path
    return new Promise((resolve, reject) => {
      this.#server.on("error", reject)
      this.#server.on("close", resolve)
      this.#server.listen(path, resolve)
    })
  }

  /** Tells the last of it: a socket's buffer takes what is written while the process ends. */
  end(): void {
    for (const socket of this.#seen.keys()) {
      this.#tell(socket)
      socket.end()
    }
    clearInterval(this.#timer)
    this.#server.close()
    rmSync(this.#path, { force: true })
  }

  #enter(socket: Socket): void {
    socket.unref().resume()
    socket.on("error", () => socket.destroy())
    socket.on("close", () => {
      this.#seen.delete(socket)
      if (this.#seen.size === 0) clearInterval(this.#timer)
    })
    if (this.#seen.size === 0) this.#timer = setInterval(() => this.#tellAll(), EVERY_MS).unref()
    this.#seen.set(socket, 0)
    socket.write(`${JSON.stringify({ program: this.#who })}\n`)
    this.#tell(socket)
  }

  #tellAll(): void {
    for (const socket of this.#seen.keys()) this.#tell(socket)
  }

  /** Whoever reads too slowly gets the changes of a longer time at once: nothing piles up. */
  #tell(socket: Socket): void {
    const seen = this.#seen.get(socket) ?? 0
    if (seen === this.#picture.version || socket.writableNeedDrain) return
    const changes = this.#picture.since(seen)
    this.#seen.set(socket, changes.version)
    socket.write(`${JSON.stringify({ changes })}\n`)
  }
}
