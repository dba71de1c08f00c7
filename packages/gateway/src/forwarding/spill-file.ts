import { randomUUID } from "node:crypto"
import { open, unlink, type FileHandle } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

const PIECE_BYTES = 64 * 1024

/** A temporary file that has no name any more once it is open: it is gone with the process, however that ends. */
export class SpillFile {
  readonly #handle: FileHandle
  #length = 0

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  static async create(folder: string = tmpdir()): Promise<SpillFile> {
    const path = join(folder, `steadfetch-body-${randomUUID()}`)
    const handle = await open(path, "wx+", 0o600)
    await unlink(path).catch(() => {})
    return new SpillFile(handle)
  }

  get length(): number {
    return this.#length
  }

  async append(piece: Uint8Array): Promise<void> {
    for (let written = 0; written < piece.length;) {
      const { bytesWritten } = await this.#handle.write(piece, written, piece.length - written, this.#length + written)
      written += bytesWritten
    }
    this.#length += piece.length
  }

  /** Some of the bytes from an offset on. */
  async read(offset: number): Promise<Uint8Array<ArrayBuffer>> {
    const buffer = new Uint8Array(Math.min(PIECE_BYTES, this.#length - offset))
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, offset)
    return buffer.subarray(0, bytesRead)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}
