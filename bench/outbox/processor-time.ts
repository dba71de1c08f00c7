import { readdir, readFile } from "node:fs/promises"

/** Linux counts in hundredths of a second. */
const TICK_MS = 10

/** Milliseconds of processor that a server has used whose processes are children of one, by one of these; NaN where there is no /proc. */
export async function serverProcessorMs(child: number): Promise<number> {
  const parent = (await statOf(child))?.parent
  if (parent === undefined) return Number.NaN
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number)
  const all = await Promise.all(ids.map((id) => statOf(id)))
  return all.reduce((sum, stat) => {
    if (stat?.id === parent) return sum + stat.ms + stat.childrenMs
    return stat?.parent === parent ? sum + stat.ms : sum
  }, 0)
}

interface Stat {
  readonly id: number
  readonly parent: number
  readonly ms: number
  /** Of children that have ended. */
  readonly childrenMs: number
}

/** See proc_pid_stat(5). */
async function statOf(id: number): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${id}/stat`, "utf8").catch(() => undefined)
  if (text === undefined) return undefined
  // The name before may hold anything.
  const fields = text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number)
  const [, parent = 0] = fields
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11)
  return { id, parent, ms: (user + system) * TICK_MS, childrenMs: (childrenUser + childrenSystem) * TICK_MS }
}
