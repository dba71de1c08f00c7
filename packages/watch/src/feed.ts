import { randomBytes } from "node:crypto"
import type { OutgoingHttpHeaders, ServerResponse } from "node:http"
import { EVERY_MS, type Program } from "./program.ts"

/** After so much silence a line goes out all the same, so that a dead connection is noticed. */
const SILENCE_MS = 15_000

/** Server-sent events: who there is, and the picture of one program, whole at first and then what changes of it. */
export class Feed {
  readonly #programs: () => readonly Program[]
  readonly #viewers = new Set<Viewer>()

  constructor(programs: () => readonly Program[]) {
    this.#programs = programs
  }

  get viewers(): number {
    return this.#viewers.size
  }

  /** @param wanted The id of the program to show; the newest that runs when it is undefined or there is none such. */
  open(res: ServerResponse, wanted: string | undefined, fields: OutgoingHttpHeaders): void {
    res.writeHead(200, { ...fields, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" })
    res.write("retry: 1000\n\n")
    const viewer = new Viewer(res, wanted, this.#programs)
    this.#viewers.add(viewer)
    res.on("close", () => {
      viewer.leave()
      this.#viewers.delete(viewer)
    })
  }

  close(): void {
    for (const viewer of this.#viewers) viewer.end()
  }
}

class Viewer {
  readonly #res: ServerResponse
  readonly #wanted: string | undefined
  readonly #programs: () => readonly Program[]
  readonly #timer: NodeJS.Timeout
  #told = ""
  #shown: string | undefined
  #version = 0
  #lastAt = performance.now()

  constructor(res: ServerResponse, wanted: string | undefined, programs: () => readonly Program[]) {
    this.#res = res
    this.#wanted = wanted
    this.#programs = programs
    this.#timer = setInterval(() => this.#tell(), EVERY_MS)
    this.#tell()
  }

  leave(): void {
    clearInterval(this.#timer)
  }

  end(): void {
    this.leave()
    this.#res.end()
  }

  #tell(): void {
    // Whoever reads too slowly gets the changes of a longer time at once: nothing piles up.
    if (this.#res.writableNeedDrain) return
    const programs = this.#programs()
    const list = programs.map(({ id, name, since, isRunning }) => ({ id, name, since, isRunning }))
    const told = JSON.stringify(list)
    if (told !== this.#told) this.#send("programs", told)
    this.#told = told
    const program = this.#choose(programs)
    if (program !== undefined) this.#show(program)
    if (performance.now() - this.#lastAt > SILENCE_MS) this.#send("silence", "0")
  }

  #choose(programs: readonly Program[]): Program | undefined {
    const named = programs.find(({ id }) => id === this.#wanted)
    return named ?? programs.findLast(({ isRunning }) => isRunning) ?? programs.at(-1)
  }

  #show({ id, picture }: Program): void {
    if (id !== this.#shown) {
      this.#shown = id
      this.#version = 0
      // With a number of its own: a server that was started anew may use the same id for another picture.
      this.#send("shown", JSON.stringify({ id, feed: randomBytes(4).toString("hex"), now: Date.now() }))
    }
    if (this.#version === picture.version) return
    const changes = picture.since(this.#version)
    this.#version = changes.version
    this.#send("changes", JSON.stringify(changes))
  }

  #send(event: string, data: string): void {
    this.#lastAt = performance.now()
    this.#res.write(`event: ${event}\ndata: ${data}\n\n`)
  }
}
