import type { Entry, Outbox } from "@steadfetch/outbox"
import { EXIT, isExpected } from "../exit-codes.ts"
import { oneLine } from "../paint.ts"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"
import type { TaskOf } from "./arguments.ts"
import { tell } from "./changing.ts"
import { allEntries, entryOf } from "./entries.ts"
import type { Opened } from "./opening.ts"

/** Has entries sent as they are. */
export async function retry(task: TaskOf<"retry">, { outbox }: Opened, surroundings: Surroundings): Promise<number> {
  const ids = task.ids.length > 0 ? await idsOf(outbox, task.ids) : await chosen(task, outbox, surroundings)
  if (ids.length > 1 && !task.yes) throw new UsageError(`${ids.length} entries would be sent again; add --yes to do it`)
  return each(ids, task.quiet, surroundings, async (id) =>
    tell("waits", await outbox.retry(id), task.quiet, surroundings),
  )
}

/** Gives entries up. */
export async function discard(
  task: TaskOf<"discard">,
  { outbox }: Opened,
  surroundings: Surroundings,
): Promise<number> {
  const ids = await idsOf(outbox, task.ids)
  if (!task.yes) {
    const which = ids.length === 1 ? `entry ${ids[0]}` : `${ids.length} entries`
    throw new UsageError(`${which} would be given up, and never sent; add --yes to do it`)
  }
  return each(ids, task.quiet, surroundings, async (id) => {
    await outbox.discard(id)
    if (!task.quiet) surroundings.stdout.line(`discarded  ${id}`)
  })
}

/** Before anything is done, so that a mistake in one undoes nothing. */
async function idsOf(outbox: Outbox, prefixes: readonly string[]): Promise<string[]> {
  const ids = new Set<string>()
  for (const prefix of prefixes) ids.add((await entryOf(outbox, prefix)).id)
  return [...ids]
}

async function chosen(
  { states, statuses, origin }: TaskOf<"retry">,
  outbox: Outbox,
  { interrupted }: Surroundings,
): Promise<string[]> {
  const isMeant = ({ state, last }: Entry): boolean =>
    state !== "rejected" || statuses.some((status) => status === last?.status)
  const all = [...states, ...(statuses.length > 0 ? (["rejected"] as const) : [])]
  const ids: string[] = []
  for await (const entry of allEntries(outbox, { states: all, origin }, interrupted))
    if (isMeant(entry)) ids.push(entry.id)
  return ids
}

/** Does the same with each. What cannot be done with one is said, and the others are done. */
async function each(
  ids: readonly string[],
  quiet: boolean,
  { stderr, interrupted }: Surroundings,
  act: (id: string) => Promise<void>,
): Promise<number> {
  let failures = 0
  for (const id of ids) {
    interrupted.throwIfAborted()
    try {
      await act(id)
    } catch (error) {
      if (!isExpected(error)) throw error
      failures++
      stderr.line(`${stderr.paint("red", "steadfetch:")} ${oneLine(error.message)}`)
    }
  }
  const done = ids.length - failures
  if (!quiet && ids.length !== 1)
    stderr.line(stderr.paint("dim", ids.length === 0 ? "there are none" : `${done} of ${ids.length} done`))
  return failures === 0 ? EXIT.success : EXIT.mismatch
}
