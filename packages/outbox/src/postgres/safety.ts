import { OutboxError } from "../errors.ts"
import type { Connection } from "./connection.ts"

const OLDEST = 150_000

/** Refuses a server that would lose what it has acknowledged; mends what a session may choose for itself. */
export async function beSafe(connection: Connection): Promise<void> {
  const [row] = await connection.query(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS named,
       current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commits, pg_is_in_recovery() AS standby`,
  )
  const refuse = (code: "store" | "unsafe", why: string): never => {
    throw new OutboxError(code, `${connection.name}: ${why}`)
  }
  if (row === undefined) return
  if (Number(row["version"]) < OLDEST) {
    refuse("store", `the server is PostgreSQL ${String(row["named"])}, and the outbox needs 15 or later`)
  }
  if (row["standby"] === true) refuse("store", "the server is a standby, which only reads: connect to the primary")
  if (row["fsync"] === "off") {
    refuse("unsafe", "the server runs with fsync = off and would lose entries when its machine fails: set fsync = on")
  }
  if (row["commits"] === "off") connection.commitDurably()
}
