import { spawn, type ChildProcess } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { sqlite, type SqliteStore } from "@steadfetch/outbox"
import { expect, onTestFinished, test } from "vitest"

const CHILD = fileURLToPath(new URL("sqlite-store.child.ts", import.meta.url))

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "outbox-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, "outbox.db")
}

async function opened(path: string): Promise<SqliteStore> {
  const store = sqlite(path)
  await store.open()
  onTestFinished(() => store.close())
  return store
}

class Child {
  readonly #process: ChildProcess
  /** Ends with the process, and with it all that it told. */
  readonly ended: Promise<number | null>
  readonly told: string[] = []
  #onLine = (): void => {}

  constructor(...args: string[]) {
    this.#process = spawn(process.execPath, ["--conditions=@steadfetch/source", CHILD, ...args], {
      stdio: ["pipe", "pipe", "inherit"],
    })
    this.ended = new Promise((resolve) => void this.#process.once("close", resolve))
    const { stdout } = this.#process
    if (stdout === null) throw new Error("the child has no standard output")
    createInterface({ input: stdout }).on("line", (line) => {
      this.told.push(line)
      this.#onLine()
    })
    onTestFinished(async () => {
      this.kill()
      await this.ended
    })
  }

  async hasTold(lines: number): Promise<void> {
    while (this.told.length < lines) await new Promise<void>((resolve) => void (this.#onLine = resolve))
  }

  /** What was told in lines that begin with this word. A line that was broken off was not told. */
  ids(word: string): string[] {
    return this.told.filter((line) => /^\w+ [\da-f]{12}-\w+-\d{8}$/.test(line) && line.startsWith(word)).map((line) => line.slice(word.length + 1)) // prettier-ignore
  }

  start(): void {
    this.#process.stdin?.end("go\n")
  }

  kill(): void {
    this.#process.kill("SIGKILL")
  }
}

test("loses nothing that was acknowledged when processes are killed while they add, and the file stays whole", async () => {
  const path = newPath()
  const acknowledged: string[] = []
  for (const [round, lines] of [30, 160, 70].entries()) {
    const children = ["a", "b"].map((name) => new Child(path, "add", `${name}${round}`))
    await Promise.all(children.map((child) => child.hasTold(lines)))
    for (const child of children) child.kill()
    for (const child of children) await child.ended
    acknowledged.push(...children.flatMap((child) => child.ids("added")))
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(2 * (29 + 159 + 69))
  const store = await opened(path)
  expect(await store.check()).toEqual([])
  for (const id of acknowledged) {
    expect((await store.find(id))?.id).toBe(id)
    expect(await store.body(id)).toBeDefined()
  }
})

test("gives each entry to one of several processes that take at the same time", async () => {
  const path = newPath()
  const adding = new Child(path, "add", "a")
  await adding.hasTold(150)
  adding.kill()
  await adding.ended
  const children = ["b", "c", "d"].map((name) => new Child(path, "claim", name))
  await Promise.all(children.map((child) => child.hasTold(1)))
  for (const child of children) child.start()
  for (const child of children) expect(await child.ended).toBe(0)
  const taken = children.flatMap((child) => child.ids("taken"))
  expect(new Set(taken).size).toBe(taken.length)
  const store = await opened(path)
  const [counts] = await store.counts()
  expect(counts?.states).toMatchObject({ delivered: taken.length, sending: 0 })
  // Of a line one is taken at a time: a process that finds nothing may leave the rest of it to the one that has the head.
  expect(counts?.states.waiting).toBe(0)
  expect(await store.check()).toEqual([])
})

test("hears of what another process adds", async () => {
  const path = newPath()
  const store = await opened(path)
  const heard = new Promise<void>((resolve) => void store.listen({ work: resolve }))
  const adding = new Child(path, "add", "a")
  await heard
  adding.kill()
  await adding.ended
  const at = Date.now()
  const { claimed } = await store.claim({ at, leaseUntil: at + 1000, most: 1, room: () => 1 })
  expect(claimed).toHaveLength(1)
})
