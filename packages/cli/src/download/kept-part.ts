import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"

/** What a part is called while the server has not named the file yet. */
const UNNAMED = /^download-[\da-f]{16}\.part$/

/** What a download left. */
interface KeptPart {
  readonly path: string
  readonly bytes: number
}

/** The part that a download to this place would go on from: one that has a description beside it; undefined without. */
export async function keptPart(file: string): Promise<KeptPart | undefined> {
  const names = new Set(await readdir(file).catch(() => []))
  const unnamed = [...names].find((name) => UNNAMED.test(name) && names.has(`${name}.json`))
  const path = unnamed === undefined ? `${file}.part` : join(file, unnamed)
  const [bytes, described] = await Promise.all([sizeOf(path), sizeOf(`${path}.json`)])
  return bytes > 0 && described > 0 ? { path, bytes } : undefined
}

/** 0 where nothing is. */
async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}
