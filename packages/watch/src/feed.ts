import type { ServerResponse } from "node:http"
import { FIELDS, plain } from "./plain.ts"
import type { Picture } from "./picture.ts"
import { EVERY_MS, type Program } from "./program.ts"

/** After so much silence a line goes out all the same, so that a dead connection is noticed. */
const SILENCE_MS = 15_000
/** Whoever comes when there are so many has to wait: each costs time four times a second. */
const MOST_VIEWERS = 100

/** Server-sent events: who there is, and the picture of one program, whole at first and then what changes of it. */
export class Feed {
  readonly #programs: () => readonly Program[]
  readonly #hasOutbox: boolean
  readonly #viewers = new Set<Viewer>()

  /** @param hasOutbox Whether there is an outbox beside the programs. */
  constructor(programs: () => readonly Program[], hasOutbox: boolean) {
    this.#programs = programs
    this.#hasOutbox = hasOutbox
  }

  get viewers(): number {
    return this.#viewers.size
  }

  /** @param wanted The id of the program to show; the newest that runs when it is undefined or there is none such. */
  open(res: ServerResponse, wanted: string | undefined): void {
    if (this.#viewers.size >= MOST_VIEWERS) return plain(res, 503, `${MOST_VIEWERS} look at it already\n`)
    res.writeHead(200, { ...FIELDS, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" })
    res.write(`retry: 1000\n\nevent: outbox\ndata: ${this.#hasOutbox}\n\n`)
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
  #shown: Picture | undefined
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

  #show({ id, since, picture }: Program): void {
    // A program that is met anew has the id that it had, and another picture.
    const isShown = picture === this.#shown
    if (isShown && this.#version === picture.version) return
    const changes = picture.since(isShown ? this.#version : 0)
    this.#shown = picture
    this.#version = changes.version
    if (isShown) this.#send("changes", JSON.stringify(changes))
    else this.#send("shown", JSON.stringify({ id, since, now: Date.now(), changes }))
  }

  #send(event: string, data: string): void {
    this.#lastAt = performance.now()
    this.#res.write(`event: ${event}\ndata: ${data}\n\n`)
  }
}
