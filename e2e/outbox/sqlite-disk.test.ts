import { execFile } from "node:child_process"
import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { sqlite } from "@steadfetch/outbox"
import { expect, onTestFinished, test } from "vitest"

const CHILD = fileURLToPath(new URL("sqlite-disk.child.ts", import.meta.url))
const run = promisify(execFile)

interface Report {
  readonly acknowledged: number
  readonly there: number
  readonly problems: readonly string[]
  readonly failure: { readonly name: string; readonly code: string; readonly message: string } | undefined
}

const command = (...args: string[]): [string, string[]] => [
  process.execPath,
  ["--conditions=@steadfetch/source", CHILD, ...args],
]

async function report([file, args]: [string, string[]]): Promise<Report> {
  return JSON.parse((await run(file, args)).stdout) as Report
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "outbox-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** A user that owns nothing, for root, which may write everywhere; nobody in particular for all others. */
const otherUser = process.getuid?.() === 0 ? ["65534"] : []

test("says that a file or its folder is read-only, and what to do", async () => {
  const folder = newFolder()
  const path = join(folder, "outbox.db")
  chmodSync(folder, 0o555)
  onTestFinished(() => chmodSync(folder, 0o755))
  const unmade = await report(command(path, ...otherUser))
  expect(unmade).toMatchObject({ acknowledged: 0, failure: { name: "OutboxError", code: "store" } })
  expect(unmade.failure?.message).toMatch(/outbox\.db: it cannot be written: give this user the right/)

  chmodSync(folder, 0o777)
  const store = sqlite(path)
  await store.open()
  await store.close()
  chmodSync(path, 0o444)
  const readOnly = await report(command(path, ...otherUser))
  expect(readOnly).toMatchObject({ acknowledged: 0, failure: { name: "OutboxError", code: "store" } })
  expect(readOnly.failure?.message).toMatch(/outbox\.db: it cannot be written: give this user the right/)
})

const inNamespace = ["--map-root-user", "--mount", "sh", "-c"]

/** Not every machine lets its users mount what they like in a name space of their own. */
const mayMount = (): Promise<boolean> =>
  run("unshare", [...inNamespace, "mount -t tmpfs tmpfs /mnt"]).then(
    () => true,
    () => false,
  )

/** A disk of 2 MB that nobody else sees. */
function onSmallDisk(folder: string, [file, args]: [string, string[]]): [string, string[]] {
  return ["unshare", [...inNamespace, `mount -t tmpfs -o size=2m tmpfs ${folder} && exec "$0" "$@"`, file, ...args]]
}

test("says that the disk is full, acknowledges nothing then, and keeps what it has", async () => {
  const folder = newFolder()
  const path = join(folder, "outbox.db")
  const full = await report((await mayMount()) ? onSmallDisk(folder, command(path)) : command(path, "", "1000000"))
  expect(full.failure).toMatchObject({ name: "OutboxError", code: "store" })
  expect(full.failure?.message).toMatch(/outbox\.db.*full: make room/)
  expect(full.acknowledged).toBeGreaterThan(10)
  expect(full).toMatchObject({ there: full.acknowledged, problems: [] })
})
