import type { Entry, EntryState, Outbox, OutboxStatistics } from "@steadfetch/outbox"
import { EXIT } from "../exit-codes.ts"
import { oneLine, type Paint } from "../paint.ts"
import { formatBytes } from "../progress/bar.ts"
import type { Surroundings } from "../surroundings.ts"
import type { TaskOf } from "./arguments.ts"
import { entryObject } from "./entry-object.ts"
import { firstAt } from "./id-prefix.ts"
import { jsonLine } from "./json-line.ts"
import type { Opened } from "./opening.ts"
import { table } from "./table.ts"
import { standingOf, STATE_STYLES, targetOf, whenOf } from "./words.ts"

const STATES: readonly EntryState[] = ["waiting", "sending", "rejected", "expired", "delivered", "discarded"]

/** Prints how many entries there are, and which has waited for longest. */
export async function stats(
  task: TaskOf<"stats">,
  { outbox, name }: Opened,
  surroundings: Surroundings,
): Promise<number> {
  const { stdout, clock } = surroundings
  const statistics = await outbox.stats()
  const oldest = await oldestWaiting(outbox)
  if (task.output === "json") {
    const { states, bodyBytes, origins } = statistics
    const byOrigin = origins.map(({ origin, states, bodyBytes }) => ({ origin, states, bodyBytes }))
    const value = {
      store: name,
      states,
      bodyBytes,
      origins: byOrigin,
      oldestWaiting: oldest ? entryObject(oldest) : null,
    }
    await stdout.bytes(jsonLine(value, stdout))
    return EXIT.success
  }
  stdout.text(`${statsLines(name, statistics, oldest, clock.date(), stdout.paint).join("\n")}\n`)
  return EXIT.success
}

/**
 * The waiting entry that was added first, to the millisecond. Lists begin with the newest, so that it is looked for by halving the time in which
 * it can have been added: some forty questions, however many wait.
 */
export async function oldestWaiting(outbox: Pick<Outbox, "list">): Promise<Entry | undefined> {
  const newestBefore = async (after: string | undefined): Promise<Entry | undefined> =>
    (await outbox.list({ states: ["waiting"], limit: 1, after }))[0]
  let oldest = await newestBefore(undefined)
  if (oldest === undefined) return undefined
  for (let from = 0, to = oldest.addedAt.getTime(); from < to;) {
    const middle = from + Math.floor((to - from) / 2)
    const older = await newestBefore(firstAt(middle + 1))
    if (older === undefined) from = middle + 1
    else {
      oldest = older
      to = Math.min(middle, older.addedAt.getTime())
    }
  }
  return oldest
}

/** A table with a line for each origin, and one for all when there are several. */
export function statsLines(
  name: string,
  { states, bodyBytes, origins }: OutboxStatistics,
  oldest: Entry | undefined,
  now: number,
  paint: Paint,
): string[] {
  const row = (of: string, counts: OutboxStatistics["states"], bytes: number): string[] => [
    of,
    ...STATES.map((state) => (counts[state] === 0 ? "0" : paint(STATE_STYLES[state], String(counts[state])))),
    formatBytes(bytes),
  ]
  const rows = origins.map(({ origin, states, bodyBytes }) => row(oneLine(origin), states, bodyBytes))
  if (rows.length !== 1) rows.push(row("all", states, bodyBytes))
  const head = ["", ...STATES, "to send"].map((text) => paint("dim", text))
  return [
    paint("bold", oneLine(name)),
    ...table([head, ...rows], [1, 2, 3, 4, 5, 6, 7]),
    ...(oldest === undefined ? [] : [oldestLine(oldest, now, paint)]),
  ]
}

function oldestLine(entry: Entry, now: number, paint: Paint): string {
  const { id, method, addedAt } = entry
  return `${paint("dim", "waits for longest:")} ${id}  ${method} ${targetOf(entry)}  added ${whenOf(addedAt, now)}, ${standingOf(entry, now)}`
}
