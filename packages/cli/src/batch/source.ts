import { createReadStream } from "node:fs"
import { readFile, stat } from "node:fs/promises"
import { readStdin } from "../read-stdin.ts"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"

/** What can be read from the beginning, more than once. */
export type Source = () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** A file is read from the disk each time; standard input and pipes, which come once, are kept. @throws UsageError. */
export async function sourceOf(file: string, quiet: boolean, surroundings: Surroundings): Promise<Source> {
  if (file === "-") {
    const bytes = await readStdin(
      { reader: "batch", what: "the calls", fix: "put it in a file: steadfetch batch FILE", quiet },
      surroundings,
    )
    return () => [bytes]
  }
  try {
    const stats = await stat(file)
    if (stats.isFile()) return () => createReadStream(file)
    const bytes = await readFile(file)
    return () => [bytes]
  } catch (error) {
    throw unreadable(file, error)
  }
}

/** What the file system said about a file, in words. */
export function unreadable(file: string, error: unknown): UsageError {
  const { code } = error as NodeJS.ErrnoException
  const reason = code === "ENOENT" ? "does not exist" : code === "EISDIR" ? "is a folder" : `cannot be read (${code})`
  return new UsageError(`the file ${JSON.stringify(file)} ${reason}; a path is taken from the current folder`)
}
