import { constants, type promises } from "node:fs"
import { basename, dirname, join, resolve, sep } from "node:path"
import { fileURLToPath } from "node:url"
import { CallError, ConfigurationError, refuse, shown, type CallRecord } from "steadfetch"

/** What a download does with the file system. */
export type Files = Pick<typeof promises, "access" | "open" | "readFile" | "rename" | "rm" | "stat" | "writeFile">

/** Where a download goes, and what is written there on the way. */
export interface Place {
  readonly directory: string
  /** The file; undefined where a directory was given, and the server names it. */
  readonly file: string | undefined
  readonly part: string
  readonly sidecar: string
}

/**
 * The place that a path or file URL names: a file, or a directory, where the file gets the name that the server gives it.
 * @throws ConfigurationError when nothing can be written there.
 */
export async function placeOf(target: string | URL, urlHash: string, files: Files): Promise<Place> {
  const given = pathOf(target)
  const path = resolve(given)
  const isDirectory = (await files.stat(path).catch(() => undefined))?.isDirectory() ?? /[\\/]$/.test(given)
  const directory = isDirectory ? path : dirname(path)
  try {
    await files.access(directory, constants.W_OK)
    if (!(await files.stat(directory)).isDirectory()) throw Object.assign(new Error(), { code: "ENOTDIR" })
  } catch (error) {
    throw new ConfigurationError(`download: cannot write to ${directory}${sep}: ${reasonOf(error)}`, { cause: error })
  }
  const part = join(directory, isDirectory ? `download-${urlHash.slice(0, 16)}.part` : `${basename(path)}.part`)
  return { directory, file: isDirectory ? undefined : path, part, sidecar: `${part}.json` }
}

function pathOf(target: string | URL): string {
  if (target instanceof URL) {
    if (target.protocol !== "file:") refuse("download", shown(target.href), "a file URL, or a path")
    return fileURLToPath(target)
  }
  if (target === "" || target.includes("\0")) refuse("download", shown(target), "the path of a file or a directory")
  return target
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left; free some",
  EDQUOT: "the quota is used up; free some space",
  EFBIG: "files of this size are not allowed there",
  EACCES: "that is not permitted",
  EPERM: "that is not permitted",
  EROFS: "the file system is read-only",
  ENOENT: "there is no such directory; create it",
  ENOTDIR: "that is no directory",
  EISDIR: "that is a directory",
  ENAMETOOLONG: "the name is too long",
}

function reasonOf(error: unknown): string {
  const { code = "", message } = Object(error) as { readonly code?: string; readonly message?: string }
  const reason = REASONS[code]
  return reason === undefined ? String(message ?? error) : `${reason} (${code})`
}

/** What the file system said, for the caller of a download. */
export function fileError(record: CallRecord, what: string, error: unknown): CallError {
  return new CallError(`${record.method} ${record.url} → cannot ${what}: ${reasonOf(error)}`, record, error)
}

/** The file is there already. */
export function existsError(record: CallRecord, path: string): CallError {
  const line = `${record.method} ${record.url} → ${path} is there already; remove it, choose another place, or give overwrite: true`
  return new CallError(line, record)
}
