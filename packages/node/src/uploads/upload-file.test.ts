import { mkdirSync } from "node:fs"
import { appendFile, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { scriptedTransport } from "@steadfetch/testing"
import { systemClock } from "steadfetch"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { steadfetch } from "../steadfetch.ts"
import type { FileUploadOptions } from "./upload-file.ts"

let directory: string
let file: string
let resumeFile: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "upload-"))
  file = join(directory, "grüße.txt")
  resumeFile = join(directory, "grüße.upload.json")
  await writeFile(file, "hello")
})

afterEach(() => rm(directory, { recursive: true }))

const created = { headers: { location: "/files/7" } }
const at = (offset: number) => ({ headers: { "upload-offset": String(offset) } })

/** Files are read on threads that a virtual clock does not see; no wait is made. */
function client(endpoint = "/files") {
  const server = scriptedTransport(systemClock)
  const api = steadfetch({ baseUrl: "https://api.test", transport: server })
  const upload = (options: FileUploadOptions = {}, path: string | URL = file, signal?: AbortSignal) =>
    api.post(endpoint, { signal }).uploadFile(path, { resume: { attempts: 2, baseMs: 0 }, ...options })
  return { api, server, upload }
}

/** Begins an upload and leaves it. */
async function left(options: FileUploadOptions = { resumeFile }): Promise<void> {
  const { server, upload } = client()
  server.replies(201, created).replies(403)
  await expect(upload(options)).rejects.toMatchObject({ status: 403 })
}

describe("uploadFile", () => {
  test("sends a file's bytes, with its name", async () => {
    const { server, upload } = client()
    server.replies(201, created).replies(204, at(2)).replies(204, at(5))
    expect(await upload({ chunkBytes: 3 }, pathToFileURL(file))).toMatchObject({ totalBytes: 5 })
    expect(server.requests.map((request) => request.text())).toEqual(["", "hel", "llo"])
    const name = Buffer.from("grüße.txt").toString("base64")
    expect(server.requests[0]?.header("upload-metadata")).toBe(`filename ${name}`)
  }) // prettier-ignore

  test("reads no more than is sent, piece by piece", async () => {
    const { server, upload } = client()
    await writeFile(file, Buffer.alloc(200_000, "x"))
    server
      .replies(201, created)
      .fails("reset", { afterBodyBytes: 1 })
      .replies(200, at(100_000))
      .replies(204, at(200_000))
    await upload()
    expect(server.requests.map(({ body }) => body.length)).toEqual([0, 65_536, 0, 100_000])
  })

  test("sends an empty file", async () => {
    const { server, upload } = client()
    await writeFile(file, "")
    server.replies(201, created)
    expect(await upload({ resumeFile })).toMatchObject({ totalBytes: 0 })
    expect(await readdir(directory)).toEqual(["grüße.txt"])
  })

  test("says what else it is told", async () => {
    const { server, upload } = client()
    server.replies(201, created).replies(204, at(5))
    await upload({ metadata: { title: "x" } })
    expect(server.requests[0]?.header("upload-metadata")).toBe("title eA==")
  })

  const changes: [string, () => Promise<unknown>][] = [
    ["grows", () => appendFile(file, "!")],
    ["shrinks", () => writeFile(file, "hell")],
    ["is written anew", () => utimes(file, 1, 1)],
    ["is replaced", async () => {
      await writeFile(`${file}.new`, "HELLO")
      await utimes(`${file}.new`, 2, 2)
      await rename(`${file}.new`, file)
    }],
  ] // prettier-ignore

  test.each(changes)("ends when the file %s meanwhile, and sends none of what it is now", async (_, change) => {
    const { server, upload } = client()
    await writeFile(file, Buffer.alloc(100_000, "x"))
    server.replies(201, created).replies(204, at(100_000))
    const onCreated = async (): Promise<void> => void (await change())
    await expect(upload({ onCreated })).rejects.toThrow(`${file} changed while it was uploaded`)
    expect(server.requests[1]?.body).toHaveLength(0)
  })

  test("ends when the file changes between two of its pieces, before the last has left", async () => {
    const { server, upload } = client()
    await writeFile(file, Buffer.alloc(200_000, "x"))
    server.replies(201, created).replies(204, at(200_000))
    let isFirst = true
    const onProgress: FileUploadOptions["onProgress"] = ({ sentBytes }) => {
      if (sentBytes > 0 && isFirst) void appendFile(file, "!")
      if (sentBytes > 0) isFirst = false
    }
    await expect(upload({ onProgress })).rejects.toThrow("changed while it was uploaded")
    expect(server.requests[1]?.body.length).toBeLessThan(200_000)
  })

  test.each<[string, () => string | URL, FileUploadOptions, string]>([
    ["a file that is not there", () => join(directory, "none"), {}, "ENOENT"],
    ["a directory", () => directory, {}, "is no regular file; give the path of one"],
    ["no path", () => "", {}, 'file: ""; give a path, or a file: URL'],
    ["a URL elsewhere", () => new URL("https://x.test/a"), {}, "file: "],
    ["another thing", () => 5 as unknown as string, {}, "file: 5; give a path"],
    ["two places to go on from", () => file, { resumeFile: "x", uploadUrl: "/files/7" }, 'resumeFile: "uploadUrl" is given, too'],
    ["a listener that is none", () => file, { onCreated: 5 as unknown as () => void }, "onCreated: 5; give a function"],
    ["an unknown option", () => file, { resumeFil: "x" } as FileUploadOptions, 'no option "resumeFil"'],
    ["a state that is no path", () => file, { resumeFile: 5 as unknown as string }, "resumeFile: 5; give a path"],
  ])("refuses %s before anything is sent", async (_, path, options, message) => {
    const { server, upload } = client()
    await expect(upload(options, path())).rejects.toThrow(message)
    expect(server.requests).toEqual([])
  }) // prettier-ignore

  test("an aborted call sends nothing", async () => {
    const { server, upload } = client()
    await expect(upload({ resumeFile }, file, AbortSignal.abort("no"))).rejects.toBe("no")
    expect(server.requests).toEqual([])
  })
})

describe("with a resumeFile", () => {
  test("the same program, run again, goes on where it was left, and leaves nothing", async () => {
    await left()
    const { server, upload } = client()
    server.expect("HEAD /files/7").replies(200, at(3))
    server.expect("PATCH /files/7").replies(204, at(5))
    const urls: string[] = []
    await upload({ resumeFile, onCreated: ({ url }) => void urls.push(url) })
    expect(server.requests[1]?.text()).toBe("lo")
    expect([urls, await readdir(directory)]).toEqual([[], ["grüße.txt"]])
  })

  test("the URL is kept before the first byte is sent, for its owner alone, and without credentials of the place", async () => {
    const { server, upload } = client("/files?token=sesame-open")
    server.replies(201, created).replies(204, at(5))
    let kept = ""
    await upload({
      resumeFile: pathToFileURL(resumeFile),
      onCreated: async () => {
        kept = await readFile(resumeFile, "utf8")
        expect((await stat(resumeFile)).mode & 0o777).toBe(0o600)
      },
    })
    expect(JSON.parse(kept)).toMatchObject({
      url: "https://api.test/files/7",
      endpoint: "https://api.test/files",
      path: file,
      size: 5,
    })
    expect(kept).not.toContain("sesame")
  })

  test.each<[string, () => Promise<unknown>, string?]>([
    ["another version of the file", () => writeFile(file, "hallo!")],
    ["a file of another time", () => utimes(file, 1, 1)],
    ["another place", async () => {}, "/elsewhere"],
  ])("%s is uploaded anew", async (_, change, endpoint = "/files") => {
    await left()
    await change()
    const { server, upload } = client(endpoint)
    const { size } = await stat(file)
    server.expect(`POST ${endpoint}`).replies(201, { headers: { location: "/files/8" } })
    server.expect("PATCH /files/8").replies(204, at(size))
    await upload({ resumeFile })
    server.verify()
    expect(await readdir(directory)).toEqual(["grüße.txt"])
  })

  test("an upload that the server has forgotten is begun anew, and that one is kept", async () => {
    await left()
    const { server, upload } = client()
    server
      .replies(404)
      .replies(201, { headers: { location: "/files/8" } })
      .replies(403)
    await expect(upload({ resumeFile })).rejects.toMatchObject({ status: 403 })
    expect(JSON.parse(await readFile(resumeFile, "utf8"))).toMatchObject({ url: "https://api.test/files/8" })
  })

  test.each(["", "not JSON", "null", '{"url":"https://api.test/7"}', '{"kind":"steadfetch upload"}'])(
    "a file that holds something else (%j) is left as it is",
    async (text) => {
      await writeFile(resumeFile, text)
      const { server, upload } = client()
      await expect(upload({ resumeFile })).rejects.toThrow(`resumeFile: ${resumeFile} holds something else; give a path of its own`)
      expect([server.requests, await readFile(resumeFile, "utf8")]).toEqual([[], text])
    }, // prettier-ignore
  )

  test("a state that cannot be put in its place leaves nothing behind either", async () => {
    const { api, server, upload } = client()
    server.replies(201, created)
    api.on("attempt-ended", () => {
      mkdirSync(resumeFile)
    })
    await expect(upload({ resumeFile })).rejects.toThrow("EISDIR")
    expect(await readdir(directory)).toEqual(["grüße.txt", "grüße.upload.json"])
  })

  test("a state that cannot be written ends it before a byte is sent", async () => {
    const { server, upload } = client()
    server.replies(201, created)
    await expect(upload({ resumeFile: join(directory, "none", "state") })).rejects.toThrow("ENOENT")
    expect(server.requests).toHaveLength(1)
    expect(await readdir(directory)).toEqual(["grüße.txt"])
  })
})
