import { constants, type promises } from "node:fs"
import { join } from "node:path"
import {
  ConfigurationError,
  type CallRecord,
  type DownloadTarget,
  type FirstReply,
  type KeptPart,
  type Representation,
} from "steadfetch"
import { downloadName } from "./download-name.ts"
import { existsError, fileError, placeOf, type Files, type Place } from "./download-place.ts"
import { readSidecar, urlHash, writtenSidecar } from "./download-sidecar.ts"

/** What a file's download may be told. */
export interface FilePolicy {
  readonly overwrite: boolean | undefined
  readonly keepPart: boolean
}

/** Who writes a part in this process: two that write one would mix their bytes. */
const underWay = new Map<string, FileTarget>()

/**
 * A file: its bytes go to a part beside it, what they belong to to a file beside that, and it takes its own name when it
 * is whole. At any moment a sidecar that is there describes the part that is there, so that a process may be killed.
 */
export class FileTarget implements DownloadTarget {
  readonly #target: string | URL
  readonly #url: string
  readonly #policy: FilePolicy
  readonly #record: CallRecord
  readonly #files: Files
  #place: Place | undefined
  #path: string | undefined
  #handle: promises.FileHandle | undefined
  /** The bytes in the part. */
  #length = 0
  /** Whether what is at the part's place is this download's. */
  #hasPart = false
  #isAbandoned = false
  /** The last piece of work: the next one comes after it. */
  #work: Promise<unknown> = Promise.resolve()

  /** @param url The URL as it is asked for. */
  constructor(target: string | URL, url: string, policy: FilePolicy, record: CallRecord, files: Files) {
    this.#target = target
    this.#url = urlHash(url)
    this.#policy = policy
    this.#record = record
    this.#files = files
  }

  /** The file, once it is there. */
  get path(): string {
    if (this.#path === undefined) throw new TypeError("the file has no name yet")
    return this.#path
  }

  kept(): Promise<KeptPart | undefined> {
    return this.#next(async () => {
      const place = await placeOf(this.#target, this.#url, this.#files)
      const other = underWay.get(place.part)
      // After an abort its last work may still be under way.
      if (other !== undefined && other.#isAbandoned) await other.#work
      if (underWay.has(place.part))
        throw new ConfigurationError(`download: ${place.part} is being written by another download; wait for its end`)
      underWay.set(place.part, this)
      this.#place = place
      if (place.file !== undefined) await this.#choose(place.file)
      return this.#recall(place)
    })
  }

  begin(representation: Representation, { url, headers }: FirstReply): Promise<void> {
    return this.#next(async () => {
      const { directory, file, part, sidecar } = this.#placed
      const name = file === undefined ? downloadName(headers.get("content-disposition"), url) : undefined
      if (name !== undefined) await this.#choose(join(directory, name))
      await this.#told(`write to ${part}`, async () => {
        await this.#close()
        // In this order: a sidecar never stands beside bytes of another representation. The part is a new file each
        // time, so that no other process goes on writing to it.
        await this.#remove()
        this.#handle = await this.#files.open(part, "wx+")
        this.#length = 0
        this.#hasPart = true
        if (representation.validator === undefined) return
        await this.#files.writeFile(sidecar, writtenSidecar({ urlHash: this.#url, representation, name }), {
          flag: "wx",
        })
      })
    })
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#next(() =>
      this.#told(`write to ${this.#placed.part}`, async () => {
        let written = 0
        while (written < bytes.byteLength) {
          const { bytesWritten } = await this.#opened.write(bytes, written, bytes.byteLength - written, this.#length)
          written += bytesWritten
          this.#length += bytesWritten
        }
      }),
    )
  }

  complete(): Promise<void> {
    return this.#next(async () => {
      const { path } = this
      const { directory, part, sidecar } = this.#placed
      await this.#told(`store ${path}`, async () => {
        await this.#opened.sync()
        await this.#checkPart(part)
        await this.#close()
      })
      await this.#choose(path)
      // An abort during the above came before the end.
      if (this.#isAbandoned) return
      await this.#told(`rename ${part} to ${path}`, () => this.#files.rename(part, path))
      this.#hasPart = false
      // The file is there: what fails now takes nothing from it.
      await this.#files.rm(sidecar, { force: true }).catch(() => {})
      await this.#syncDirectory(directory).catch(() => {})
      underWay.delete(part)
    })
  }

  abandon(_error: unknown, mayResume: boolean): Promise<void> {
    this.#isAbandoned = true
    return this.#next(async () => {
      if (this.#place === undefined) return
      await this.#close().catch(() => {})
      if (this.#hasPart && !(mayResume && this.#policy.keepPart)) await this.#remove().catch(() => {})
      underWay.delete(this.#place.part)
    })
  }

  /** What a sidecar describes, if the part is there and is this user's: another one's could hold anything. */
  async #recall({ directory, part, sidecar }: Place): Promise<KeptPart | undefined> {
    const text = await this.#files.readFile(sidecar, "utf8").catch(() => "")
    const known = readSidecar(text, this.#url)
    if (known === undefined) return undefined
    const handle = await this.#files.open(part, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0)).catch(() => undefined)
    if (handle === undefined) return undefined
    this.#handle = handle
    const { size, uid } = await handle.stat()
    const { representation, name } = known
    const isMine = process.getuid === undefined || uid === process.getuid()
    if (!isMine || size === 0 || size > (representation.totalBytes ?? size)) {
      await this.#close()
      return undefined
    }
    if (name !== undefined) await this.#choose(join(directory, name))
    this.#length = size
    this.#hasPart = true
    const read = (): AsyncIterable<Uint8Array> => handle.createReadStream({ start: 0, end: size - 1, autoClose: false })
    return { lengthBytes: size, representation, read }
  }

  /** The file's path is this, where no other file is, or that one may be replaced. */
  async #choose(path: string): Promise<void> {
    const there = await this.#files.stat(path).catch(() => undefined)
    // Renaming over a device or a pipe would put a file in its place.
    if (there !== undefined && !there.isFile())
      throw fileError(this.#record, `store ${path}`, noFile(there.isDirectory()))
    const mayReplace = this.#policy.overwrite ?? this.#placed.file !== undefined
    if (there !== undefined && !mayReplace) throw existsError(this.#record, path)
    this.#path = path
  }

  /** Another process may have begun a part of its own here. */
  async #checkPart(part: string): Promise<void> {
    const [mine, there] = await Promise.all([this.#opened.stat(), this.#files.stat(part)])
    if (mine.ino !== there.ino || mine.dev !== there.dev)
      throw new Error("another process downloads to the same place; let one of them finish")
  }

  async #remove(): Promise<void> {
    const { part, sidecar } = this.#placed
    await this.#files.rm(sidecar, { force: true })
    await this.#files.rm(part, { force: true })
  }

  async #close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  /** Makes the new name last through a power failure; some systems cannot, and Windows does by itself. */
  async #syncDirectory(directory: string): Promise<void> {
    const handle = await this.#files.open(directory, "r")
    await handle.sync().finally(() => handle.close())
  }

  get #opened(): promises.FileHandle {
    if (this.#handle === undefined) throw new TypeError("there is no part to write to")
    return this.#handle
  }

  get #placed(): Place {
    if (this.#place === undefined) throw new TypeError("kept() is asked first")
    return this.#place
  }

  /** Work on files, whose failure is told in words. */
  async #told<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw fileError(this.#record, what, error)
    }
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#work.then(work)
    this.#work = next.catch(() => {})
    return next
  }
}

function noFile(isDirectory: boolean): Error {
  const error = new Error("that is no regular file; give a stream that writes to it")
  return isDirectory ? Object.assign(error, { code: "EISDIR" }) : error
}
