import { closeSync, openSync } from "node:fs"
import { statfs } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import type { Clock } from "steadfetch"
import { OutboxError } from "../errors.ts"
import { Connection } from "./connection.ts"
import { explained, isBusy } from "./failures.ts"
import { migrations } from "./migrations.ts"

/** "SfOx": says of a file that it is an outbox. https://sqlite.org/pragma.html#pragma_application_id */
const APPLICATION_ID = 0x53_66_4f_78

/** The first version that never loses a write when its log starts anew. https://sqlite.org/wal.html#walresetbug */
const OLDEST_SQLITE = [3, 51, 3] as const

/** SQLite's own waiting blocks the program; the rest is waited for outside. */
const BUSY_MS = 2
const OPENING_TRIES = 500

/** File systems of networks, by the numbers of statfs(2): their locks are not to be relied on, shared memory is missing. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x69_69, "NFS"],
  [0x51_7b, "SMB"],
  [0xff_53_4d_42, "SMB"],
  [0xfe_53_4d_42, "SMB"],
  [0x53_46_41_4f, "AFS"],
  [0x00_c3_64_00, "Ceph"],
  [0x01_02_19_97, "9P"],
])

export interface OpeningOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly maxBytes: number | undefined
}

/** Opens a file as an outbox's, made or migrated where that is needed. */
export async function openDatabase(path: string, options: OpeningOptions): Promise<Connection> {
  try {
    createFile(path)
    await refuseNetwork(path)
    const connection = new Connection(path, BUSY_MS)
    try {
      await untilFree(() => prepare(connection, path, options), options)
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  } catch (error) {
    throw explained(error, path)
  }
}

/** SQLite would make the file readable for all. One that is there is not opened: closing it would drop SQLite's locks. */
function createFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  }
}

async function refuseNetwork(path: string): Promise<void> {
  const { type } = await statfs(dirname(resolve(path)))
  const name = process.platform === "linux" ? NETWORK_FILE_SYSTEMS.get(type >>> 0) : undefined
  if (name === undefined) return
  throw new OutboxError(
    "unsafe",
    `outbox ${path} is on a network file system (${name}), where SQLite's locks do not hold: give a path on a disk of this machine`,
  )
}

async function untilFree(work: () => void, { clock, random }: OpeningOptions): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || tries === OPENING_TRIES) throw error
      await new Promise<void>((done) => void clock.after(1 + random() * 20, done))
    }
  }
}

function prepare(connection: Connection, path: string, { maxBytes }: OpeningOptions): void {
  refuseOldSqlite(connection)
  refuseOtherFile(connection, path)
  // Before the first table, or it has no effect.
  connection.database.exec("PRAGMA auto_vacuum = INCREMENTAL")
  refuseWithoutLog(connection, path)
  connection.database.exec("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON")
  connection.database.exec("PRAGMA cache_size = -16000; PRAGMA journal_size_limit = 67108864")
  migrate(connection)
  if (maxBytes !== undefined) limitSize(connection, maxBytes)
}

const pragma = (connection: Connection, name: string): unknown =>
  Object.values(connection.get<Record<string, unknown>>(`PRAGMA ${name}`) ?? {})[0]

function refuseOldSqlite(connection: Connection): void {
  const { version = "" } = connection.get<{ version: string }>("SELECT sqlite_version() AS version") ?? {}
  if (isEnough(version)) return
  throw new OutboxError(
    "unsafe",
    `SQLite ${version} can lose writes: run Node 22.22.3, 24.15 or later, which have SQLite ${OLDEST_SQLITE.join(".")}`,
  )
}

/** Whether a version of SQLite is new enough. */
export function isEnough(version: string): boolean {
  const parts = version.split(".").map(Number)
  const index = OLDEST_SQLITE.findIndex((oldest, place) => parts[place] !== oldest)
  return index === -1 || (parts[index] ?? 0) > (OLDEST_SQLITE[index] ?? 0)
}

/** A database of something else is left as it is. */
function refuseOtherFile(connection: Connection, path: string): void {
  const version = pragma(connection, "user_version") as number
  const tables = connection.get<{ n: number }>("SELECT count(*) AS n FROM sqlite_schema")?.n ?? 0
  if (pragma(connection, "application_id") !== APPLICATION_ID) {
    if (version === 0 && tables === 0) return
    throw new OutboxError("store", `${path} is a database of something else: give the path of another file`)
  }
  if (version > migrations.length)
    throw new OutboxError(
      "newer",
      `outbox ${path} was written by a newer version (schema ${version}, this one knows ${migrations.length}): update @steadfetch/outbox`,
    )
}

function refuseWithoutLog(connection: Connection, path: string): void {
  const mode = pragma(connection, "journal_mode = WAL")
  if (mode === "wal") return
  throw new OutboxError(
    "unsafe",
    `outbox ${path}: its file system allows no write-ahead log (journal mode ${String(mode)}): give a path on a disk of this machine`,
  )
}

/** Makes the newest schema of any older one, all or nothing. */
function migrate(connection: Connection): void {
  const { database } = connection
  if (pragma(connection, "user_version") === migrations.length) return
  database.exec("BEGIN IMMEDIATE")
  try {
    // Another process may have done it meanwhile.
    const version = pragma(connection, "user_version") as number
    for (const migration of migrations.slice(version)) database.exec(migration)
    database.exec(
      `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${Math.max(version, migrations.length)}`,
    )
    database.exec("COMMIT")
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK")
    throw error
  }
}

function limitSize(connection: Connection, maxBytes: number): void {
  const pageBytes = pragma(connection, "page_size") as number
  connection.database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageBytes))}`)
}
