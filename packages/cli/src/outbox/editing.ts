import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Entry } from "@steadfetch/outbox"
import { UsageError } from "../usage-error.ts"
import { beginningOf } from "./entries.ts"

/** More is no work for an editor. */
const MOST_BYTES = 1024 * 1024

/**
 * Has the body of an entry edited, as a file that this user alone can read.
 * @throws UsageError for a body that is no text or stays as it is, and for what was meant as JSON and is none: it is kept then.
 */
export async function editedBody(entry: Entry, editor: string) {
  const type = entry.headers.find(([name]) => name.toLowerCase() === "content-type")?.[1]
  const before = await textOf(entry)
  const isJson = /[/+]json\b/i.test(type ?? "")
  const folder = await mkdtemp(join(tmpdir(), "steadfetch-"))
  const file = join(folder, isJson ? "body.json" : "body.txt")
  let keeps = false
  try {
    await writeFile(file, before, { mode: 0o600 })
    await edit(editor, file)
    const text = await readFile(file, "utf8")
    if (text === before) throw new UsageError("the body is as it was; nothing is amended")
    keeps = isJson && !isParsable(text)
    if (keeps) throw new UsageError(`what you wrote is no JSON; it is in ${file}: correct it, and give --json @${file}`)
    // Bytes, so that the entry's own type holds.
    return { body: new TextEncoder().encode(text), headers: type === undefined ? {} : { "content-type": type } }
  } finally {
    if (!keeps) await rm(folder, { recursive: true })
  }
}

async function textOf(entry: Entry): Promise<string> {
  const body = await beginningOf(entry, MOST_BYTES)
  if (body === undefined) return ""
  if (body.isCut) throw new UsageError("the body is longer than 1 MiB; give another one with --data @FILE")
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body.bytes)
  } catch (cause) {
    throw new UsageError("the body is no text; give another one with --data @FILE", { cause })
  }
}

/** The variables hold a command with its arguments, which a shell reads. */
async function edit(editor: string, file: string): Promise<void> {
  const child =
    process.platform === "win32"
      ? spawn(`${editor} "${file}"`, { stdio: "inherit", shell: true })
      : spawn("/bin/sh", ["-c", `${editor} "$1"`, "sh", file], { stdio: "inherit" })
  const [code] = (await once(child, "close")) as [number | null]
  if (code !== 0) throw new UsageError(`the editor ${editor} ended with ${code ?? "a signal"}; nothing is amended`)
}

function isParsable(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
