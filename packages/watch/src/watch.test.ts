import { chmodSync, existsSync, mkdtempSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { rehearse } from "@steadfetch/testing"
import { expect, onTestFinished, test } from "vitest"
import { makePrivate, meetingPlace, obstacle, pageKey } from "./directory.ts"
import { Programs } from "./programs.ts"
import type { Program } from "./program.ts"
import { watch, type WatchOptions } from "./watch.ts"

const place = (): string => join(mkdtempSync(join(tmpdir(), "watch-")), "meet")

/** Those who watch, and each program as it is found and as it ends. */
function watchers(directory: string) {
  const found = Promise.withResolvers<Program>()
  const ended = Promise.withResolvers<Program>()
  const programs = new Programs(directory, (program) => (program.isRunning ? found : ended).resolve(program))
  onTestFinished(() => programs.close())
  return { programs, found: found.promise, ended: ended.promise }
}

test("a program is found with the calls that it made before, and is kept with its last calls after it has ended", async () => {
  const directory = place()
  const { api, server, run } = rehearse()
  server.otherwise.replies(200)
  const watching = watch(api, { name: "orders", directory })
  await watching.ready
  await run(api.get("/before").outcome())
  const { found, ended, programs } = watchers(directory)
  expect((await found).name).toBe(`orders (${process.pid})`)
  await run(api.get("/after").outcome())
  watching.stop()
  const { picture } = await ended
  expect(picture.calls.map(({ url, status }) => [url, status])).toEqual([
    ["https://api.test/before", 200],
    ["https://api.test/after", 200],
  ])
  expect([programs.list.length, readdirSync(directory)]).toEqual([1, []])
})

test("a name with the line separators of Unicode comes through whole", async () => {
  const directory = place()
  const { found } = watchers(directory)
  using watching = watch(rehearse().api, { name: "one\u2028two\u2029three\rfour\u{1F600}", directory })
  await watching.ready
  expect((await found).name).toBe(`one\u2028two\u2029three\rfour\u{1F600} (${process.pid})`)
})

test("the directory is the user's alone, and one that others can enter is refused as it is", () => {
  const directory = place()
  makePrivate(directory)
  expect(statSync(directory).mode & 0o777).toBe(0o700)
  chmodSync(directory, 0o755)
  expect(() => watch(rehearse().api, { directory })).toThrow("others can enter")
  expect(statSync(directory).mode & 0o777).toBe(0o755)
})

test("what is no program of ours is left alone", async () => {
  const directory = place()
  makePrivate(directory)
  const left = Promise.withResolvers<void>()
  const stranger = createServer((socket) => {
    socket.on("error", () => {}).on("close", () => left.resolve())
    socket.write("<html>\n")
  }).listen(join(directory, "stranger.sock"))
  onTestFinished(() => void stranger.close())
  const { programs } = watchers(directory)
  await left.promise
  expect(programs.list).toEqual([])
})

test("who stops at once does not wait for ever to be ready", async () => {
  const watching = watch(rehearse().api, { directory: place() })
  watching.stop()
  await expect(watching.ready).resolves.toBeUndefined()
})

test("several clients are one program, and nothing listens after it has stopped", () => {
  const [one, other] = [rehearse(), rehearse()]
  const watching = watch([one.api, other.api], { directory: place() })
  const heard = (): boolean[] => [one, other].map(({ runtime }) => runtime.events.heard("call-ended"))
  expect(heard()).toEqual([true, true])
  watching.stop()
  expect(heard()).toEqual([false, false])
})

test("a socket whose program is about to listen is left alone, and others are found nevertheless", async () => {
  const directory = place()
  makePrivate(directory)
  writeFileSync(join(directory, `${process.pid}-early.sock`), "")
  const { found } = watchers(directory)
  using watching = watch(rehearse().api, { name: "alive", directory })
  await watching.ready
  expect((await found).name).toContain("alive")
  expect(readdirSync(directory)).toContain(`${process.pid}-early.sock`)
})

test("a link in place of the directory is refused", () => {
  const link = place()
  symlinkSync(tmpdir(), link)
  expect(() => watch(rehearse().api, { directory: link })).toThrow("belongs to somebody else; give a directory")
})

test.each<[WatchOptions, string]>([
  [{ name: "" }, 'watch.name: ""; give a text that is not empty'],
  [{ directory: 7 as never }, "watch.directory: 7"],
  [{ port: 1 } as never, 'no option "port"'],
  [{ directory: join(tmpdir(), "watch-long", "x".repeat(120)) }, "is too long for a socket's address"],
  [{ directory: join(import.meta.filename, "none") }, "cannot be made"],
])("%o is refused", (options, message) => {
  expect(() => watch(rehearse().api, options)).toThrow(message)
})

test.each([undefined, {}, fetch])("%o is nothing that can be watched", (source) => {
  const directory = place()
  expect(() => watch([rehearse().api, source as never], { directory })).toThrow(/^watch: .*; give clients or gateways/)
  expect(existsSync(directory)).toBe(false)
})

test("Windows has no sockets for this, and is told what to do instead", () => {
  expect(obstacle("linux")).toBeUndefined()
  expect(obstacle("darwin")).toBeUndefined()
  expect(obstacle("win32")?.message).toMatch(/Windows.*servePage/)
})

test("the key of the page is the same each time, and nobody else's to read", () => {
  const directory = place()
  makePrivate(directory)
  const key = pageKey(directory)
  expect(key).toMatch(/^[\da-f]{32}$/)
  expect([pageKey(directory), statSync(join(directory, "page-key")).mode & 0o777]).toEqual([key, 0o600])
})

test.each(["", "short", "../../etc"])("a key that is %j is refused rather than used", (text) => {
  const directory = place()
  makePrivate(directory)
  writeFileSync(join(directory, "page-key"), text)
  expect(() => pageKey(directory)).toThrow(/page-key.* holds no key; remove it/)
})

test("a key is never seen half written, and nothing is left beside it", () => {
  const directory = place()
  makePrivate(directory)
  pageKey(directory)
  expect(readdirSync(directory)).toEqual(["page-key"])
})

test("programs meet in the user's runtime directory, else in one for temporary files", () => {
  expect(meetingPlace({ XDG_RUNTIME_DIR: "/run/user/7" })).toBe("/run/user/7/steadfetch")
  expect(meetingPlace({})).toBe(join(tmpdir(), `steadfetch-${process.getuid?.()}`))
})
