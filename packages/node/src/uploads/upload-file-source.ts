import { open, stat, type FileHandle } from "node:fs/promises"
import { SteadfetchError, refuse, type UploadSource } from "steadfetch"

/** What tells a file from what it was or will be. */
export interface FileVersion {
  readonly size: number
  readonly mtimeMs: number
}

const PIECE_BYTES = 64 * 1024

/** A file as an upload's source: read as the connection takes it, and never mixed with what it becomes meanwhile. */
export class UploadFileSource implements UploadSource {
  readonly path: string
  readonly version: FileVersion

  private constructor(path: string, version: FileVersion) {
    this.path = path
    this.version = version
  }

  /** @throws ConfigurationError for what is no regular file; what the file system says of one that is not there. */
  static async of(path: string): Promise<UploadFileSource> {
    const stats = await stat(path)
    if (!stats.isFile()) refuse("file", `${path} is no regular file`, "the path of one")
    return new UploadFileSource(path, { size: stats.size, mtimeMs: stats.mtimeMs })
  }

  get size(): number {
    return this.version.size
  }

  /** @throws SteadfetchError when the file is not what it was. */
  async *read(from: number, to: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const handle = await open(this.path)
    try {
      await this.#check(handle)
      for (let at = from; at < to;) {
        const { buffer, bytesRead } = await handle.read({
          buffer: new Uint8Array(Math.min(PIECE_BYTES, to - at)),
          position: at,
        })
        at += bytesRead
        // Before the last piece leaves, so that no upload is whole that has bytes of two versions.
        if (at === to || bytesRead === 0) await this.#check(handle)
        if (bytesRead === 0) throw changed(this.path)
        yield buffer.subarray(0, bytesRead)
      }
    } finally {
      await handle.close()
    }
  }

  async #check(handle: FileHandle): Promise<void> {
    const { size, mtimeMs } = await handle.stat()
    if (size !== this.version.size || mtimeMs !== this.version.mtimeMs) throw changed(this.path)
  }
}

function changed(path: string): SteadfetchError {
  return new SteadfetchError(
    `${path} changed while it was uploaded; what the server has is of another version: upload it anew`,
  )
}
