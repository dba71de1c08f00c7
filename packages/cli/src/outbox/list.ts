import type { Entry, EntryQuery } from "@steadfetch/outbox"
import { EXIT } from "../exit-codes.ts"
import type { Paint } from "../paint.ts"
import type { Surroundings } from "../surroundings.ts"
import { cut } from "../width.ts"
import type { TaskOf } from "./arguments.ts"
import { entryOf } from "./entries.ts"
import { entryObject } from "./entry-object.ts"
import { tellingLength } from "./id-prefix.ts"
import { jsonLine } from "./json-line.ts"
import type { Opened } from "./opening.ts"
import { table } from "./table.ts"
import { standingOf, STATE_STYLES, targetOf } from "./words.ts"

const HEAD = ["ID", "STATE", "METHOD", "URL", "TRIES", "STANDS"]

/** Prints entries, newest first. */
export async function list(task: TaskOf<"list">, { outbox }: Opened, surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, clock } = surroundings
  const { states, origin, orderingKey, limit } = task
  const after = task.after === undefined ? undefined : (await entryOf(outbox, task.after)).id
  const query: EntryQuery = { states, origin, orderingKey }
  const entries = await outbox.list({ ...query, after, limit })
  if (task.output === "json") {
    for (const entry of entries) if (!(await stdout.bytes(jsonLine(entryObject(entry), stdout)))) break
    return EXIT.success
  }
  const columns = stdout.isTerminal ? stdout.columns : Number.POSITIVE_INFINITY
  if (entries.length > 0) stdout.text(`${listLines(entries, clock.date(), columns, stdout.paint).join("\n")}\n`)
  if (task.quiet) return EXIT.success
  const last = entries.at(-1)
  if (last === undefined) stderr.line(stderr.paint("dim", "no entries"))
  else if (entries.length === limit && (await outbox.list({ ...query, after: last.id, limit: 1 })).length > 0)
    stderr.line(stderr.paint("dim", `there are older ones: the same with --after ${last.id}`))
  return EXIT.success
}

/** A table of entries, with ids just long enough to tell them apart. */
export function listLines(entries: readonly Entry[], now: number, columns: number, paint: Paint): string[] {
  const length = tellingLength(entries.map(({ id }) => id))
  const mostUrl = Math.max(20, Math.floor(columns * 0.35))
  const rows = entries.map((entry) => [
    entry.id.slice(0, length),
    paint(STATE_STYLES[entry.state], entry.state),
    entry.method,
    columns === Number.POSITIVE_INFINITY ? targetOf(entry) : cut(targetOf(entry), mostUrl),
    String(entry.tries),
    standingOf(entry, now),
  ])
  const lines = table([HEAD.map((name) => paint("dim", name)), ...rows], [4])
  return columns === Number.POSITIVE_INFINITY ? lines : lines.map((line) => cut(line, columns))
}
