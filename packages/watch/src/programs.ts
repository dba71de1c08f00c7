import { readdir, rm } from "node:fs/promises"
import { connect, type Socket } from "node:net"
import { join } from "node:path"
import { makePrivate, meetingPlace, obstacle } from "./directory.ts"
import { Picture, type Changes } from "./picture.ts"
import type { Program, ProgramName } from "./program.ts"

/** How often it is looked for new programs. */
const LOOK_MS = 300
/** Programs that have ended and can still be looked at. */
const MOST_ENDED = 10

interface Line {
  readonly program?: ProgramName
  readonly changes?: Changes
}

/** A program as it is known on this side of its socket. */
class Seen implements Program {
  readonly id: string
  readonly name: string
  readonly since: number
  readonly picture = new Picture()
  isRunning = true

  constructor({ id, name, since }: ProgramName) {
    this.id = id
    this.name = name
    this.since = since
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Undefined for what no program of ours says. */
function parsed(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line
  } catch {
    return undefined
  }
}

/** Lines end with a line feed alone: node:readline ends them at U+2028 as well, which JSON may hold. */
function onLines(socket: Socket, told: (line: string) => void): void {
  let pieces: string[] = []
  socket.setEncoding("utf8").on("data", (text: string) => {
    const [end = "", ...more] = text.split("\n")
    pieces.push(end)
    for (const piece of more) {
      told(pieces.join(""))
      pieces = [piece]
    }
  })
}

/** Finds the programs of this user that called `watch`, and keeps a picture of each, also when it has ended. */
export class Programs implements Disposable {
  readonly #directory: string
  readonly #told: (program: Program) => void
  readonly #sockets = new Map<string, { destroy(): unknown }>()
  readonly #programs = new Map<string, Seen>()
  readonly #timer: NodeJS.Timeout
  #isClosed = false

  /**
   * @param told Hears of each program that was found, and once more when it has ended.
   * @throws ConfigurationError for a directory that is not this user's, and on Windows.
   */
  constructor(directory: string = meetingPlace(), told: (program: Program) => void = () => {}) {
    const inTheWay = obstacle()
    if (inTheWay !== undefined) throw inTheWay
    makePrivate(directory)
    this.#directory = directory
    this.#told = told
    this.#timer = setInterval(() => void this.#look(), LOOK_MS)
    void this.#look()
  }

  /** From the one found first to the newest. */
  get list(): readonly Program[] {
    return [...this.#programs.values()]
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
    for (const socket of this.#sockets.values()) socket.destroy()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async #look(): Promise<void> {
    const files = await readdir(this.#directory).catch(() => [])
    for (const file of files) {
      if (file.endsWith(".sock") && !this.#sockets.has(file) && !this.#isClosed) this.#meet(file)
    }
  }

  #meet(file: string): void {
    const path = join(this.#directory, file)
    const socket = connect(path)
    this.#sockets.set(file, socket)
    let program: Seen | undefined
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // Its program was killed; one that is about to listen is alive.
      if (error.code === "ECONNREFUSED" && !isAlive(Number.parseInt(file, 10))) void rm(path, { force: true })
    })
    socket.on("close", () => {
      this.#sockets.delete(file)
      if (program !== undefined) this.#ended(program)
    })
    onLines(socket, (text) => {
      const line = parsed(text)
      if (line === undefined) socket.destroy()
      if (line?.program !== undefined) {
        program = new Seen(line.program)
        this.#programs.set(program.id, program)
        this.#told(program)
      }
      if (line?.changes !== undefined) program?.picture.put(line.changes)
    })
  }

  #ended(program: Seen): void {
    program.isRunning = false
    const ended = this.list.filter(({ isRunning }) => !isRunning)
    for (const { id } of ended.slice(0, -MOST_ENDED)) this.#programs.delete(id)
    this.#told(program)
  }
}
