import { readdir, stat } from "node:fs/promises"
import { watch } from "node:fs"
import { dirname, join } from "node:path"

/** Resolves once the file has so many bytes. */
export function grown(file: string, bytes: number): Promise<void> {
  return changedUntil(dirname(file), async () => {
    const size = await stat(file).then(
      ({ size }) => size,
      () => 0,
    )
    return size >= bytes ? true : undefined
  }).then(() => {})
}

/** Resolves with the path of a file in the folder whose name matches, once there is one. */
export function appeared(folder: string, name: RegExp): Promise<string> {
  return changedUntil(folder, async () => {
    const found = (await readdir(folder)).find((entry) => name.test(entry))
    return found === undefined ? undefined : join(folder, found)
  })
}

/** Looks again whenever something changes in a folder, until something is found. */
async function changedUntil<T>(folder: string, look: () => Promise<T | undefined>): Promise<T> {
  let changed = (): void => {}
  const watcher = watch(folder, () => changed())
  try {
    for (;;) {
      const change = new Promise<void>((resolve) => {
        changed = resolve
      })
      const found = await look()
      if (found !== undefined) return found
      await change
    }
  } finally {
    watcher.close()
  }
}
