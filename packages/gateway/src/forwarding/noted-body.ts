import type { Readable } from "node:stream"
import type { BodyContent, BodySource } from "steadfetch"
import { SpillFile } from "./spill-file.ts"

/** Pieces are joined up to this length: a byte by itself takes a hundred times its memory, and many are slow to look through. */
const JOINED_BYTES = 16 * 1024

/** How much of a body is kept for another attempt. */
export interface NotingLimits {
  /** In memory. */
  readonly memoryBytes: number
  /** In memory and in a temporary file together. */
  readonly fileBytes: number
  /** A longer body is refused. */
  readonly mostBytes: number
}

/** The body is longer than the gateway takes. */
export class BodyTooLongError extends Error {
  override readonly name = "BodyTooLongError"
  readonly mostBytes: number

  constructor(mostBytes: number) {
    super(`the body is longer than ${mostBytes} bytes`)
    this.mostBytes = mostBytes
  }
}

/**
 * A caller's body, sent on as it comes and noted beside that, so that another attempt sends the same bytes. Attempts read
 * by themselves, also at the same time: from the notes what is there, and from the caller what nobody has read yet.
 */
export class NotedBody implements BodySource {
  readonly length: number | undefined
  readonly #source: Readable
  readonly #limits: NotingLimits
  readonly #memory: Uint8Array<ArrayBuffer>[] = []
  #memoryBytes = 0
  #file: SpillFile | undefined
  /** Bytes that the caller has sent so far. */
  #received = 0
  #hasEnded = false
  #isNoting: boolean
  #isOver = false
  #isUnwanted = false
  #readers = 0
  #wasRead = false
  #pulling: Promise<Uint8Array<ArrayBuffer> | undefined> | undefined

  /** @param length From Content-Length; undefined for a chunked body. */
  constructor(source: Readable, length: number | undefined, limits: NotingLimits) {
    this.#source = source
    this.length = length
    this.#limits = limits
    // What is known to be too long to keep is not noted in part, either.
    this.#isNoting = (length ?? 0) <= limits.fileBytes
    // Whoever reads is told of it.
    source.on("error", () => {})
  }

  get replayable(): boolean {
    return this.#isNoting || !this.#wasRead
  }

  /** Reads all of it: a short body is sent in one piece, and not begun before it is whole. */
  async gather(): Promise<void> {
    while ((await this.#pull()) !== undefined);
  }

  open(): BodyContent {
    if (this.#hasEnded && this.#isNoting && this.#file === undefined) return joined(this.#memory, this.#memoryBytes)
    return this.#read()
  }

  /** The call has its reply: nothing is sent again. Who still reads, reads on. */
  discard(): void {
    this.#isOver = true
    this.#isNoting = false
    if (this.#readers === 0) this.#forget()
  }

  /** The caller has its reply: what it still sends is read and dropped, since its next request comes behind that. */
  drop(): void {
    this.#isUnwanted = true
    this.#source.removeAllListeners("readable").resume()
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    this.#wasRead = true
    this.#readers++
    let position = 0
    try {
      for (;;) {
        const isLive = position === this.#received
        const piece = await (isLive ? this.#pull() : this.#noted(position))
        if (piece === undefined && isLive) return
        if (piece === undefined || piece.length === 0) throw new Error("the body is not noted any more")
        position += piece.length
        yield piece
      }
    } finally {
      this.#readers--
      if (this.#isOver && this.#readers === 0) this.#forget()
    }
  }

  /** What the notes have from a position on. */
  #noted(position: number): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>> | undefined {
    let start = 0
    for (const piece of position < this.#memoryBytes ? this.#memory : []) {
      if (position < start + piece.length) return piece.subarray(position - start)
      start += piece.length
    }
    return this.#file?.read(position - this.#memoryBytes)
  }

  /** The caller's next piece, the same for all who wait for it; undefined at the end. */
  #pull(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#pulling ??= this.#next().finally(() => {
      this.#pulling = undefined
    })
    return this.#pulling
  }

  async #next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#hasEnded) return undefined
    const piece = await nextPiece(this.#source)
    if (this.#isUnwanted) throw new Error("the caller has its reply")
    if (piece === undefined) {
      this.#hasEnded = true
      return undefined
    }
    const received = this.#received + piece.length
    if (received > this.#limits.mostBytes) throw new BodyTooLongError(this.#limits.mostBytes)
    if (this.#isNoting) {
      if (received <= this.#limits.memoryBytes) this.#keep(piece)
      else await this.#spill(piece, received)
    }
    this.#received = received
    return piece
  }

  #keep(piece: Uint8Array<ArrayBuffer>): void {
    const last = this.#memory.at(-1)
    if (last === undefined || last.length + piece.length > JOINED_BYTES) this.#memory.push(piece)
    else this.#memory[this.#memory.length - 1] = joined([last, piece], last.length + piece.length)
    this.#memoryBytes += piece.length
  }

  async #spill(piece: Uint8Array<ArrayBuffer>, received: number): Promise<void> {
    try {
      if (received > this.#limits.fileBytes) throw new RangeError("longer than is kept")
      this.#file ??= await SpillFile.create()
      await this.#file.append(piece)
    } catch {
      // Too long, or no room on the disk: sent once, then.
      this.#isNoting = false
      this.#forget()
    }
  }

  #forget(): void {
    const file = this.#file
    this.#file = undefined
    this.#memory.length = 0
    this.#memoryBytes = 0
    this.#isNoting = false
    void file?.close().catch(() => {})
  }
}

/** The next piece of a stream; undefined at its end. */
function nextPiece(source: Readable): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const piece = source.read() as Buffer<ArrayBuffer> | null
      if (piece !== null) settle(() => resolve(piece))
      else if (source.readableEnded) settle(() => resolve(undefined))
    }
    const end = (): void => settle(() => resolve(undefined))
    const fail = (error?: Error): void =>
      settle(() => reject(error ?? new Error("the caller left before the end of the body")))
    const close = (): void => (source.readableEnded ? end() : fail(source.errored ?? undefined))
    const settle = (done: () => void): void => {
      source.off("readable", look).off("end", end).off("error", fail).off("close", close)
      done()
    }
    source.on("readable", look).on("end", end).on("error", fail).on("close", close)
    if (source.destroyed && !source.readableEnded) fail(source.errored ?? undefined)
    else look()
  })
}

function joined(pieces: readonly Uint8Array<ArrayBuffer>[], length: number): Uint8Array<ArrayBuffer> {
  const [only] = pieces
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces, length)
}
