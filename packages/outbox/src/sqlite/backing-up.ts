import { backup } from "node:sqlite"
import { copyFile, mkdir, open, readdir, rm } from "node:fs/promises"
import { constants } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { OutboxError } from "../errors.ts"
import { BodyFiles, syncFolder } from "./body-files.ts"
import { Connection } from "./connection.ts"
import { explained } from "./failures.ts"

/** All pages in one step: one snapshot, which no writer makes it begin anew. It runs on a thread of its own. */
const ALL_PAGES = 2 ** 30
const TRIES = 5

/** Copies an outbox as it is at one instant, its large bodies included, while it is used. */
export async function backUp(source: string, target: string): Promise<void> {
  await createTarget(target)
  const bodies = new BodyFiles(target)
  try {
    // Files are copied before and after the snapshot: one that was removed meanwhile was copied before.
    await copyBodies(source, bodies, await namesIn(new BodyFiles(source).folder))
    const names = await snapshotWithBodies(source, target, bodies)
    for (const name of await namesIn(bodies.folder)) if (!names.has(name)) await bodies.remove([name])
    await syncFolder(dirname(resolve(target)))
  } catch (error) {
    await rm(target, { force: true })
    await rm(bodies.folder, { recursive: true, force: true })
    throw explained(error, target)
  }
}

async function createTarget(target: string): Promise<void> {
  try {
    await (await open(target, "wx", 0o600)).close()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw explained(error, target)
    throw new OutboxError("store", `backup ${target} is there already: give the path of a new file`)
  }
}

/** The names of the files that the snapshot needs, all of which are there. */
async function snapshotWithBodies(source: string, target: string, bodies: BodyFiles): Promise<Set<string>> {
  for (let tries = 1; ; tries++) {
    const names = await snapshot(source, target)
    const there = new Set(await namesIn(bodies.folder))
    await copyBodies(
      source,
      bodies,
      [...names].filter((name) => !there.has(name)),
    )
    const copied = new Set(await namesIn(bodies.folder))
    // One that is missing came and went between the two copies: a new snapshot does not need it.
    if ([...names].every((name) => copied.has(name))) return names
    if (tries === TRIES)
      throw new OutboxError("store", `backup ${target}: bodies are missing in ${source}.bodies: check() names them`)
  }
}

async function snapshot(source: string, target: string): Promise<Set<string>> {
  using from = new Connection(source, 1000)
  await backup(from.database, target, { rate: ALL_PAGES })
  using to = new Connection(target, 1000)
  const rows = to.all<{ file: string }>("SELECT file FROM bodies WHERE file IS NOT NULL")
  return new Set(rows.map(({ file }) => file))
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])

async function copyBodies(source: string, { folder }: BodyFiles, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  await mkdir(folder, { mode: 0o700, recursive: true })
  for (const name of names) {
    const copy = join(folder, name)
    try {
      await copyFile(join(new BodyFiles(source).folder, name), copy, constants.COPYFILE_FICLONE)
      await using handle = await open(copy, "r+")
      await handle.sync()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error
    }
  }
  await syncFolder(folder)
}
