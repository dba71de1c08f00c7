import { createHash } from "node:crypto"
import { rmSync, utimesSync, writeFileSync } from "node:fs"
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { downloads } from "@steadfetch/node"
import { NoReplyError, NotFoundError, steadfetch } from "steadfetch"
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { INSTALLING_MS, nginxProgram, startNginx, type Nginx, type NginxSettings } from "../nginx/nginx.ts"
import { makeTransport, transportNames, type TransportName } from "../transports.ts"
import { startCuttingProxy, type CuttingProxy } from "./cutting-proxy.ts"

beforeAll(nginxProgram, INSTALLING_MS)

let files: string
let directory: string

beforeEach(async () => {
  files = await mkdtemp(join(tmpdir(), "served-"))
  directory = await mkdtemp(join(tmpdir(), "downloaded-"))
})

afterEach(() => Promise.all([files, directory].map((path) => rm(path, { recursive: true }))))

/** Connections break after so many bytes: of fewer, fetch may hand over none before it tells that they broke. */
const PIECE = 800_000

const FIRST = "first ".repeat(1_000_000)
const SECOND = "other.".repeat(1_000_000)

/** Serves a file whose version, and so its ETag, changes when it is written anew. */
function serve(text: string, modifiedAt: string): void {
  rmSync(join(files, "file.txt"), { force: true })
  writeFileSync(join(files, "file.txt"), text)
  utimesSync(join(files, "file.txt"), new Date(modifiedAt), new Date(modifiedAt))
}

async function start(more: Partial<NginxSettings> = {}): Promise<Nginx> {
  serve(FIRST, "2026-01-01T00:00:00Z")
  // Its workers run as another user.
  await chmod(files, 0o755)
  return startNginx({ server: `location / { root ${files}; }`, ...more })
}

function client(transport: TransportName, origin: string) {
  return steadfetch({ baseUrl: origin, transport: makeTransport(transport), abilities: [downloads] })
}

const resume = { baseMs: 1 }

describe.each(transportNames)("from nginx, on %s", (transport) => {
  test("a file arrives whole over connections that break", async () => {
    await using nginx = await start()
    await using proxy = await startCuttingProxy(nginx.origin, PIECE)
    const target = join(directory, "file.txt")
    const digest = { "sha-256": createHash("sha256").update(FIRST).digest("hex") }
    const done = await client(transport, proxy.origin).get("/file.txt").download(target, { resume, digest })
    expect(done).toMatchObject({ status: 206, totalBytes: 6_000_000, verifiedDigests: ["sha-256"], validator: expect.stringMatching(/^"/) }) // prettier-ignore
    expect(done.parts).toBeGreaterThan(6)
    expect(await readFile(target, "utf8")).toBe(FIRST)
  })

  test("a file that changes between two parts arrives in its new version alone", async () => {
    await using nginx = await start()
    await using proxy = await startCuttingProxy(nginx.origin, PIECE)
    const target = join(directory, "file.txt")
    let calls = 0
    const change = (): void => {
      if (++calls === 4) serve(SECOND, "2026-02-02T00:00:00Z")
    }
    const api = client(transport, proxy.origin).extend({ on: { "call-started": change } })
    const done = await api.get("/file.txt").download(target, { resume })
    expect(done.attempts.slice(0, 4).map(({ status }) => status)).toEqual([200, 206, 206, 200])
    expect(await readFile(target, "utf8")).toBe(SECOND)
    expect(await readdir(directory)).toEqual(["file.txt"])
  })

  test("a part of a file that has changed since is thrown away", async () => {
    await using nginx = await start()
    await using proxy = await startCuttingProxy(nginx.origin, Infinity)
    const target = join(directory, "file.txt")
    await interrupt(transport, proxy, target)
    serve(SECOND, "2026-02-02T00:00:00Z")
    const done = await client(transport, proxy.origin).get("/file.txt").download(target)
    expect(done).toMatchObject({ status: 200, resumedBytes: 0 })
    expect(await readFile(target, "utf8")).toBe(SECOND)
  })

  test("a part that has all bytes is completed by a 416", async () => {
    await using nginx = await start()
    await using proxy = await startCuttingProxy(nginx.origin, Infinity)
    const target = join(directory, "file.txt")
    await interrupt(transport, proxy, target)
    await writeFile(`${target}.part`, FIRST)
    const done = await client(transport, proxy.origin).get("/file.txt").download(target)
    expect(done).toMatchObject({ status: 416, totalBytes: 6_000_000, resumedBytes: 6_000_000 })
    expect(await readFile(target, "utf8")).toBe(FIRST)
  })

  test("a file that is gone ends it with nginx's words, and leaves the part", async () => {
    await using nginx = await start()
    await using proxy = await startCuttingProxy(nginx.origin, Infinity)
    const target = join(directory, "file.txt")
    await interrupt(transport, proxy, target)
    await rm(join(files, "file.txt"))
    const end = client(transport, proxy.origin).get("/file.txt").download(target)
    await expect(end).rejects.toThrow(NotFoundError)
    expect((await readdir(directory)).toSorted()).toEqual(["file.txt.part", "file.txt.part.json"])
  })

  test("what nginx would compress arrives as it is, so that it can be gone on from", async () => {
    await using nginx = await start({ server: `gzip on; gzip_types text/plain; default_type text/plain; location / { root ${files}; }` }) // prettier-ignore
    await using proxy = await startCuttingProxy(nginx.origin, PIECE)
    const target = join(directory, "file.txt")
    const done = await client(transport, proxy.origin).get("/file.txt").download(target, { resume })
    expect([done.totalBytes, done.headers.get("content-encoding")]).toEqual([6_000_000, null])
    expect(await readFile(target, "utf8")).toBe(FIRST)
  })

  test("a redirect to another origin is followed anew for each part, without the credentials", async () => {
    await using storage = await start({
      server: `location / { if ($http_authorization) { return 403; } root ${files}; }`,
    })
    await using proxy = await startCuttingProxy(storage.origin, 2 * PIECE)
    await using nginx = await startNginx({
      server: `location / { if ($http_authorization = "") { return 401; } return 302 ${proxy.origin}/file.txt?sig=$request_id; }`,
    })
    const api = client(transport, nginx.origin).extend({ headers: { authorization: "Bearer sesame" } })
    const done = await api.get("/files/7").download(directory, { resume })
    expect(done).toMatchObject({ path: join(directory, "file.txt"), totalBytes: 6_000_000 })
    expect(done.parts).toBeGreaterThan(2)
    expect(await readFile(done.path, "utf8")).toBe(FIRST)
  })
})

/** Leaves a part: ends a download over a connection that breaks, after which there is none for now. */
async function interrupt(transport: TransportName, proxy: CuttingProxy, target: string): Promise<void> {
  proxy.everyBytes = 2 * PIECE
  const onProgress = (): void => {
    proxy.everyBytes = 0
  }
  const api = client(transport, proxy.origin).extend({ retry: false })
  await expect(api.get("/file.txt").download(target, { onProgress, resume })).rejects.toThrow(NoReplyError)
  expect((await stat(`${target}.part`)).size).toBeGreaterThan(0)
  proxy.everyBytes = Infinity
}
