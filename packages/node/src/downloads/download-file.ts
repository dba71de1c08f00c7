import { createHash } from "node:crypto"
import { promises as fs } from "node:fs"
import {
  CallRecord,
  downloads as overStreams,
  knownOptions,
  refuse,
  shown,
  type Call,
  type Downloaded,
  type DownloadOptions,
  type DownloadTarget,
  type Hashes,
} from "steadfetch"
import { FileTarget } from "./download-file-target.ts"
import type { Files } from "./download-place.ts"

/** Options of a download to a file. */
export interface FileDownloadOptions extends DownloadOptions {
  /** Whether a file that is there is replaced. Default: true where the caller names the file, false where the server does. */
  readonly overwrite?: boolean | undefined
  /** Whether what has arrived is kept when the download fails, so that the next one goes on from it. Default true. */
  readonly keepPart?: boolean | undefined
}

/** A file that is complete. */
export interface FileDownloaded extends Downloaded {
  /** Its absolute path. */
  readonly path: string
}

const HASHES: Hashes = { "sha-256": () => createHash("sha256"), "sha-512": () => createHash("sha512") }

const OPTION_NAMES: readonly string[] = [
  "onProgress", "digest", "hashes", "resume", "deadline", "overwrite", "keepPart",
] // prettier-ignore

/** Gives calls `download()`, to files as well as to streams. In place of core's ability of the same name. */
export const downloads: {
  /**
   * Brings the body of a GET to a file, as core's `download` does to a stream. It is written to `NAME.part`, with what it
   * belongs to in `NAME.part.json`, and gets its name, at one stroke, when it is whole, checked and on the disk. After a
   * failure, or when the process was killed, the next download of the same URL to the same place goes on from the part.
   * Digests that the server names are checked.
   * @param target The path or file URL of a file; or of a directory, where the file gets the name that the server gives it.
   * @throws What core's `download` throws; ConfigurationError for a place where nothing can be written; CallError for what
   * the file system refuses.
   */
  download(this: Call, target: string | URL, options?: FileDownloadOptions): Promise<FileDownloaded>
  /** Brings the body of a GET to a stream, or to a target that can be started over, as core's `download` does. */
  download(
    this: Call,
    target: WritableStream<Uint8Array> | DownloadTarget,
    options?: DownloadOptions,
  ): Promise<Downloaded>
} = {
  async download(
    this: Call,
    target: string | URL | WritableStream<Uint8Array> | DownloadTarget,
    options: FileDownloadOptions = {},
  ): Promise<FileDownloaded> {
    knownOptions("download", options, OPTION_NAMES)
    if (typeof target === "string" || target instanceof URL) return toFile(this, target, options, fs)
    // The overloads keep the path away from who gives no file.
    return overStreams.download.call(this, target, withHashes(options)) as Promise<FileDownloaded>
  },
}

/** @param files The file system. */
export async function toFile(
  call: Call,
  place: string | URL,
  options: FileDownloadOptions,
  files: Files,
): Promise<FileDownloaded> {
  const { overwrite, keepPart = true, ...rest } = options
  for (const [name, value] of Object.entries({ overwrite, keepPart }))
    if (value !== undefined && typeof value !== "boolean") refuse(name, shown(value), "true or false")
  const { context } = call
  const url = context.address()
  const record = new CallRecord("GET", url, context.runtime.clock.date())
  const target = new FileTarget(place, url, { overwrite, keepPart }, record, files)
  const done = await overStreams.download.call(call, target, withHashes(rest))
  return { ...done, path: target.path }
}

function withHashes(options: DownloadOptions): DownloadOptions {
  return { ...options, hashes: { ...HASHES, ...options.hashes } }
}
