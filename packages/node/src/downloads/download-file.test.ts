import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import type { EventEmitter } from "node:events"
import { promises as fs, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { scriptedTransport, type ScriptedReply } from "@steadfetch/testing"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { BodyError, CallError, ConfigurationError, NoReplyError, NotFoundError, systemClock } from "steadfetch"
import { downloads, toFile, type FileDownloadOptions } from "./download-file.ts"
import type { Files } from "./download-place.ts"
import { steadfetch } from "../steadfetch.ts"

const WHOLE = "0123456789"
const TAG = '"v1"'
const PART = "file.bin.part"
const SIDECAR = "file.bin.part.json"

let directory: string

beforeEach(async () => {
  directory = await fs.mkdtemp(join(tmpdir(), "download-"))
})

afterEach(() => fs.rm(directory, { recursive: true }))

type Replies = readonly (readonly [status: number, parts?: ScriptedReply])[]

function rehearse(replies: Replies = []) {
  const server = scriptedTransport(systemClock)
  for (const [status, parts] of replies) server.replies(status, parts)
  const api = steadfetch({
    baseUrl: "https://api.test",
    transport: server,
    abilities: [downloads],
    retry: { baseMs: 0 },
  })
  return { api, server }
}

/** A download whose waits are none. */
function start(
  replies: Replies,
  options: FileDownloadOptions = {},
  target: string | URL = join(directory, "file.bin"),
  path = "/file",
) {
  const { api, server } = rehearse(replies)
  return { server, done: api.get(path).download(target, { resume: { attempts: 2, baseMs: 0 }, ...options }) }
}

const bytes = (text: string) => new TextEncoder().encode(text)
const sha256 = (text: string) => createHash("sha256").update(text).digest("base64")

function whole(text = WHOLE, more: ScriptedReply = {}): [number, ScriptedReply] {
  const { headers, ...parts } = more
  return [
    200,
    { body: bytes(text), headers: { etag: TAG, "content-length": String(text.length), ...headers }, ...parts },
  ]
}

function rest(from: number, text = WHOLE, more: ScriptedReply = {}): [number, ScriptedReply] {
  const { headers, ...parts } = more
  const range = `bytes ${from}-${text.length - 1}/${text.length}`
  return [206, { body: bytes(text.slice(from)), headers: { etag: TAG, "content-range": range, ...headers }, ...parts }]
}

const cut = (breaksAfterBytes: number): ScriptedReply => ({ breaksAfterBytes })

/** A reply that breaks off for good. */
const broken: Replies = [whole(WHOLE, cut(4)), rest(4, WHOLE, cut(0)), rest(4, WHOLE, cut(0))]

const names = async () => (await fs.readdir(directory)).toSorted()
const text = (name: string) => fs.readFile(join(directory, name), "utf8")

describe("a download to a file", () => {
  test("leaves the file, and nothing else", async () => {
    const { done } = start([whole()])
    expect(await done).toMatchObject({
      path: join(directory, "file.bin"),
      totalBytes: 10,
      resumedBytes: 0,
      status: 200,
    })
    expect([await names(), await text("file.bin")]).toEqual([["file.bin"], WHOLE])
  })

  test("goes to a file URL as well", async () => {
    const { done } = start([whole()], {}, pathToFileURL(join(directory, "a b.bin")))
    expect((await done).path).toBe(join(directory, "a b.bin"))
    expect(await text("a b.bin")).toBe(WHOLE)
  })

  test("replaces a file that is there in the end, and not before", async () => {
    await fs.writeFile(join(directory, "file.bin"), "old")
    await expect(start(broken).done).rejects.toThrow("the body broke off at 4 of 10 bytes")
    expect([await text("file.bin"), await text(PART)]).toEqual(["old", "0123"])
    await start([rest(4)]).done
    expect([await text("file.bin"), await names()]).toEqual([WHOLE, ["file.bin"]])
  })

  test("verifies the digests that the server names", async () => {
    const { server, done } = start([whole(WHOLE, { headers: { "repr-digest": `sha-256=:${sha256(WHOLE)}:` } })])
    expect((await done).verifiedDigests).toEqual(["sha-256"])
    expect(server.requests[0]?.header("want-repr-digest")).toBe("sha-256=10, sha-512=9")
  })

  test.each<[string, FileDownloadOptions, ScriptedReply]>([
    ["the server", {}, { headers: { "repr-digest": `sha-256=:${sha256("other")}:` } }],
    ["the caller", { digest: { "sha-256": sha256("other") } }, {}],
  ])("removes the part when its digest is not what %s named", async (_, options, more) => {
    await fs.writeFile(join(directory, "file.bin"), "old")
    const error: unknown = await start([whole(WHOLE, more)], options).done.catch((error: unknown) => error)
    expect(BodyError.is(error) && error.message).toContain("not the right ones")
    expect([await names(), await text("file.bin")]).toEqual([["file.bin"], "old"])
  })

  test("streams are targets, too", async () => {
    const { api } = rehearse([whole()])
    let received = ""
    const target = new WritableStream<Uint8Array>({ write: (piece) => void (received += new TextDecoder().decode(piece)) }) // prettier-ignore
    const done = await api.get("/file").download(target)
    expect([received, "path" in done]).toEqual([WHOLE, false])
  })
})

describe("after a failure", () => {
  test("the part stays, and the next download goes on from it", async () => {
    const first = start(broken)
    const error: unknown = await first.done.catch((error: unknown) => error)
    expect(NoReplyError.is(error) && error.code).toBe("broken-body")
    expect([await names(), await text(PART)]).toEqual([[PART, SIDECAR], "0123"])
    const second = start([rest(4)])
    expect(await second.done).toMatchObject({ resumedBytes: 4, parts: 1, status: 206 })
    expect(second.server.requests[0]?.header("range")).toBe("bytes=4-")
    expect(second.server.requests[0]?.header("if-range")).toBe(TAG)
    expect([await names(), await text("file.bin")]).toEqual([["file.bin"], WHOLE])
  })

  test("its digest is known to the next download, which hashes the part, too", async () => {
    const headers = { "repr-digest": `sha-256=:${sha256(WHOLE)}:` }
    await start([whole(WHOLE, { headers, ...cut(4) }), ...broken.slice(1)]).done.catch(() => {})
    expect((await start([rest(4)]).done).verifiedDigests).toEqual(["sha-256"])
  })

  test("a part that was tampered with is found by its digest", async () => {
    const headers = { "repr-digest": `sha-256=:${sha256(WHOLE)}:` }
    await start([whole(WHOLE, { headers, ...cut(4) }), ...broken.slice(1)]).done.catch(() => {})
    await fs.writeFile(join(directory, PART), "01x3")
    await expect(start([rest(4)]).done).rejects.toThrow("not the right ones")
    expect(await names()).toEqual([])
  })

  test("a changed resource starts over in a new part", async () => {
    await start(broken).done.catch(() => {})
    const { done } = start([whole("abc", { headers: { etag: '"v2"' } })])
    expect(await done).toMatchObject({ resumedBytes: 0, totalBytes: 3 })
    expect([await names(), await text("file.bin")]).toEqual([["file.bin"], "abc"])
  })

  test("a part that has all bytes is completed", async () => {
    await start(broken).done.catch(() => {})
    await fs.writeFile(join(directory, PART), WHOLE)
    const { done } = start([[416, { headers: { "content-range": "bytes */10" } }]])
    expect(await done).toMatchObject({ resumedBytes: 10, status: 416 })
    expect([await names(), await text("file.bin")]).toEqual([["file.bin"], WHOLE])
  })

  test("a part without a strong validator goes at once", async () => {
    const replies: Replies = [1, 2, 3].map(() => whole(WHOLE, { headers: { etag: 'W/"1"' }, ...cut(4) }))
    await expect(start(replies).done).rejects.toThrow("the body broke off")
    expect(await names()).toEqual([])
  })

  test("keepPart: false removes it", async () => {
    await expect(start(broken, { keepPart: false }).done).rejects.toThrow("the body broke off")
    expect(await names()).toEqual([])
  })

  test("4xx keeps it", async () => {
    await start(broken).done.catch(() => {})
    const error: unknown = await start([[404]]).done.catch((error: unknown) => error)
    expect([NotFoundError.is(error), await names()]).toEqual([true, [PART, SIDECAR]])
  })

  test("an abort keeps it, and rejects with its reason", async () => {
    const { api } = rehearse([whole(WHOLE, { stallsAfterBytes: 4 })])
    const controller = new AbortController()
    const stopOnceWritten = once(async () => {
      while ((await text(PART)) !== "0123") await Promise.resolve()
      controller.abort("enough")
    })
    const onProgress = () => stopOnceWritten()
    const call = api.get("/file", { signal: controller.signal })
    await expect(call.download(join(directory, "file.bin"), { onProgress })).rejects.toBe("enough")
    expect([await names(), await text(PART)]).toEqual([[PART, SIDECAR], "0123"])
  })

  test.each([
    ["before it began", () => AbortSignal.abort("enough")],
    ["while its place is looked at", () => abortedSoon()],
  ])("an abort %s keeps it", async (_, signal) => {
    await start(broken).done.catch(() => {})
    const { api } = rehearse()
    const call = api.get("/file", { signal: signal() })
    await expect(call.download(join(directory, "file.bin"))).rejects.toBe("enough")
    expect([await names(), await text(PART)]).toEqual([[PART, SIDECAR], "0123"])
  })

  test.each<[string, (path: string) => Promise<unknown>]>([
    ["another URL", (path) => change(path, { urlHash: "0" })],
    ["another form", (path) => change(path, { form: 2 })],
    ["no validator", (path) => change(path, { representation: { digests: {} } })],
    ["no representation", (path) => change(path, { representation: null })],
    [
      "a length that is none",
      (path) => change(path, { representation: { validator: TAG, totalBytes: "10", digests: {} } }),
    ],
    [
      "a length that is less than there is",
      (path) => change(path, { representation: { validator: TAG, totalBytes: 3, digests: {} } }),
    ],
    ["a name that leads elsewhere", (path) => change(path, { name: "../file.bin" })],
    ["a name that is none", (path) => change(path, { name: ".." })],
    ["half its text", (path) => fs.writeFile(path, '{"form":1,')],
    ["nothing", (path) => fs.writeFile(path, "")],
    ["no object", (path) => fs.writeFile(path, "null")],
  ])("a sidecar that has %s is none: the download starts over", async (_, spoil) => {
    await start(broken).done.catch(() => {})
    await spoil(join(directory, SIDECAR))
    const { server, done } = start([whole()])
    expect((await done).resumedBytes).toBe(0)
    expect([server.requests[0]?.header("range"), await names()]).toEqual([undefined, ["file.bin"]])
  })

  test("a part without a sidecar, and a sidecar without a part, are replaced", async () => {
    await fs.writeFile(join(directory, PART), "someone's")
    await start([whole()]).done
    await start(broken).done.catch(() => {})
    await fs.rm(join(directory, PART))
    expect((await start([whole()]).done).resumedBytes).toBe(0)
    expect([await names(), await text("file.bin")]).toEqual([["file.bin"], WHOLE])
  })

  test("a link in the part's place is neither followed nor written to", async () => {
    await start(broken).done.catch(() => {})
    await fs.rename(join(directory, PART), join(directory, "elsewhere"))
    await fs.symlink(join(directory, "elsewhere"), join(directory, PART))
    const { server, done } = start([whole()])
    await done
    expect(server.requests[0]?.header("range")).toBeUndefined()
    expect([await text("elsewhere"), await text("file.bin")]).toEqual(["0123", WHOLE])
  })

  test("another user's part is not gone on from", async () => {
    await start(broken).done.catch(() => {})
    const { api, server } = rehearse([whole()])
    const files = onHandles((name, result) => (name === "stat" ? { ...(result as object), isFile: () => true, uid: 4711, size: 4 } : result)) // prettier-ignore
    await toFile(api.get("/file"), join(directory, "file.bin"), {}, files).catch(() => {})
    expect(server.requests[0]?.header("range")).toBeUndefined()
  })

  test("an abort while the file is flushed leaves it a part", async () => {
    const { api } = rehearse([whole()])
    const controller = new AbortController()
    const files = onHandles((name, result) => {
      if (name === "sync") controller.abort("enough")
      return result
    })
    const call = api.get("/file", { signal: controller.signal })
    await expect(toFile(call, join(directory, "file.bin"), {}, files)).rejects.toBe("enough")
    expect(await names()).toEqual([PART, SIDECAR])
  })

  test("an abort does not wait for a slow disk, and the next download waits for it to be let go", async () => {
    const controller = new AbortController()
    const { api } = rehearse([whole()])
    let finish = (): void => {}
    const files = onHandles((name, result) => {
      if (name !== "sync") return result
      controller.abort("enough")
      return new Promise((resolve) => (finish = () => resolve(undefined)))
    })
    const call = api.get("/file", { signal: controller.signal })
    await expect(toFile(call, join(directory, "file.bin"), {}, files)).rejects.toBe("enough")
    const { done } = start([[416, { headers: { "content-range": "bytes */10", etag: TAG } }]])
    finish()
    expect(await done).toMatchObject({ resumedBytes: 10 })
    expect([await names(), await text("file.bin")]).toEqual([["file.bin"], WHOLE])
  })

  test("the URL, which may hold a secret, is not written down", async () => {
    await start(broken, {}, undefined, "/file?token=sesame").done.catch(() => {})
    expect(await text(SIDECAR)).not.toMatch(/sesame|api\.test/)
  })
})

function abortedSoon(): AbortSignal {
  const controller = new AbortController()
  setImmediate(() => controller.abort("enough"))
  return controller.signal
}

async function change(path: string, fields: object): Promise<void> {
  await fs.writeFile(path, JSON.stringify({ ...(JSON.parse(await fs.readFile(path, "utf8")) as object), ...fields }))
}

test("a second download is refused until the first has left nothing of its own", async () => {
  const { api } = rehearse([whole(), whole()])
  const place = join(directory, "file.bin")
  let second: unknown
  const files: Files = {
    ...fs,
    async rm(...given) {
      if ((await names()).includes("file.bin"))
        second ??= await api.get("/file").download(place).catch((error: unknown) => error) // prettier-ignore
      await fs.rm(...given)
    },
  }
  await toFile(api.get("/file"), place, {}, files)
  expect(ConfigurationError.is(second)).toBe(true)
})

describe("a directory", () => {
  const named = { headers: { "content-disposition": 'attachment; filename="../report.pdf"' } }

  test("gets a file of the name that the server gives it", async () => {
    const { done } = start([whole(WHOLE, named)], {}, directory)
    expect((await done).path).toBe(join(directory, "report.pdf"))
    expect(await names()).toEqual(["report.pdf"])
  })

  test("gets one named by the URL when the server gives none", async () => {
    expect((await start([whole()], {}, directory, "/a/b%20c.txt").done).path).toBe(join(directory, "b c.txt"))
  })

  test("is gone on in, under the name of the first reply", async () => {
    const [first, ...others] = broken
    await start([[200, { ...first?.[1], headers: { ...first?.[1]?.headers, ...named.headers } }], ...others], {}, directory).done.catch(() => {}) // prettier-ignore
    expect(await names()).toEqual([expect.stringMatching(/^download-[\da-f]{16}\.part$/), expect.stringMatching(/\.part\.json$/)]) // prettier-ignore
    expect(await start([rest(4)], {}, directory).done).toMatchObject({ path: join(directory, "report.pdf"), resumedBytes: 4 }) // prettier-ignore
    expect(await names()).toEqual(["report.pdf"])
  })

  test("lets go of the part when a file of that name is there by the next time", async () => {
    const [first, ...others] = broken
    await start([[200, { ...first?.[1], headers: { ...first?.[1]?.headers, ...named.headers } }], ...others], {}, directory).done.catch(() => {}) // prettier-ignore
    await fs.writeFile(join(directory, "report.pdf"), "old")
    const { api } = rehearse([rest(4)])
    let open = 0
    const counted: Files = {
      ...fs,
      async open(...given: Parameters<Files["open"]>) {
        const handle = await fs.open(...given)
        open++
        ;(handle as typeof handle & EventEmitter).on("close", () => open--)
        return handle
      },
    }
    await expect(toFile(api.get("/file"), directory, {}, counted)).rejects.toThrow("is there already")
    expect([open, await names()]).toEqual([0, [expect.any(String), expect.any(String), "report.pdf"]])
  })

  test("keeps a file of that name, unless it may be replaced", async () => {
    await fs.writeFile(join(directory, "report.pdf"), "old")
    const error: unknown = await start([whole(WHOLE, named)], {}, directory).done.catch((error: unknown) => error)
    expect(CallError.is(error) && error.message).toBe(
      `GET https://api.test/file → ${join(directory, "report.pdf")} is there already; remove it, choose another place, or give overwrite: true`,
    )
    expect([await names(), await text("report.pdf")]).toEqual([["report.pdf"], "old"])
    await start([whole(WHOLE, named)], { overwrite: true }, directory).done
    expect(await text("report.pdf")).toBe(WHOLE)
  })
})

describe("what the file system refuses", () => {
  test("a file that must not be replaced: nothing is sent", async () => {
    await fs.writeFile(join(directory, "file.bin"), "old")
    const { server, done } = start([whole()], { overwrite: false })
    await expect(done).rejects.toThrow("is there already")
    expect([server.requests.length, await text("file.bin")]).toEqual([0, "old"])
  })

  test("a file that appears meanwhile and must not be replaced", async () => {
    const onProgress = once(() => writeFileSync(join(directory, "file.bin"), "new"))
    const { done } = start([whole()], { overwrite: false, onProgress })
    await expect(done).rejects.toThrow("is there already")
    expect([await text("file.bin"), await names()]).toEqual(["new", ["file.bin", PART, SIDECAR]])
  })

  test.each<[string, () => unknown, string]>([
    ["no directory", () => join(directory, "none", "file.bin"), "there is no such directory; create it (ENOENT)"],
    [
      "no directory, though it ends like one",
      () => join(directory, "none/"),
      "there is no such directory; create it (ENOENT)",
    ],
    ["a file in a directory's place", () => join(directory, "occupied", "file.bin"), "that is no directory (ENOTDIR)"],
    ["no path", () => "", 'download: ""; give the path of a file or a directory'],
    ["a path with NUL", () => "a\0b", "give the path of a file or a directory"],
    ["a URL of another kind", () => new URL("https://api.test/x"), "give a file URL, or a path"],
  ])("%s: nothing is sent", async (_, target, message) => {
    await fs.writeFile(join(directory, "occupied"), "")
    const { server, done } = start([whole()], {}, target() as string)
    const error: unknown = await done.catch((error: unknown) => error)
    expect(ConfigurationError.is(error) && error.message).toContain(message)
    expect(server.requests.length).toBe(0)
  })

  test.each<[string, keyof Files | "write" | "sync", string, string, readonly string[]]>([
    ["no space", "write", "ENOSPC", `cannot write to %/${PART}: no space is left; free some (ENOSPC)`, [PART, SIDECAR]],
    ["a quota", "write", "EDQUOT", "the quota is used up; free some space (EDQUOT)", [PART, SIDECAR]],
    ["no space for the sidecar", "writeFile", "ENOSPC", "no space is left; free some (ENOSPC)", [PART]],
    ["a directory that became read-only", "open", "EROFS", "the file system is read-only (EROFS)", []],
    ["a disk that fails", "sync", "EIO", "cannot store %/file.bin: made up", [PART, SIDECAR]],
    [
      "a name that may not be used",
      "rename",
      "EACCES",
      `cannot rename %/${PART} to %/file.bin: that is not permitted (EACCES)`,
      [PART, SIDECAR],
    ],
  ])("%s: the error says so, and nothing is half done", async (_, method, code, message, left) => {
    await fs.writeFile(join(directory, "other"), "")
    const { api } = rehearse([whole()])
    const files = failing(method, code)
    const error: unknown = await toFile(api.get("/file"), join(directory, "file.bin"), {}, files).catch((error: unknown) => error) // prettier-ignore
    expect(CallError.is(error) && error.message).toContain(message.replaceAll("%", directory))
    expect([CallError.is(error) && error.message, await names()]).toEqual([expect.stringContaining("GET https://api.test/file → cannot "), [...left, "other"]]) // prettier-ignore
  })

  test("what was written before the disk was full is gone on from", async () => {
    const { api } = rehearse([whole(WHOLE, { trickle: { chunkBytes: 3, gapMs: 0 } })])
    await toFile(api.get("/file"), join(directory, "file.bin"), {}, failing("write", "ENOSPC", 2)).catch(() => {})
    expect(await start([rest(6)]).done).toMatchObject({ resumedBytes: 6 })
    expect(await text("file.bin")).toBe(WHOLE)
  })

  test("a directory in the file's place", async () => {
    const onProgress = once(() => mkdirSync(join(directory, "file.bin")))
    await expect(start([whole()], { onProgress }).done).rejects.toThrow("that is a directory (EISDIR)")
    expect(await names()).toEqual(["file.bin", PART, SIDECAR])
  })

  test("a device or a pipe in the file's place: nothing is sent", async () => {
    execFileSync("mkfifo", [join(directory, "pipe")])
    const { server, done } = start([whole()], {}, join(directory, "pipe"))
    await expect(done).rejects.toThrow("that is no regular file; give a stream that writes to it")
    expect([server.requests.length, await names()]).toEqual([0, ["pipe"]])
  })

  test("two downloads to one file at the same time", async () => {
    const first = start([whole()])
    const second = start([whole()])
    const ends = await Promise.allSettled([first.done, second.done])
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"])
    const errors = ends.map((end) => (end.status === "rejected" ? String(end.reason) : ""))
    expect(errors.join("")).toContain("is being written by another download")
    expect([await text("file.bin"), await names()]).toEqual([WHOLE, ["file.bin"]])
    await start([whole()]).done
  })

  test("another process that has begun anew in the same place", async () => {
    const onProgress = once(() => {
      rmSync(join(directory, PART))
      writeFileSync(join(directory, PART), "another's")
    })
    await expect(start([whole()], { onProgress }).done).rejects.toThrow("another process downloads to the same place")
    expect(await text(PART)).toBe("another's")
  })
})

test.each<[FileDownloadOptions, string]>([
  [{ overwrite: 1 as never }, "overwrite: 1; give true or false"],
  [{ keepPart: "no" as never }, 'keepPart: "no"; give true or false'],
  [{ keep: true } as never, 'download: no option "keep"'],
  [null as never, "download: null"],
])("options that cannot work are refused: %j", async (options, message) => {
  const { api } = rehearse()
  await expect(api.get("/file").download(join(directory, "file.bin"), options)).rejects.toThrow(message)
})

function once<T extends unknown[]>(run: (...given: T) => unknown): (...given: T) => void {
  let ran = false
  return (...given) => {
    if (!ran) run(...given)
    ran = true
  }
}

/** The file system, whose handles' results are changed. */
function onHandles(change: (name: string, result: unknown) => unknown): Files {
  const changed = (handle: object): object =>
    new Proxy(handle, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== "function") return value
        return async (...given: unknown[]) => change(String(name), await value.apply(target, given))
      },
    })
  return { ...fs, open: async (...given) => changed(await fs.open(...given)) as never }
}

/** The file system, with one function that fails once it was called so often. */
function failing(method: keyof Files | "write" | "sync", code: string, after = 0): Files {
  let left = after
  const fail = (): void => {
    if (left-- <= 0) throw Object.assign(new Error("made up"), { code })
  }
  const spoilt = async (handle: Awaited<ReturnType<Files["open"]>>) =>
    new Proxy(handle, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== "function") return value
        return (...given: unknown[]) => {
          if (name === method) fail()
          return value.apply(target, given) as unknown
        }
      },
    })
  return new Proxy(fs, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== "function") return value
      return async (...given: unknown[]) => {
        if (name === method) fail()
        const result = (await value.apply(target, given)) as unknown
        return name === "open" && ["write", "sync"].includes(method) ? spoilt(result as never) : result
      }
    },
  })
}
