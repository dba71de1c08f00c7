import { readFile, rename, rm, writeFile } from "node:fs/promises"
import { UsageError } from "../usage-error.ts"

/** Whether the file holds exactly this. */
export async function holds(path: string, text: string): Promise<boolean> {
  return (await readFile(path, "utf8").catch(() => undefined)) === text
}

/**
 * Puts a file there whole, or leaves what is there as it is.
 * @throws UsageError when that cannot be done.
 */
export async function putFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`
  try {
    await writeFile(draft, text)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    const { code, message } = error as NodeJS.ErrnoException
    throw new UsageError(
      `${path} cannot be written: ${code === "ENOENT" ? "its folder is not there; make it first" : message}`,
    )
  }
}
