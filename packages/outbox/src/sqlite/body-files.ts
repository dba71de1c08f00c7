import { randomUUID } from "node:crypto"
import { createReadStream } from "node:fs"
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from "node:fs/promises"
import { dirname, join } from "node:path"
import { OutboxError } from "../errors.ts"
import type { StoredBody } from "../store.ts"
import { explained } from "./failures.ts"

/** A body that is where it stays, or small enough to be written with its entry. */
export interface KeptBody {
  readonly length: number
  readonly bytes: Uint8Array | null
  /** The name of the file that has it. */
  readonly file: string | null
}

/** Larger bodies are files of their own. */
export const INLINE_BYTES = 65_536

const PART = ".part"

/** The folder beside the database that has its large bodies. */
export class BodyFiles {
  readonly folder: string
  #isThere = false

  constructor(database: string) {
    this.folder = `${database}.bodies`
  }

  /** Reads a body to its end, and writes it to a file when it is large. The file is durable then. */
  async keep(body: StoredBody): Promise<KeptBody> {
    if (body instanceof Uint8Array) {
      if (body.length <= INLINE_BYTES) return { length: body.length, bytes: body, file: null }
      return this.#write([body], empty())
    }
    const pieces = body[Symbol.asyncIterator]()
    const first: Uint8Array[] = []
    let length = 0
    while (length <= INLINE_BYTES) {
      const { done, value } = await pieces.next()
      if (done === true) return { length, bytes: Buffer.concat(first), file: null }
      first.push(value)
      length += value.length
    }
    return this.#write(first, { [Symbol.asyncIterator]: () => pieces })
  }

  /** A body that is a file. Each reading opens it anew. */
  stream(file: string, length: number): AsyncIterable<Uint8Array<ArrayBuffer>> {
    const path = join(this.folder, file)
    return { [Symbol.asyncIterator]: () => wholeFile(path, length) }
  }

  async remove(files: readonly string[]): Promise<void> {
    for (const file of files) await rm(join(this.folder, file), { force: true })
  }

  /** The files that are there, with the time when they were last written to. */
  async list(): Promise<{ readonly file: string; readonly writtenAt: number }[]> {
    const files: { file: string; writtenAt: number }[] = []
    for (const file of await readdir(this.folder).catch(() => [])) {
      const found = await stat(join(this.folder, file)).catch(() => undefined)
      if (found?.isFile() === true) files.push({ file, writtenAt: found.mtimeMs })
    }
    return files
  }

  async #write(first: readonly Uint8Array[], rest: AsyncIterable<Uint8Array>): Promise<KeptBody> {
    const file = randomUUID()
    const path = join(this.folder, file)
    let length = 0
    const source = new Source(joined(first, rest))
    try {
      await this.#ensureFolder()
      await using handle = await open(path + PART, "wx", 0o600)
      for await (const piece of source) {
        await writeAll(handle, piece)
        length += piece.length
      }
      await handle.sync()
      await rename(path + PART, path)
      await syncFolder(this.folder)
    } catch (error) {
      await rm(path + PART, { force: true }).catch(() => {})
      throw source.failed === undefined ? explained(error, this.folder) : source.failed.error
    }
    return { length, bytes: null, file }
  }

  async #ensureFolder(): Promise<void> {
    if (this.#isThere) return
    await mkdir(this.folder, { mode: 0o700, recursive: true })
    await syncFolder(dirname(this.folder))
    this.#isThere = true
  }
}

/** Tells errors of where a body comes from apart from those of the disk. */
class Source implements AsyncIterable<Uint8Array> {
  failed: { readonly error: unknown } | undefined
  readonly #pieces: AsyncIterable<Uint8Array>

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const pieces = this.#pieces[Symbol.asyncIterator]()
    const next = (): Promise<IteratorResult<Uint8Array>> =>
      pieces.next().catch((error: unknown) => {
        this.failed = { error }
        throw error
      })
    try {
      for (let piece = await next(); piece.done !== true; piece = await next()) yield piece.value
    } finally {
      if (this.failed === undefined) await pieces.return?.()
    }
  }
}

async function* joined(first: readonly Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* first
  yield* rest
}

async function* empty(): AsyncGenerator<Uint8Array> {}

async function writeAll(handle: FileHandle, piece: Uint8Array): Promise<void> {
  for (let from = 0; from < piece.length;) from += (await handle.write(piece, from)).bytesWritten
}

/** Never less than was written, as if that were all. */
async function* wholeFile(path: string, length: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let read = 0
  try {
    for await (const piece of createReadStream(path) as AsyncIterable<Uint8Array<ArrayBuffer>>) {
      read += piece.length
      yield piece
    }
  } catch (error) {
    throw explained(error, path)
  }
  if (read !== length)
    throw new OutboxError(
      "store",
      `outbox: the body ${path} has ${read} bytes instead of ${length}: restore it from a backup, or discard its entry`,
    )
}

/** Makes names durable. Windows knows no such thing: there it is done by the file system. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return
  await using handle = await open(folder, "r")
  await handle.sync()
}
