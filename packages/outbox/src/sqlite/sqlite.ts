import { systemRuntime, type Runtime } from "steadfetch"
import { SqliteFile, type SqliteStore } from "./sqlite-file.ts"

/** Options of {@link sqlite}. */
export interface SqliteOptions {
  /** Time and randomness, for tests. Default: the machine's. */
  readonly runtime?: Pick<Runtime, "clock" | "random">
}

/**
 * A store in one SQLite file on a disk of this machine. Processes on the machine may share it; what it acknowledges is on
 * the disk (write-ahead log, `synchronous=FULL`), and survives a power cut if the disk keeps what it says it has kept.
 * Bodies above 64 KiB are files in the folder `PATH.bodies` beside it.
 * @param path Of the file, which is made when it is missing. Its folder must exist.
 * @throws TypeError for what cannot be the path of a file.
 */
export function sqlite(path: string, options: SqliteOptions = {}): SqliteStore {
  refusePath(path)
  const { clock, random } = options.runtime ?? systemRuntime()
  return new SqliteFile(path, { clock, random })
}

function refusePath(path: unknown): void {
  if (typeof path !== "string" || path === "")
    throw new TypeError(`path: ${JSON.stringify(path)}; give the path of a file, such as "outbox.db"`)
  if (path === ":memory:")
    throw new TypeError('path: ":memory:" keeps nothing; give the path of a file, such as "outbox.db"')
  if (path.startsWith("file:"))
    throw new TypeError(`path: ${JSON.stringify(path)} is a URL; give the path of a file, such as "outbox.db"`)
  if (path.includes("\0")) throw new TypeError(`path: ${JSON.stringify(path)} has a NUL in it; give the path of a file`)
  if (/^[/\\]{2}[^/\\?.]/.test(path) && process.platform === "win32")
    throw new TypeError(`path: ${JSON.stringify(path)} is on another machine; give a path on a disk of this one`)
}
