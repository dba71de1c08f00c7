import { existsSync, readdirSync, statSync } from "node:fs"
import { mkdtemp, rm, unlink, utimes, writeFile } from "node:fs/promises"
import { DatabaseSync } from "node:sqlite"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { testRuntime } from "@steadfetch/testing"
import { expect, onTestFinished, test } from "vitest"
import type { NewEntry } from "../store.ts"
import { bytesOf } from "../store-contract/stage.ts"
import { migrations } from "./migrations.ts"
import { isEnough } from "./opening.ts"
import { sqlite } from "./sqlite.ts"
import { SqliteFile, type SqliteStore } from "./sqlite-file.ts"

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "outbox-"))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

async function opened(path: string, options: Parameters<typeof sqlite>[1] = {}): Promise<SqliteStore> {
  const store = sqlite(path, { runtime: testRuntime(), ...options })
  await store.open()
  onTestFinished(() => store.close())
  return store
}

let last = 0
function entry(parts: Partial<NewEntry> = {}): NewEntry {
  const id = `id-${String(++last).padStart(6, "0")}`
  return {
    id,
    origin: "https://api.example.com",
    key: undefined,
    orderingKey: undefined,
    afterRejection: "hold",
    priority: 0,
    addedAt: 1000,
    dueAt: 1000,
    expiresAt: 9_000_000_000_000,
    content: new Uint8Array([1, 2, 3]),
    body: undefined,
    ...parts,
  }
}

const large = (): Uint8Array<ArrayBuffer> => new Uint8Array(100_000).fill(last)

async function discard(store: SqliteStore, id: string): Promise<void> {
  const version = (await store.read(id))?.version ?? 0
  expect(await store.alter(id, version, { at: 2000, state: "discarded" })).toBe(true)
}

test("makes its files readable for this user alone", async () => {
  const path = join(await folder(), "outbox.db")
  const store = await opened(path)
  await store.add([entry({ body: large() })])
  const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8)
  const [body = ""] = readdirSync(`${path}.bodies`)
  const files = [path, `${path}-wal`, `${path}-shm`, join(`${path}.bodies`, body)]
  expect(files.map(modeOf)).toEqual(files.map(() => "600"))
  expect(modeOf(`${path}.bodies`)).toBe("700")
})

test("removes the file of a body when it is replaced, taken away or removed with its entry", async () => {
  const path = join(await folder(), "outbox.db")
  const store = await opened(path)
  const files = (): string[] => readdirSync(`${path}.bodies`)
  const [added] = await store.add([entry({ body: large() })])
  const id = added?.entry.id ?? ""
  const [first] = files()
  expect(await store.alter(id, 1, { at: 2000, state: "waiting", body: new Uint8Array(200_000) })).toBe(true)
  await expect.poll(files).not.toContain(first)
  expect(files()).toHaveLength(1)
  expect(await store.alter(id, 2, { at: 2000, state: "waiting", body: null })).toBe(true)
  await expect.poll(files).toEqual([])
  expect(await store.alter(id, 3, { at: 2000, state: "discarded", body: large() })).toBe(true)
  expect(files()).toHaveLength(1)
  await store.remove(["discarded"], 3000, 10)
  await expect.poll(files).toEqual([])
})

test("keeps no file for an entry that was there already, nor for a change that came too late", async () => {
  const path = join(await folder(), "outbox.db")
  const store = await opened(path)
  const [added] = await store.add([entry({ key: "k", body: large() })])
  const files = readdirSync(`${path}.bodies`)
  await store.add([entry({ key: "k", body: large() })])
  expect(await store.alter(added?.entry.id ?? "", 7, { at: 2000, state: "waiting", body: large() })).toBe(false)
  await expect.poll(() => readdirSync(`${path}.bodies`)).toEqual(files)
})

test("sweeps away files that a dead process left behind, none that may be under way", async () => {
  const path = join(await folder(), "outbox.db")
  const runtime = testRuntime()
  const store = await opened(path, { runtime })
  await store.add([entry({ body: large() })])
  const [kept = ""] = readdirSync(`${path}.bodies`)
  const leave = async (name: string, ageMs: number): Promise<void> => {
    const file = join(`${path}.bodies`, name)
    await writeFile(file, "x")
    const writtenAt = new Date(runtime.clock.date() - ageMs)
    await utimes(file, writtenAt, writtenAt)
  }
  const old = new Date(runtime.clock.date() - 7_200_000)
  await utimes(join(`${path}.bodies`, kept), old, old)
  await leave("old", 3_600_001)
  await leave("old.part", 3_600_001)
  await leave("young.part", 3_590_000)
  await opened(path, { runtime })
  expect(readdirSync(`${path}.bodies`).toSorted()).toEqual([kept, "young.part"].toSorted())
  await runtime.clock.advance(3_600_000)
  await store.remove(["delivered"], 0, 1)
  expect(readdirSync(`${path}.bodies`)).toEqual([kept])
})

test("finds nothing wrong with a file that is well, and names what is wrong with others", async () => {
  const path = join(await folder(), "outbox.db")
  const store = await opened(path)
  const added = await store.add([
    entry({ body: large() }),
    entry({ orderingKey: "line" }),
    entry({ orderingKey: "line" }),
  ])
  await discard(store, added[1]?.entry.id ?? "")
  expect(await store.check()).toEqual([])
  const [file = ""] = readdirSync(`${path}.bodies`)
  await writeFile(join(`${path}.bodies`, file), "short")
  {
    using database = new DatabaseSync(path)
    database.exec("UPDATE counts SET entries = entries + 1 WHERE state = 0")
    database.exec("UPDATE entries SET turn = 1 WHERE ordering_key = 'line'")
  }
  expect(await store.check()).toEqual([
    "2 counts are not those of the entries",
    'two entries of the ordering key "line" have their turn',
    `the body of ${added[0]?.entry.id}, ${file}, has 5 bytes instead of 100000`,
  ])
  await unlink(join(`${path}.bodies`, file))
  expect((await store.check()).at(-1)).toContain("has no bytes instead of 100000")
})

test("never gives less of a body than was written", async () => {
  const path = join(await folder(), "outbox.db")
  const store = await opened(path)
  const [added] = await store.add([entry({ body: large() })])
  const [file = ""] = readdirSync(`${path}.bodies`)
  await writeFile(join(`${path}.bodies`, file), "short")
  const body = await store.body(added?.entry.id ?? "")
  await expect(bytesOf(body)).rejects.toMatchObject({
    code: "store",
    message: expect.stringContaining("5 bytes instead of 100000"),
  })
})

test("gives space back when it is compacted", async () => {
  const path = join(await folder(), "outbox.db")
  const store = await opened(path)
  const added = await store.add(Array.from({ length: 200 }, () => entry({ content: new Uint8Array(20_000) })))
  for (const { entry: one } of added) await discard(store, one.id)
  expect(await store.remove(["discarded"], 3000, 1000)).toBe(200)
  await store.compact()
  const other = await opened(path)
  await other.add([entry()])
  expect(await store.compact()).toBe(0)
  expect(statSync(path).size).toBeLessThan(300_000)
  expect(await store.check()).toEqual([])
})

test("backs up what is there, with large bodies, while it is written to", async () => {
  const place = await folder()
  const store = await opened(join(place, "outbox.db"))
  const body = large()
  await store.add([entry({ key: "large", body }), entry({ key: "small", body: new Uint8Array([7]) })])
  const writing = Array.from({ length: 50 }, () => store.add([entry({ body: large() })]))
  const target = join(place, "copy.db")
  await store.backup(target)
  await Promise.all(writing)
  const copy = await opened(target)
  expect(await copy.check()).toEqual([])
  const found = await copy.find("large")
  expect(await bytesOf(await copy.body(found?.id ?? ""))).toEqual(new Uint8Array(body))
  const files = (await copy.list({ limit: 100 })).filter(({ bodyBytes = 0 }) => bodyBytes > 65_536)
  expect(readdirSync(`${target}.bodies`)).toHaveLength(files.length)
  expect((statSync(target).mode & 0o777).toString(8)).toBe("600")
})

test("backs up to a new file only, and leaves nothing behind when it cannot", async () => {
  const place = await folder()
  const store = await opened(join(place, "outbox.db"))
  await writeFile(join(place, "there.db"), "precious")
  await expect(store.backup(join(place, "there.db"))).rejects.toMatchObject({
    code: "store",
    message: expect.stringContaining("there already"),
  })
  expect(statSync(join(place, "there.db")).size).toBe(8)
  await expect(store.backup(join(place, "none", "copy.db"))).rejects.toMatchObject({ code: "store" })
  await store.add([entry({ body: large() })])
  const [file = ""] = readdirSync(`${store.path}.bodies`)
  await unlink(join(`${store.path}.bodies`, file))
  await expect(store.backup(join(place, "copy.db"))).rejects.toMatchObject({
    message: expect.stringContaining("bodies are missing"),
  })
  expect([existsSync(join(place, "copy.db")), existsSync(join(place, "copy.db.bodies"))]).toEqual([false, false])
})

test("refuses a file that is no database, one of something else, and one of a newer version; leaves them as they are", async () => {
  const place = await folder()
  const path = join(place, "file")
  const open = (): Promise<void> => sqlite(path, { runtime: testRuntime() }).open()
  await writeFile(path, "This is a letter, not a database. ".repeat(100))
  await expect(open()).rejects.toMatchObject({
    name: "OutboxError",
    code: "store",
    message: expect.stringContaining("not a SQLite database"),
  })
  expect(statSync(path).size).toBe(3400)
  await unlink(path)
  {
    using database = new DatabaseSync(path)
    database.exec("CREATE TABLE users (id INTEGER)")
  }
  await expect(open()).rejects.toMatchObject({ code: "store", message: expect.stringContaining("something else") })
  expect(readdirSync(place)).toEqual(["file"])
  await unlink(path)
  await (await opened(path)).close()
  {
    using database = new DatabaseSync(path)
    database.exec("PRAGMA user_version = 99")
  }
  await expect(open()).rejects.toMatchObject({
    code: "newer",
    message: expect.stringMatching(/newer version.*99.*update/),
  })
})

test("refuses a database that is damaged", async () => {
  const path = join(await folder(), "outbox.db")
  const store = await opened(path)
  await store.add(Array.from({ length: 100 }, () => entry({ content: new Uint8Array(1000) })))
  await store.close()
  const bytes = Buffer.alloc(statSync(path).size - 4096, 0xff)
  const { open: openFile } = await import("node:fs/promises")
  const handle = await openFile(path, "r+")
  await handle.write(bytes, 0, bytes.length, 4096)
  await handle.close()
  const broken = sqlite(path, { runtime: testRuntime() })
  const reading = broken.open().then(() => broken.list({ limit: 10 }))
  await expect(reading).rejects.toMatchObject({ code: "store", message: expect.stringContaining("damaged") })
  await broken.close()
})

test("migrates a file of version 1 with all that is in it", async () => {
  const path = join(await folder(), "outbox.db")
  {
    using database = new DatabaseSync(path)
    database.exec(`PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; ${migrations[0] ?? ""}`)
    database.exec("PRAGMA application_id = 0x53664f78; PRAGMA user_version = 1")
    database.exec(`INSERT INTO origins VALUES (1, 'https://api.example.com');
      INSERT INTO entries VALUES (1, 'id-1', 0, 1, 1, 353, 1, 0, 'k', NULL, 1, 1000, 1000, 1000, 9e12, NULL, 2, 3, x'01', x'02');
      INSERT INTO bodies VALUES (1, x'070809', NULL);
      INSERT INTO counts VALUES (1, 0, 1, 3)`)
  }
  const store = await opened(path)
  expect(await store.find("k")).toEqual({
    id: "id-1",
    state: "waiting",
    version: 1,
    origin: "https://api.example.com",
    key: "k",
    orderingKey: undefined,
    afterRejection: "skip",
    priority: 3,
    addedAt: 1000,
    changedAt: 1000,
    dueAt: 1000,
    expiresAt: 9e12,
    tries: 2,
    content: new Uint8Array([1]),
    bodyBytes: 3,
    result: new Uint8Array([2]),
  })
  expect(await store.body("id-1")).toEqual(new Uint8Array([7, 8, 9]))
  expect(await store.check()).toEqual([])
  const { claimed } = await store.claim({ at: 1000, leaseUntil: 2000, most: 1, room: () => 1 })
  expect(claimed.map((one) => one.entry.id)).toEqual(["id-1"])
})

test("refuses versions of SQLite that can lose writes", () => {
  expect(["3.51.3", "3.51.4", "3.53.0", "4.0.0"].map(isEnough)).toEqual([true, true, true, true])
  expect(["3.51.2", "3.50.9", "3.9.9", "2.99.99", ""].map(isEnough)).toEqual([false, false, false, false, false])
})

test.each([
  ["", "path"],
  [7, "path: 7"],
  [":memory:", "keeps nothing"],
  ["file:outbox.db", "is a URL"],
  ["a\0b", "NUL"],
])("refuses the path %j", (path, message) => {
  expect(() => sqlite(path as string)).toThrow(message)
})

test("names the folder that is missing", async () => {
  const path = join(await folder(), "none", "outbox.db")
  await expect(sqlite(path, { runtime: testRuntime() }).open()).rejects.toMatchObject({
    code: "store",
    message: expect.stringMatching(/none.outbox\.db: it cannot be opened: its folder must exist/),
  })
})

test("keeps what it has when the file is full, says so, and goes on when there is room", async () => {
  const path = join(await folder(), "outbox.db")
  const { clock, random } = testRuntime()
  const store = new SqliteFile(path, { clock, random, maxBytes: 1_000_000 })
  await store.open()
  const kept: string[] = []
  const content = new Uint8Array(20_000)
  const adding = Array.from({ length: 100 }, async () => {
    const [added] = await store.add([entry({ content })])
    kept.push(added?.entry.id ?? "")
  })
  const failures = (await Promise.allSettled(adding)).filter(({ status }) => status === "rejected")
  expect(kept.length).toBeGreaterThan(20)
  expect(failures.length).toBe(100 - kept.length)
  for (const failure of failures)
    expect(failure).toMatchObject({
      reason: { code: "store", message: expect.stringMatching(/outbox\.db.*full.*make room/) },
    })
  expect(await store.check()).toEqual([])
  expect((await store.list({ limit: 200 })).map(({ id }) => id)).toEqual(kept.toReversed())
  await store.close()
  const roomier = await opened(path)
  await roomier.add([entry({ content })])
  expect(await roomier.list({ limit: 200 })).toHaveLength(kept.length + 1)
})

test("harms none of those that were asked for at the same time when one fails", async () => {
  const store = await opened(join(await folder(), "outbox.db"))
  const twice = entry()
  await store.add([twice])
  const results = await Promise.allSettled([
    store.add([entry({ key: "a" })]),
    store.add([entry({ key: "b" }), twice]),
    store.add([entry({ key: "c" })]),
    store.claim({ at: 5000, leaseUntil: 6000, most: 100, room: () => { throw new Error("no room") } }), // prettier-ignore
  ])
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "rejected"])
  const found = await Promise.all(["a", "b", "c"].map((key) => store.find(key)))
  expect(found.map((one) => one?.key)).toEqual(["a", undefined, "c"])
  expect((await store.counts())[0]?.states.waiting).toBe(3)
  expect(await store.check()).toEqual([])
})

test("refuses a transaction of the user's, and everything once it is closed", async () => {
  const store = await opened(join(await folder(), "outbox.db"))
  await expect(store.add([entry()], {})).rejects.toMatchObject({ code: "store" })
  await Promise.all([store.open(), store.open()])
  await store.close()
  await store.close()
  for (const asked of [
    () => store.add([entry()]),
    () => store.read("x"),
    () => store.claim({ at: 0, leaseUntil: 1, most: 1, room: () => 1 }),
  ])
    await expect(asked()).rejects.toMatchObject({ code: "store", message: "SQLite outbox.db is not open" })
})

test("has written what was asked for before it is closed", async () => {
  const path = join(await folder(), "outbox.db")
  const store = await opened(path)
  const adding = [store.add([entry({ key: "small" })]), store.add([entry({ key: "large", body: large() })])]
  await store.close()
  await Promise.all(adding)
  const later = await opened(path)
  expect([(await later.find("small"))?.key, (await later.find("large"))?.key]).toEqual(["small", "large"])
})

test("looks for what others have written while somebody listens, and not otherwise", async () => {
  const runtime = testRuntime()
  const store = await opened(join(await folder(), "outbox.db"), { runtime })
  expect(runtime.clock.pending).toBe(0)
  const stop = [store.listen({}), store.listen({ work: () => {} })]
  expect(runtime.clock.pending).toBe(1)
  for (const one of stop) one()
  expect(runtime.clock.pending).toBe(0)
  store.listen({})
  await store.close()
  expect(runtime.clock.pending).toBe(0)
})

test("waits without standing still while another one writes, and gives up in the end", async () => {
  const runtime = testRuntime()
  const path = join(await folder(), "outbox.db")
  const store = await opened(path, { runtime })
  using other = new DatabaseSync(path)
  other.exec("BEGIN IMMEDIATE")
  const added = store.add([entry()])
  await runtime.clock.advance(1000)
  other.exec("ROLLBACK")
  await runtime.clock.runUntil(added)
  other.exec("BEGIN IMMEDIATE")
  const refused = expect(store.add([entry()])).rejects.toMatchObject({
    code: "store",
    message: expect.stringContaining("another process has been writing"),
  })
  await runtime.clock.advance(31_000)
  await refused
  other.exec("ROLLBACK")
  await store.add([entry()])
  expect(await store.list({ limit: 10 })).toHaveLength(2)
})
