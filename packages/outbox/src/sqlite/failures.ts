import { OutboxError } from "../errors.ts"

/** SQLite's result codes that are told apart here: https://sqlite.org/rescode.html. */
const BUSY = 5
const LOCKED = 6
const READONLY = 8
const IOERR = 10
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const NOTADB = 26

/** Full disks and forbidden folders, as the system calls them. */
const systemCodes: Readonly<Record<string, number>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EROFS: READONLY,
  EACCES: READONLY,
  EPERM: READONLY,
  ENOENT: CANTOPEN,
  ENOTDIR: CANTOPEN,
  EISDIR: CANTOPEN,
}

/** What happened, and what to do next. */
const explanations: Readonly<Record<number, string>> = {
  [READONLY]: "it cannot be written: give this user the right to write the file and its folder, on a disk that is not mounted read-only",
  [IOERR]: "the disk failed: look into the system's log, and restore a backup to a disk that works",
  [CORRUPT]: "it is damaged: keep it, and restore a backup, or save what can be saved with `sqlite3 FILE .recover`",
  [FULL]: "the disk or the limit of its size is full: make room; nothing that was acknowledged is lost",
  [CANTOPEN]: "it cannot be opened: its folder must exist, and this user must have the right to write there",
  [NOTADB]: "it is not a SQLite database: give the path of another file",
} // prettier-ignore

/** The primary result code of what SQLite or the system threw; undefined for other errors. */
function resultCode(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null) return undefined
  if ("errcode" in error && typeof error.errcode === "number") return error.errcode & 0xff
  return "code" in error && typeof error.code === "string" ? systemCodes[error.code] : undefined
}

/** Another connection is writing; it can be tried again. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error)
  return code === BUSY || code === LOCKED
}

/** What a user is told of an error; errors that tell of no trouble with the file are given as they are. */
export function explained(error: unknown, file: string): unknown {
  const code = resultCode(error)
  const explanation = code === undefined ? undefined : explanations[code]
  if (explanation === undefined) return error
  const said = error instanceof Error ? ` (${error.message})` : ""
  return new OutboxError("store", `outbox ${file}: ${explanation}${said}`, { cause: error })
}
