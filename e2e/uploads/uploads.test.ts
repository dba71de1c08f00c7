import { spawn } from "node:child_process"
import { createHash, randomBytes } from "node:crypto"
import { once } from "node:events"
import { createReadStream, existsSync } from "node:fs"
import { mkdtemp, open, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { pipeline } from "node:stream/promises"
import { fileURLToPath } from "node:url"
import { fileUploads } from "@steadfetch/node"
import { steadfetch, uploads, type UploadProgress } from "steadfetch"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { makeTransport, transportNames, type TransportName } from "../transports.ts"
import { startCuttingProxy } from "./cutting-proxy.ts"
import { startTusServer } from "./tus-server.ts"
import type { ChildInput, ChildLine } from "./upload.child.ts"

const MIB = 1024 * 1024
const bytes = randomBytes(8 * MIB)

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "uploads-"))
})
afterAll(() => rm(directory, { recursive: true }))

function client(name: TransportName, baseUrl: string) {
  const transport = makeTransport(name)
  return steadfetch({ baseUrl, transport, retry: { baseMs: 10 }, abilities: [uploads, fileUploads] })
}

/** The loop's own waits are as short. */
const quick = { resume: { baseMs: 10 } } as const

describe.each(transportNames)("on %s, against the tus project's own server,", (name) => {
  test("an upload arrives, with its metadata", async () => {
    const told: unknown[] = []
    await using server = await startTusServer({
      async onUploadFinish(_, { metadata, size }) {
        told.push(metadata, size)
        return { body: "thanks", status_code: 200 }
      },
    })
    const api = client(name, server.origin)
    const metadata = { filename: "grüße.bin", empty: "" }
    const { url, totalBytes, reply } = await api.post("/files").upload(new Blob([bytes]), { metadata })
    expect([totalBytes, reply.status, await reply.text()]).toEqual([bytes.length, 200, "thanks"])
    expect(bytes.equals(await server.bytesOf(url))).toBe(true)
    expect(told).toEqual([{ filename: "grüße.bin", empty: null }, bytes.length])
    expect(server.asked).toEqual(["POST", "PATCH from 0"])
    await api.close()
  })

  test.each([
    ["a Blob", () => new Blob([bytes])],
    ["bytes", () => bytes],
  ])("%s that is cut off in mid-PATCH goes on from there, as often as it takes", async (_, source) => {
    await using server = await startTusServer()
    const troubles = [2, 1, 3].map((mib) => ({ afterBytes: mib * MIB, by: "reset" as const }))
    await using proxy = await startCuttingProxy(server.port, troubles)
    const progress: UploadProgress[] = []
    const api = client(name, proxy.origin)
    const { url } = await api
      .post("/files")
      .upload(source(), { ...quick, onProgress: (event) => void progress.push(event) })
    expect(bytes.equals(await server.bytesOf(url))).toBe(true)
    expect(proxy.broken).toBe(3)
    expect(server.asked.filter((line) => line.startsWith("PATCH")).length).toBeGreaterThanOrEqual(4)
    expect(server.asked.at(-1)).not.toBe("PATCH from 0")
    const transferred = progress.map(({ transferredBytes }) => transferredBytes)
    expect(transferred).toEqual(transferred.toSorted((a, b) => a - b))
    expect(progress.at(-1)).toMatchObject({ transferredBytes: bytes.length, sentBytes: bytes.length })
    expect(progress.filter(({ sentBytes, transferredBytes }) => sentBytes > transferredBytes).length).toBeGreaterThan(
      20,
    )
    await api.close()
  })

  test("a connection on which nothing passes any more is given up, and the lock it held with it", async () => {
    await using server = await startTusServer()
    await using proxy = await startCuttingProxy(server.port, [{ afterBytes: 2 * MIB, by: "silence" }])
    const api = client(name, proxy.origin)
    const { url } = await api.post("/files", { timeout: { stallMs: 500 } }).upload(bytes, quick)
    expect(bytes.equals(await server.bytesOf(url))).toBe(true)
    expect(server.asked.filter((line) => line.startsWith("HEAD")).length).toBeGreaterThan(0)
    await api.close()
  })

  test("an upload that was aborted is resumed later, in chunks", async () => {
    await using server = await startTusServer()
    const api = client(name, server.origin)
    const controller = new AbortController()
    const urls: string[] = []
    const pause = new Error("pause")
    const first = api.post("/files", { signal: controller.signal }).upload(bytes, {
      ...quick,
      onCreated: ({ url }) => void urls.push(url),
      onProgress: ({ sentBytes }) => sentBytes > 2 * MIB && controller.abort(pause),
    })
    await expect(first).rejects.toBe(pause)
    const [url = ""] = urls
    const rest = await api.post("/files").upload(bytes, { ...quick, uploadUrl: url, chunkBytes: MIB })
    expect(rest.url).toBe(url)
    expect(bytes.equals(await server.bytesOf(url))).toBe(true)
    await api.close()
  })

  test.each(["aborted", "cut off"])("what a source holds open is let go when the upload is %s", async (how) => {
    await using server = await startTusServer()
    await using proxy = await startCuttingProxy(server.port, [{ afterBytes: 2 * MIB, by: "reset" }])
    const api = client(name, proxy.origin)
    const controller = new AbortController()
    let opened = 0
    let closed = 0
    const allClosed = Promise.withResolvers<void>()
    const source = {
      size: bytes.length,
      async *read(from: number, to: number) {
        opened++
        try {
          for (let at = from; at < to; at += 65_536) yield bytes.subarray(at, Math.min(to, at + 65_536))
        } finally {
          if (++closed === opened) allClosed.resolve()
        }
      },
    }
    const end = api.post("/files", { signal: controller.signal }).upload(source, {
      resume: { attempts: 1 },
      onProgress: ({ sentBytes }) => how === "aborted" && sentBytes > MIB && controller.abort("enough"),
    })
    const reason = await end.then(() => "none", String)
    expect(reason).toMatch(how === "aborted" ? /^enough$/ : /^NoReplyError: PATCH /)
    await allClosed.promise
    expect(closed).toBe(1)
    await api.close()
  })

  test("a terminated upload is gone, and resuming it begins another one", async () => {
    await using server = await startTusServer()
    const api = client(name, server.origin)
    const { url } = await api.post("/files").upload("hello")
    await api.post("/files").terminateUpload(url)
    await api.post("/files").terminateUpload(url)
    expect(existsSync(server.fileOf(url))).toBe(false)
    await expect(api.post("/files").upload("hello", { uploadUrl: url, startOver: false })).rejects.toMatchObject({ status: 404 }) // prettier-ignore
    const again = await api.post("/files").upload("hello", { uploadUrl: url })
    expect(again.url).not.toBe(url)
    expect(String(await server.bytesOf(again.url))).toBe("hello")
    await api.close()
  })

  test("what the server allows and keeps is told", async () => {
    await using server = await startTusServer({ maxSize: 10 }, 3_600_000)
    const api = client(name, server.origin)
    await expect(api.post("/files").upload("hello, hello")).rejects.toThrow(
      "413 Content Too Large: Maximum size exceeded",
    )
    const expiries: (Date | undefined)[] = []
    await api.post("/files").upload("hello", { onCreated: ({ expiresAt }) => void expiries.push(expiresAt) })
    expect(Number(expiries[0])).toBeGreaterThan(Date.now())
    await expect(api.post("/files").upload("hello", { checksum: "sha1" })).rejects.toThrow("checks no sha1 checksums")
    await api.close()
  })

  test("nothing is uploaded of nothing, and it is there", async () => {
    await using server = await startTusServer()
    const api = client(name, server.origin)
    const { url } = await api.post("/files").upload("")
    expect(await server.bytesOf(url)).toHaveLength(0)
    expect(server.asked).toEqual(["POST"])
    await api.close()
  })

  test("a process that was killed in the middle goes on when it is run again", async () => {
    await using server = await startTusServer()
    const file = join(directory, `killed-${name}`)
    await writeFile(file, Buffer.concat(Array.from({ length: 8 }, () => bytes)))
    const input = { url: `${server.origin}/files`, file, resumeFile: `${file}.upload.json`, transport: name }
    const killed = run({ ...input, chunkBytes: 4 * MIB })
    for await (const line of killed.lines) if ("sentBytes" in line && line.transferredBytes >= 8 * MIB) killed.kill()
    expect((await stat(input.resumeFile)).mode & 0o777).toBe(0o600)
    const patchesBefore = server.asked.length
    const again = run(input)
    let last: ChildLine | undefined
    for await (const line of again.lines) last = line
    expect(last).toMatchObject({ url: expect.stringContaining(server.origin) as string })
    const asked = server.asked.slice(patchesBefore)
    expect(asked[0]).toBe("HEAD")
    expect(asked.filter((line) => line === "POST" || line === "PATCH from 0")).toEqual([])
    expect(await sha256(server.fileOf(last !== undefined && "url" in last ? last.url : ""))).toBe(await sha256(file))
    expect(existsSync(input.resumeFile)).toBe(false)
  }, 120_000)
})

describe("256 MiB from a file", () => {
  let file: string
  beforeAll(async () => {
    file = join(directory, "large")
    const handle = await open(file, "w")
    for (let at = 0; at < 256; at++) await handle.write(Buffer.alloc(MIB, `${at} MiB before this `))
    await handle.close()
  })

  // Node's fetch keeps a copy of a body in case of a redirect: there a chunk is what is held.
  test.each([
    ["undici", undefined, 16 * MIB],
    ["fetch", 8 * MIB, 48 * MIB],
  ] as const)(
    "are uploaded on %s (chunks of %s bytes) in constant memory",
    async (transport, chunkBytes, mostBytes) => {
      await using server = await startTusServer()
      const own = chunkBytes === undefined ? {} : { chunkBytes }
      const child = run({ url: `${server.origin}/files`, file, resumeFile: `${file}.json`, transport, ...own })
      let last: ChildLine | undefined
      for await (const line of child.lines) last = line
      if (last === undefined || !("url" in last)) throw new Error("the child told no end")
      expect(await sha256(server.fileOf(last.url))).toBe(await sha256(file))
      expect(last.mostHeldBytes).toBeLessThan(mostBytes)
      expect(last.grewBytes).toBeLessThan(160 * MIB)
    },
    120_000,
  )
})

/** A process of its own that uploads; what it tells, and how to kill it. */
function run(input: ChildInput) {
  const program = [fileURLToPath(new URL("upload.child.ts", import.meta.url)), JSON.stringify(input)]
  const args = ["--conditions=@steadfetch/source", "--expose-gc", ...program]
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
  const closed = once(child, "close")
  async function* lines(): AsyncGenerator<ChildLine> {
    for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line) as ChildLine
    await closed
  }
  return { lines: lines(), kill: () => child.kill("SIGKILL") }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256")
  await pipeline(createReadStream(file), hash)
  return hash.digest("hex")
}
