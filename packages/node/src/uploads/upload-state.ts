import { randomUUID } from "node:crypto"
import { readFile, rename, rm, writeFile } from "node:fs/promises"
import { refuse } from "steadfetch"
import type { FileVersion } from "./upload-file-source.ts"

/** What an upload is of, and where to: another file, version or place is another upload. */
export interface UploadSubject extends FileVersion {
  readonly path: string
  /** Where uploads are created, without a query, which may hold credentials. */
  readonly endpoint: string
}

/** The first thing in the file, by which it is known as one of ours. */
const KIND = "steadfetch upload"

/** The URL of an unfinished upload, in a file that its owner alone can read: whoever knows it may write to the upload. */
export class UploadState {
  readonly #file: string
  readonly #subject: UploadSubject

  constructor(file: string, subject: UploadSubject) {
    this.#file = file
    this.#subject = subject
  }

  /**
   * The URL of the upload of this very subject; undefined when there is none.
   * @throws ConfigurationError when the file holds something else, which must not be written over.
   */
  async url(): Promise<string | undefined> {
    const text = await readFile(this.#file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined
      throw error
    })
    if (text === undefined) return undefined
    const state = parsed(text)
    if (state?.["kind"] !== KIND || typeof state["url"] !== "string")
      return refuse("resumeFile", `${this.#file} holds something else`, "a path of its own, or delete the file")
    const isSame = Object.entries(this.#subject).every(([name, value]) => state[name] === value)
    return isSame ? state["url"] : undefined
  }

  /** Keeps the URL, all of it or nothing. */
  async save(url: string): Promise<void> {
    const written = `${this.#file}.${randomUUID()}`
    try {
      await writeFile(written, `${JSON.stringify({ kind: KIND, url, ...this.#subject }, null, 2)}\n`, { mode: 0o600, flag: "wx" }) // prettier-ignore
      await rename(written, this.#file)
    } catch (error) {
      await rm(written, { force: true })
      throw error
    }
  }

  /** The upload is whole: there is nothing to go on with. */
  remove(): Promise<void> {
    return rm(this.#file, { force: true })
  }
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
