import type { BodyFiles } from "./body-files.ts"
import type { Connection } from "./connection.ts"

/** A file that no entry has, and that was written to so long ago, belongs to nothing that is under way. */
const ABANDONED_AFTER_MS = 3_600_000

/** Removes the files of bodies that were left behind when a process died. */
export async function sweep(connection: Connection, files: BodyFiles, date: number): Promise<void> {
  for (const { file, writtenAt } of await files.list()) {
    if (writtenAt > date - ABANDONED_AFTER_MS) continue
    if (connection.get("SELECT 1 FROM bodies WHERE file = ?", file) === undefined) await files.remove([file])
  }
}

/** What is kept twice, so that it is cheap: `counts` beside `entries`. */
const WRONG_COUNTS = `
  WITH counted AS (
    SELECT origin, state, count(*) AS entries, sum(iif(state < 2, ifnull(body_bytes, 0), 0)) AS bytes
    FROM entries GROUP BY origin, state
  ), kept AS (SELECT origin, state, entries, bytes FROM counts WHERE entries <> 0 OR bytes <> 0)
  SELECT count(*) AS n FROM (
    SELECT * FROM (SELECT * FROM counted EXCEPT SELECT * FROM kept)
    UNION ALL
    SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM counted)
  )`

const TWO_TURNS = `SELECT ordering_key AS key FROM entries WHERE ordering_key IS NOT NULL AND turn > 0
  GROUP BY ordering_key HAVING count(*) > 1 LIMIT 10`

const LARGE_BODIES =
  "SELECT id, file, body_bytes AS bytes FROM bodies JOIN entries ON seq = entry WHERE file IS NOT NULL"

/** What is wrong with a file and its bodies, one sentence each; nothing when all is well. */
export async function problemsOf(connection: Connection, files: BodyFiles): Promise<string[]> {
  const integrity = connection.all<{ integrity_check: string }>("PRAGMA integrity_check(100)")
  const problems = integrity.map((row) => row.integrity_check).filter((text) => text !== "ok")
  const wrong = connection.get<{ n: number }>(WRONG_COUNTS)?.n ?? 0
  if (wrong > 0) problems.push(`${wrong} counts are not those of the entries`)
  for (const { key } of connection.all<{ key: string }>(TWO_TURNS))
    problems.push(`two entries of the ordering key ${JSON.stringify(key)} have their turn`)
  const there = new Map((await files.list()).map(({ file, bytes }) => [file, bytes]))
  for (const { id, file, bytes } of connection.all<{ id: string; file: string; bytes: number }>(LARGE_BODIES)) {
    const found = there.get(file)
    if (found !== bytes) problems.push(`the body of ${id}, ${file}, has ${found ?? "no"} bytes instead of ${bytes}`)
  }
  return problems
}
