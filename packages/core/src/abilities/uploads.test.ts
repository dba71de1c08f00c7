import { getEventListeners } from "node:events"
import { rehearse, scriptedTransport, testRuntime } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  bearer,
  steadfetch,
  systemClock,
  uploads,
  WholeBody,
  type ClientOptions,
  type RequestOptions,
  type Transport,
  type UploadInput,
  type UploadOptions,
  type UploadProgress,
} from "../index.ts"

const URL_OF_UPLOAD = "https://api.test/files/7"
const created = { headers: { location: "/files/7", "tus-resumable": "1.0.0" } }
const at = (offset: number, more: Record<string, string> = {}) => ({
  headers: { "tus-resumable": "1.0.0", "upload-offset": String(offset), ...more },
})

type Client = Omit<ClientOptions, "transport" | "runtime" | "abilities">

/** A client, its server, and what an upload told while it ran. */
function rehearseUpload(client: Client & { pageOrigin?: string } = {}) {
  const rehearsal = rehearse({ ...client, abilities: [uploads] })
  const { api, server, run } = rehearsal
  const progress: UploadProgress[] = []
  const createdUrls: string[] = []
  const upload = (source: UploadInput, options: UploadOptions = {}, call: RequestOptions = {}) => {
    const told: UploadOptions = {
      onCreated: ({ url }) => void createdUrls.push(url),
      onProgress: (event) => void progress.push(event),
    }
    return run(api.post("/files", call).upload(source, { ...told, ...options }))
  }
  const lines = (): string[] => server.requests.map((request) => {
    const offset = request.header("upload-offset")
    return `${request.method} ${new URL(request.url).pathname}${offset === undefined ? "" : ` from ${offset}: ${request.text()}`}`
  }) // prettier-ignore
  return { ...rehearsal, upload, progress, createdUrls, lines }
}

/** Blobs are read, and digests made, on threads that a virtual clock does not see: for these, time passes, but no wait is made. */
function withoutWaits() {
  const server = scriptedTransport(systemClock)
  const api = steadfetch({ baseUrl: "https://api.test", transport: server, abilities: [uploads] })
  const upload = (source: UploadInput, options: UploadOptions = {}, attempts = 10) =>
    api.post("/files", { retry: { baseMs: 0, attempts } }).upload(source, options)
  const patches = () => server.requests.filter(({ method }) => method === "PATCH")
  return { server, upload, patches }
}

const thrown = (error: unknown): unknown => error

describe("an upload", () => {
  test("is created, and its bytes are sent in one request, with what tus asks for", async () => {
    const { server, upload, lines, progress, createdUrls, clock } = rehearseUpload()
    server.expect("POST /files").replies(201, created)
    server.expect("PATCH /files/7").replies(204, at(11))

    const { url, size, reply } = await upload("hello world", { metadata: { filename: "grüße.txt", draft: "" } })

    expect([url, size, reply.status]).toEqual([URL_OF_UPLOAD, 11, 204])
    expect(lines()).toEqual(["POST /files", "PATCH /files/7 from 0: hello world"])
    const [creation, patch] = server.requests
    expect(creation?.headers).toEqual(
      expect.arrayContaining([
        ["tus-resumable", "1.0.0"],
        ["upload-length", "11"],
        ["upload-metadata", "filename Z3LDvMOfZS50eHQ=,draft"],
        ["idempotency-key", "id-1"],
      ]),
    )
    expect(patch?.headers).toEqual([
      ["tus-resumable", "1.0.0"],
      ["content-type", "application/offset+octet-stream"],
      ["upload-offset", "0"],
      ["content-length", "11"],
    ])
    expect(createdUrls).toEqual([URL_OF_UPLOAD])
    expect(progress.map(({ transferredBytes, sentBytes, totalBytes }) => [transferredBytes, sentBytes, totalBytes])).toEqual([[0, 0, 11], [0, 11, 11], [11, 11, 11]]) // prettier-ignore
    expect([clock.pending, server.openBodies]).toEqual([0, 0])
    server.verify()
  })

  test.each<[string, UploadInput]>([
    ["text", "grüße"],
    ["bytes", new TextEncoder().encode("grüße")],
    ["a view", new DataView(new TextEncoder().encode("-grüße-").buffer, 1, 7)],
    ["an ArrayBuffer", new TextEncoder().encode("grüße").buffer],
    ["a Blob", new Blob(["grü", "ße"], { type: "text/html" })],
    ["a source of bytes", { size: 7, read: (from, to) => new TextEncoder().encode("grüße").slice(from, to) }],
    ["a source of Blobs", { size: 7, read: async (from, to) => new Blob(["grüße"]).slice(from, to) }],
    ["a source of streams", { size: 7, read: (from, to) => new Blob(["grüße"]).slice(from, to).stream() }],
    [
      "a source of pieces",
      {
        size: 7,
        async *read(from, to) {
          for (let at = from; at < to; at++) yield new TextEncoder().encode("grüße").slice(at, at + 1)
        },
      },
    ],
  ])("of %s has its bytes, in parts and after a cut", async (_, source) => {
    const { server, upload, patches } = withoutWaits()
    server.replies(201, created).replies(204, at(4)).fails("reset").replies(200, at(5)).replies(204, at(7))
    await upload(source, { chunkBytes: 4 })
    const bytes = [...new TextEncoder().encode("grüße")]
    expect(patches().map(({ body }) => [...body])).toEqual([bytes.slice(0, 4), bytes.slice(4), bytes.slice(5)])
    expect(server.requests.map(({ method }) => method)).toEqual(["POST", "PATCH", "PATCH", "HEAD", "PATCH"])
    expect(patches().at(-1)?.header("content-type")).toBe("application/offset+octet-stream")
    server.verify()
  })

  test("of nothing is whole once it is created", async () => {
    const { server, upload, progress } = rehearseUpload()
    server.replies(201, created)
    expect(await upload("")).toMatchObject({ url: URL_OF_UPLOAD, size: 0, reply: { status: 201 } })
    expect(progress).toMatchObject([{ transferredBytes: 0, totalBytes: 0 }])
    server.verify()
  })

  test("of a File tells its name and type, unless it is told what to tell", async () => {
    const { server, upload } = rehearseUpload()
    server.replies(201, created).replies(204, at(1)).replies(201, created).replies(204, at(1))
    const file = new File(["x"], "a b,c.txt", { type: "text/plain" })
    await upload(file)
    await upload(file, { metadata: {} })
    const told = server.requests.map((request) => request.header("upload-metadata"))
    expect(told).toEqual(["filename YSBiLGMudHh0,filetype dGV4dC9wbGFpbg==", undefined, undefined, undefined])
  })

  test("is not changed by what is done to the bytes meanwhile", async () => {
    const { server, upload, lines } = rehearseUpload()
    server.replies(201, created).replies(204, at(2)).replies(204, at(4))
    const bytes = new TextEncoder().encode("abcd")
    await upload(bytes, { chunkBytes: 2, onCreated: () => void bytes.fill(0) })
    expect(lines().slice(1)).toEqual(["PATCH /files/7 from 0: ab", "PATCH /files/7 from 2: cd"])
  })

  test("goes on from wherever the server is, when it stores less than it was sent", async () => {
    const { server, upload, lines } = rehearseUpload()
    server.replies(201, created).replies(204, at(3)).replies(200, at(5))
    await upload("hello")
    expect(lines()).toEqual(["POST /files", "PATCH /files/7 from 0: hello", "PATCH /files/7 from 3: lo"])
  })

  test("that is answered before the connection has asked for the end leaves nothing behind, and is silent then", async () => {
    const { clock, ...runtime } = testRuntime()
    const headers = new Headers({ location: "/files/7", "upload-offset": "5" })
    const isIdle: (() => Promise<unknown>)[] = []
    const hasty: Transport = {
      async send({ request }) {
        const content = request.body?.open()
        const pieces = typeof content === "object" && Symbol.asyncIterator in content ? content : undefined
        const iterator = pieces?.[Symbol.asyncIterator]()
        await iterator?.next()
        if (iterator !== undefined) isIdle.push(() => iterator.next())
        return { kind: "reply", status: 201, url: undefined, headers, body: new WholeBody(new Uint8Array()) }
      },
      async close() {},
    }
    const api = steadfetch({ baseUrl: "https://api.test", transport: hasty, runtime: { ...runtime, clock }, abilities: [uploads] }) // prettier-ignore
    const told: number[] = []
    await clock.runUntil(
      api.post("/files").upload("hello", { onProgress: ({ sentBytes }) => void told.push(sentBytes) }),
    )
    expect(isIdle).toHaveLength(1)
    for (const ask of isIdle) expect(await ask()).toEqual({ done: true, value: undefined })
    expect([told, clock.pending]).toEqual([[0, 5], 0])
  })

  test("tells until when it can be resumed", async () => {
    const { server, upload, progress, createdUrls } = rehearseUpload()
    const expires = "Wed, 25 Jun 2070 16:00:00 GMT"
    server.replies(201, { headers: { ...created.headers, "upload-expires": expires } })
    server.replies(204, at(1, { "upload-expires": "Thu, 26 Jun 2070 16:00:00 GMT" })).replies(204, at(2))
    const told: (Date | undefined)[] = []
    await upload("ab", { onCreated: ({ expiresAt }) => void told.push(expiresAt) })
    expect([told, createdUrls]).toEqual([[new Date(expires)], []])
    expect(progress.at(-1)?.expiresAt).toEqual(new Date("2070-06-26T16:00:00Z"))
  })
})

describe("after a failure the server is asked where to go on, and", () => {
  const failures: [string, (server: ReturnType<typeof rehearseUpload>["server"]) => unknown][] = [
    ["a reset", (server) => server.fails("reset")],
    ["a refused connection", (server) => server.fails("refused")],
    ["500", (server) => server.replies(500)],
    ["503", (server) => server.replies(503, { headers: { "retry-after": "1" } })],
    ["429 that names a time", (server) => server.replies(429, { headers: { "retry-after": "1" } })],
    ["409: another offset", (server) => server.replies(409)],
    ["423: a lock", (server) => server.replies(423)],
    ["460: a checksum that does not fit", (server) => server.replies(460)],
    ["204 that took nothing", (server) => server.replies(204, at(0))],
  ]

  test.each(failures)("%s costs what was under way", async (_, fail) => {
    const { server, upload, lines, clock } = rehearseUpload()
    server.replies(201, created)
    fail(server)
    server.replies(200, at(3)).replies(204, at(5))
    await upload("hello")
    expect(lines().map((line) => line.slice(0, 20))).toEqual(["POST /files", "PATCH /files/7 from ", "HEAD /files/7", "PATCH /files/7 from "]) // prettier-ignore
    expect(lines().at(-1)).toBe("PATCH /files/7 from 3: lo")
    expect(clock.pending).toBe(0)
    server.verify()
  })

  test("a lost reply to the last bytes costs nothing but the question", async () => {
    const { server, upload, lines } = rehearseUpload()
    server.replies(201, created).fails("reset").replies(200, at(5))
    expect(await upload("hello")).toMatchObject({ url: URL_OF_UPLOAD, reply: { status: 200 } })
    expect(lines()).toEqual(["POST /files", "PATCH /files/7 from 0: hello", "HEAD /files/7"])
  })

  test("a server that has less than it said gets those bytes again", async () => {
    const { server, upload, lines, progress } = rehearseUpload()
    server.replies(201, created).replies(204, at(4)).fails("reset").replies(200, at(2)).replies(204, at(5))
    await upload("hello", { chunkBytes: 4 })
    expect(lines().at(-1)).toBe("PATCH /files/7 from 2: llo")
    const told = progress.map(({ transferredBytes }) => transferredBytes)
    expect(told).toEqual(told.toSorted((a, b) => a - b))
    expect(progress.every(({ sentBytes, transferredBytes }) => sentBytes >= transferredBytes)).toBe(true)
  })

  test("the wait is what the server asks for, and more", async () => {
    const { server, upload } = rehearseUpload()
    server
      .replies(201, created)
      .replies(503, { headers: { "retry-after": "7" } })
      .replies(200, at(0))
      .replies(204, at(1))
    await upload("x")
    const [, , head] = server.requests
    expect(head?.startedAtMs).toBeGreaterThanOrEqual(7000)
    expect(head?.startedAtMs).toBeLessThan(7500)
  })

  test("413 to a PATCH makes the next ones smaller", async () => {
    const { server, upload, patches } = withoutWaits()
    server.replies(201, created).replies(413, { body: "at most 100 kB" }).replies(200, at(0))
    for (const kib of [75, 150, 225, 300]) server.replies(204, at(kib * 1024))
    await upload(new Uint8Array(300 * 1024))
    expect(patches().map(({ body }) => body.length / 1024)).toEqual([300, 75, 75, 75, 75])
    server.verify()
  })

  test("a line that loses every long request gets shorter ones, and longer ones again when they arrive", async () => {
    const { server, upload, patches } = withoutWaits()
    const kib = 1024
    server.replies(201, created)
    server.fails("reset").replies(200, at(0)).replies(502).replies(200, at(0))
    for (const sent of [100, 300, 400]) server.replies(204, at(sent * kib))
    await upload(new Uint8Array(400 * kib))
    expect(patches().map(({ body }) => body.length / kib)).toEqual([400, 400, 100, 200, 100])
    server.verify()
  })

  test("413 to a small PATCH is the server's last word", async () => {
    const { server, upload } = rehearseUpload()
    server.replies(201, created).replies(413, { body: { json: { message: "no room" } } })
    await expect(upload("hello")).rejects.toThrow("413 Content Too Large: no room")
    server.verify()
  })

  test("a HEAD that meets a lock is asked again", async () => {
    const { server, upload, lines } = rehearseUpload()
    server.replies(201, created).fails("reset").replies(423).replies(423).replies(200, at(0)).replies(204, at(1))
    await upload("x")
    expect(lines().map((line) => line.split(" ")[0])).toEqual(["POST", "PATCH", "HEAD", "HEAD", "HEAD", "PATCH"])
  })
})

describe("an upload ends with the server's message", () => {
  test.each([
    ["400", 400],
    ["403", 403],
    ["415", 415],
    ["429 that names no time", 429],
  ])("on %s to a PATCH", async (_, status) => {
    const { server, upload, clock } = rehearseUpload()
    server.replies(201, created).replies(status, { body: { json: { message: "not like this" } } })
    const error = await upload("hello").catch(thrown)
    expect(error).toMatchObject({ name: expect.stringMatching(/Error$/) as string, status, method: "PATCH" })
    expect((error as Error).message).toContain("not like this")
    expect(clock.pending).toBe(0)
    server.verify()
  })

  test("when it is too large from the start", async () => {
    const { server, upload } = rehearseUpload()
    server.replies(413, { body: "Maximum size exceeded" })
    await expect(upload("hello")).rejects.toThrow("POST https://api.test/files → 413 Content Too Large: Maximum size exceeded")
    server.verify()
  }) // prettier-ignore

  test("when the versions differ, and says which it speaks", async () => {
    const { server, upload } = rehearseUpload()
    server.replies(412, { headers: { "tus-version": "2.0.0,1.1.0" } })
    const error = await upload("hello").catch(thrown)
    expect(error).toMatchObject({ name: "PreconditionFailedError", status: 412 })
    expect((error as Error).message).toBe(
      "POST https://api.test/files → 412 Precondition Failed (the server speaks tus 2.0.0,1.1.0, and this client 1.0.0)",
    )
  })

  test("after so many tries in a row without progress, and says where it stopped", async () => {
    const { server, upload, lines, clock } = rehearseUpload()
    server.replies(201, created).replies(204, at(2))
    for (let tries = 0; tries < 3; tries++) server.replies(503, { body: { json: { message: "maintenance" } } }).replies(200, at(2)) // prettier-ignore
    const error = await upload("hello", { chunkBytes: 2 }, { retry: { attempts: 3 } }).catch(thrown)
    expect(error).toMatchObject({ name: "ServiceUnavailableError", status: 503, serverMessage: "maintenance" })
    const message = "PATCH https://api.test/files/7 → 503 Service Unavailable: maintenance (the upload stopped at byte 2 of 5, after 3 tries without progress; resume it later)"
    expect((error as Error).message).toBe(message)
    expect((error as Error).stack).toContain(message)
    expect(lines().filter((line) => line.startsWith("PATCH"))).toHaveLength(4)
    expect(clock.pending).toBe(0)
  }) // prettier-ignore

  test("after ten tries, with waits that grow, when nothing else is said", async () => {
    const { server, upload, clock } = rehearseUpload({ retry: { budget: false } })
    server.replies(201, created)
    for (let tries = 0; tries < 10; tries++) server.fails("reset").replies(200, at(0))
    await expect(upload("hello")).rejects.toThrow(/after 10 tries without progress/)
    const patches = server.requests.filter(({ method }) => method === "PATCH").map(({ startedAtMs }) => startedAtMs)
    expect(patches).toHaveLength(10)
    expect(clock.now()).toBeGreaterThan(10_000)
  })

  test("tries count anew when something moved", async () => {
    const { server, upload } = rehearseUpload()
    server.replies(201, created)
    for (let tries = 0; tries < 4; tries++) server.fails("reset").replies(200, at(tries + 1))
    server.replies(204, at(5))
    expect((await upload("hello", {}, { retry: { attempts: 2 } })).size).toBe(5)
    server.verify()
  })

  test("at once where retries are off for the call", async () => {
    const { server, upload } = rehearseUpload()
    server.replies(201, created).fails("reset")
    const error = await upload("hello", {}, { retry: false }).catch(thrown)
    expect(error).toMatchObject({ name: "NoReplyError", code: "reset" })
    expect((error as Error).message).toContain("after 1 try without progress")
  })

  test("when a server asks for a longer wait than anyone has", async () => {
    const { server, upload, clock } = rehearseUpload()
    server.replies(201, created).replies(503, { headers: { "retry-after": "3600" } })
    const error = await upload("hello").catch(thrown)
    expect(error).toMatchObject({ status: 503, retryAt: new Date(clock.date() + 3_600_000) })
    expect(clock.now()).toBe(0)
  })

  test("when all of it takes longer than the call's deadline, which is for all requests together", async () => {
    const { server, upload, clock } = rehearseUpload()
    server.replies(201, { ...created, delayMs: 300 }).hangs()
    await expect(upload("hello", {}, { deadline: 1000 })).rejects.toMatchObject({ name: "TimeoutError", limit: "deadline" })
    expect([clock.now(), clock.pending]).toEqual([1000, 0])
  }) // prettier-ignore

  test("waits that are longer in all than maxWaitMs end it", async () => {
    const { server, upload, clock } = rehearseUpload()
    server.replies(201, created)
    for (let tries = 0; tries < 3; tries++) server.replies(503, { headers: { "retry-after": "2" } }).replies(200, at(0))
    await expect(upload("hello", {}, { retry: { baseMs: 0, maxWaitMs: 5000 } })).rejects.toThrow("after 3 tries")
    expect(clock.now()).toBe(4000)
  })

  test("no time limit but a stall's is on a PATCH", async () => {
    const { server, upload, clock } = rehearseUpload()
    server.replies(201, created).replies(204, { ...at(5), delayMs: 59_999 })
    await upload("hello")
    expect(clock.now()).toBe(59_999)
  })

  test("a limit on stalls is none on a PATCH that takes its time", async () => {
    const { server, upload, lines } = rehearseUpload()
    server.expect("POST /files").replies(201, created)
    server.expect("PATCH /files/7").replies(204, { ...at(5), delayMs: 25_000 })
    await upload("hello", {}, { timeout: { stallMs: 30_000 } })
    expect(lines()).toEqual(["POST /files", "PATCH /files/7 from 0: hello"])
  })

  test("a PATCH that stalls is cut off, and the upload goes on", async () => {
    const { server, upload, clock, lines } = rehearseUpload()
    server.replies(201, created).hangs().replies(200, at(5))
    await upload("hello", {}, { timeout: { stallMs: 3000 } })
    expect(lines()).toEqual(["POST /files", "PATCH /files/7 from 0: hello", "HEAD /files/7"])
    expect(clock.now()).toBeGreaterThanOrEqual(3000)
    expect(clock.now()).toBeLessThan(3600)
    expect(clock.pending).toBe(0)
  })

  test("a slow source is no stall", async () => {
    const { server, upload, clock } = rehearseUpload()
    server.replies(201, created).replies(204, at(1))
    const read = async (): Promise<Uint8Array<ArrayBuffer>> => {
      await new Promise<void>((resolve) => clock.after(100_000, resolve))
      return new Uint8Array(1)
    }
    await upload({ size: 1, read })
    expect(clock.now()).toBe(100_000)
  })
})

describe("what the server says has to be tus", () => {
  test.each<[string, number, Record<string, string>, string]>([
    ["without Location", 201, {}, "no Location"],
    ["that is no creation", 302, { location: "/files/7" }, "no reply of a tus server"],
    ["to another scheme", 201, { location: "ftp://api.test/7" }, "is no http(s) URL"],
    ["to no URL", 201, { location: "https://[" }, "is no http(s) URL"],
    ["from https to http", 201, { location: "http://api.test/files/7" }, "would send over http"],
    ["with credentials", 201, { location: "https://u:hunter2@api.test/7" }, "holds credentials"],
  ])("a creation %s ends it", async (_, status, headers, message) => {
    const { server, upload } = rehearseUpload()
    server.replies(status, { headers })
    const error = await upload("hello", {}, { redirect: "manual" }).catch(thrown)
    expect(error).toMatchObject({ name: "CallError", method: "POST", attempts: [{ status }] })
    expect((error as Error).message).toContain(message)
    expect((error as Error).message).not.toContain("hunter2")
    server.verify()
  })

  test.each([
    ["none", {}],
    ["no number", { "upload-offset": "5 bytes" }],
    ["a negative one", { "upload-offset": "-1" }],
    ["one before what was sent", { "upload-offset": "1" }],
    ["one beyond what was sent", { "upload-offset": "5" }],
  ])("an offset after a PATCH that is %s ends it", async (_, headers: Record<string, string>) => {
    const { server, upload } = rehearseUpload()
    server.replies(201, created).replies(204, at(2)).replies(204, { headers })
    await expect(upload("hello", { chunkBytes: 2 })).rejects.toThrow(
      "PATCH https://api.test/files/7 → 204 No Content: no Upload-Offset from 2 to 4; is it a tus server",
    )
    server.verify()
  })

  test.each([
    ["no offset", {}, "no Upload-Offset up to 5"],
    ["an offset beyond the end", { "upload-offset": "6" }, "no Upload-Offset up to 5"],
    ["another length", { "upload-offset": "2", "upload-length": "9" }, "that upload has 9 bytes, and the source 5"],
  ])("HEAD with %s ends it", async (_, headers: Record<string, string>, message) => {
    const { server, upload } = rehearseUpload()
    server.replies(200, { headers })
    await expect(upload("hello", { resume: URL_OF_UPLOAD })).rejects.toThrow(message)
    server.verify()
  })

  test("a creation with 200 and a Location is one", async () => {
    const { server, upload } = rehearseUpload()
    server.replies(200, { headers: { location: "7" } }).replies(204, at(5))
    expect((await upload("hello")).url).toBe("https://api.test/7")
  })
})

describe("an upload that was begun before", () => {
  test.each([
    ["its URL", URL_OF_UPLOAD],
    ["a URL object", new URL(URL_OF_UPLOAD)],
    ["a path", "/files/7"],
  ])("goes on where it was left, given %s", async (_, resume) => {
    const { server, upload, lines, createdUrls, progress } = rehearseUpload()
    server.expect("HEAD /files/7").replies(200, at(3, { "upload-length": "5", "cache-control": "no-store" }))
    server.expect("PATCH /files/7").replies(204, at(5))
    expect(await upload("hello", { resume })).toMatchObject({ url: URL_OF_UPLOAD, size: 5 })
    expect(lines()).toEqual(["HEAD /files/7", "PATCH /files/7 from 3: lo"])
    expect(createdUrls).toEqual([])
    expect(progress.map(({ transferredBytes, sentBytes }) => [transferredBytes, sentBytes])).toEqual([[3, 3], [3, 5], [5, 5]]) // prettier-ignore
  })

  test("needs nothing more when it is whole", async () => {
    const { server, upload, lines } = rehearseUpload()
    server.replies(200, at(5))
    await upload("hello", { resume: URL_OF_UPLOAD })
    expect(lines()).toEqual(["HEAD /files/7"])
  })

  test.each([404, 410])("and that the server has forgotten (%i) is begun anew", async (status) => {
    const { server, upload, lines, createdUrls } = rehearseUpload()
    server.replies(status).replies(201, created).replies(204, at(5))
    await upload("hello", { resume: "/files/6" })
    expect(lines()).toEqual(["HEAD /files/6", "POST /files", "PATCH /files/7 from 0: hello"])
    expect(createdUrls).toEqual([URL_OF_UPLOAD])
  })

  test("is not begun anew where that is not wanted, and never twice", async () => {
    const { server, upload, createdUrls } = rehearseUpload()
    server.replies(404)
    await expect(upload("hello", { resume: "/files/6", startOver: false })).rejects.toMatchObject({ status: 404 })
    server.replies(404).replies(201, created).replies(410)
    await expect(upload("hello", { resume: "/files/6" })).rejects.toMatchObject({ status: 410, method: "PATCH" })
    expect(createdUrls).toEqual([URL_OF_UPLOAD])
    server.verify()
  })

  test("is begun anew under another key when the call brought its own", async () => {
    const { server, upload } = rehearseUpload()
    server.replies(201, created).replies(404).replies(201, created).replies(204, at(5))
    await upload("hello", {}, { idempotencyKey: "mine" })
    const keys = server.requests.map((request) => request.header("idempotency-key"))
    expect(keys).toEqual(["mine", undefined, expect.stringMatching(/^id-/), undefined])
  })
})

describe("credentials and fields", () => {
  test("of the client and of the call go to uploads of the same origin", async () => {
    const { server, upload } = rehearseUpload({ auth: bearer("sesame-open"), headers: { "x-tenant": "7" } })
    server.replies(201, created).fails("reset").replies(200, at(0)).replies(204, at(5))
    await upload("hello", {}, { headers: { "x-trace": "1", "Content-Type": "text/plain", "Idempotency-Key": "k" } })
    for (const request of server.requests)
      expect([request.header("authorization"), request.header("x-tenant"), request.header("x-trace")]).toEqual(["Bearer sesame-open", "7", "1"]) // prettier-ignore
    expect(server.requests.map((request) => request.header("idempotency-key"))).toEqual(["k", undefined, undefined, undefined]) // prettier-ignore
  })

  test("stay away from uploads of another origin", async () => {
    const { server, upload } = rehearseUpload({ auth: bearer("sesame-open"), headers: { "x-api-key": "sesame" } })
    server.replies(201, { headers: { location: "https://storage.test/7" } }).fails("reset").replies(200, at(0)).replies(204, at(5)) // prettier-ignore
    expect((await upload("hello", {}, { headers: { authorization: "Basic x", "x-trace": "1" } })).url).toBe("https://storage.test/7") // prettier-ignore
    const [, ...away] = server.requests
    for (const { headers } of away) expect(JSON.stringify(headers)).not.toMatch(/sesame|Basic|x-trace|x-api-key/)
    expect(away).toHaveLength(3)
  })

  test("of a client without a baseUrl, which go everywhere, are not sent to another origin", async () => {
    const { clock, ...runtime } = testRuntime()
    const server = scriptedTransport(clock)
    const api = steadfetch({
      headers: { "x-api-key": "sesame-open" },
      transport: server,
      runtime: { ...runtime, clock },
      abilities: [uploads],
    })
    server.replies(201, { headers: { location: "https://storage.test/7" } })
    server.replies(204, { headers: { "upload-offset": "5" } }).replies(204)
    const call = api.post("https://api.test/files")
    await clock.runUntil(call.upload("hello"))
    await clock.runUntil(call.terminateUpload("https://storage.test/7"))
    expect(server.requests.map(({ method }) => method)).toEqual(["POST", "PATCH", "DELETE"])
    expect(server.requests.map((request) => request.header("x-api-key"))).toEqual(["sesame-open", undefined, undefined])
  })

  test("that stand in the upload's URL stay out of messages", async () => {
    const { server, upload } = rehearseUpload()
    server.replies(201, { headers: { location: "/files/7?token=sesame-open" } }).replies(403)
    const error = await upload("hello").catch(thrown)
    expect((error as Error).message).toContain("PATCH https://api.test/files/7?token=REDACTED → 403")
    expect(JSON.stringify(error)).not.toContain("sesame")
  })

  test("the upload's URL is resolved against what answered, and has no query of the creation", async () => {
    const { server, upload } = rehearseUpload({ query: { tenant: "7" } })
    server.replies(308, { headers: { location: "/v2/files?x=1" } }).replies(201, { headers: { location: "files/8" } }).replies(204, at(5)) // prettier-ignore
    expect((await upload("hello", {}, { query: { folder: "a" } })).url).toBe("https://api.test/v2/files/8")
    expect(server.requests.at(0)?.url).toBe("https://api.test/files?tenant=7&folder=a")
    expect(server.requests.at(-1)?.url).toBe("https://api.test/v2/files/8?tenant=7")
  })
})

describe("an abort", () => {
  type Scene = (server: ReturnType<typeof rehearseUpload>["server"]) => unknown
  const moments: [string, Scene, UploadOptions?, UploadInput?][] = [
    ["while it is created", (server) => server.hangs()],
    ["while it is told", (server) => server.replies(201, created), { onCreated: () => new Promise(() => {}) }],
    ["while bytes are sent", (server) => server.replies(201, created).hangs()],
    ["while it waits", (server) => server.replies(201, created).replies(503, { headers: { "retry-after": "30" } })],
    ["while it is asked for", (server) => server.replies(201, created).fails("reset").hangs()],
    ["while a resumed one is asked for", (server) => server.hangs(), { resume: "/files/7" }],
    ["while its source takes its time", (server) => server.replies(201, created), {}, { size: 5, read: () => new Promise(() => {}) }], // prettier-ignore
    ["while its source takes its time for a checksum", (server) => server.replies(204, { headers: { "tus-extension": "checksum", "tus-checksum-algorithm": "sha1" } }).replies(201, created), { checksum: "sha1" }, { size: 5, read: () => new Promise(() => {}) }], // prettier-ignore
    ["while it is discovered", (server) => server.hangs(), { checksum: "sha1" }],
  ]

  test.each(moments)("%s ends it at once with its reason, and leaves nothing", async (_, scene, options, source) => {
    const { server, upload, clock } = rehearseUpload()
    scene(server)
    server.otherwise.hangs()
    const controller = new AbortController()
    const reason = new Error("enough")
    clock.after(1000, () => controller.abort(reason))
    const end = await upload(source ?? "hello", options, { signal: controller.signal }).catch(thrown)
    expect(end).toBe(reason)
    expect([clock.now(), clock.pending, server.openBodies]).toEqual([1000, 0, 0])
    // What never ends of itself is still listened to, should it end.
    const isEndless = options?.onCreated !== undefined || source !== undefined
    expect(getEventListeners(controller.signal, "abort").length).toBeLessThanOrEqual(isEndless ? 1 : 0)
  })

  test("leaves an upload that can be resumed", async () => {
    const { server, upload, clock, createdUrls } = rehearseUpload()
    server.replies(201, created).hangs()
    const controller = new AbortController()
    clock.after(1000, () => controller.abort("pause"))
    expect(await upload("hello", {}, { signal: controller.signal }).catch(thrown)).toBe("pause")
    server.replies(200, at(3)).replies(204, at(5))
    await upload("hello", { resume: createdUrls[0] ?? "" })
    server.verify()
  })

  test("before it begins sends nothing", async () => {
    const { server, upload } = rehearseUpload()
    expect(await upload("hello", {}, { signal: AbortSignal.abort("no") }).catch(thrown)).toBe("no")
    expect(server.requests).toEqual([])
  })

  test("nothing is left on the signal when it was not used", async () => {
    const { server, upload } = rehearseUpload()
    server.replies(201, created).fails("reset").replies(200, at(0)).replies(204, at(5))
    const { signal } = new AbortController()
    await upload("hello", {}, { signal })
    expect(getEventListeners(signal, "abort")).toEqual([])
  })
})

describe("checksums", () => {
  const able = { headers: { "tus-extension": "creation, checksum", "tus-checksum-algorithm": "md5, sha1,sha256" } }

  test.each([
    ["sha1", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="],
    ["sha256", "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="],
  ] as const)("%s are sent when the server checks them", async (checksum, value) => {
    const { server, upload } = withoutWaits()
    server.expect("OPTIONS /files").replies(204, able)
    server.expect("POST /files").replies(201, created)
    server.expect("PATCH /files/7").replies(204, at(11))
    await upload("hello world", { checksum })
    const [options, , patch] = server.requests
    expect(options?.header("tus-resumable")).toBeUndefined()
    expect(patch?.header("upload-checksum")).toBe(value)
  })

  test("that do not fit (460) are sent again, with their bytes", async () => {
    const { server, upload, patches } = withoutWaits()
    server.replies(204, able).replies(201, created).replies(460).replies(200, at(0)).replies(204, at(3)).replies(204, at(5)) // prettier-ignore
    await upload("hello", { checksum: "sha1", chunkBytes: 3 })
    expect(patches().map((request) => request.text())).toEqual(["hel", "hel", "lo"])
    server.verify()
  })

  test("that never fit end it", async () => {
    const { server, upload } = withoutWaits()
    server.replies(204, able).replies(201, created)
    for (let tries = 0; tries < 3; tries++) server.replies(460, { body: "Checksum Mismatch" }).replies(200, at(0))
    await expect(upload("hello", { checksum: "sha1" }, 3)).rejects.toThrow(/460.*after 3 tries/)
  }) // prettier-ignore

  test.each([
    ["does not check any", { "tus-extension": "creation" }],
    ["checks others", { "tus-extension": "checksum", "tus-checksum-algorithm": "md5" }],
  ])("are not promised where the server %s", async (_, headers) => {
    const { server, upload } = withoutWaits()
    server.replies(204, { headers })
    await expect(upload("hello", { checksum: "sha256" })).rejects.toThrow('the server checks no sha256 checksums; leave "checksum" out') // prettier-ignore
    server.verify()
  })

  test("hold chunks of 8 MiB, unless told otherwise", async () => {
    const { server, upload } = withoutWaits()
    const mib = 1024 * 1024
    server
      .replies(204, able)
      .replies(201, created)
      .replies(204, at(8 * mib))
      .replies(204, at(9 * mib))
    await upload(new Blob([new Uint8Array(9 * mib)]), { checksum: "sha1" })
    expect(server.requests.slice(2).map(({ body }) => body.length)).toEqual([8 * mib, mib])
  })
})

describe("in a web page", () => {
  const page = { pageOrigin: "https://page.test" }

  test("bodies are no streams, fields are those that tus servers allow, and what is sent is not seen", async () => {
    const { server, upload, progress } = rehearseUpload(page)
    server.replies(201, created).replies(204, at(3)).replies(204, at(5))
    await upload(new Blob(["hello"]), { chunkBytes: 3 })
    expect(server.requests.map(({ headers }) => headers.map(([name]) => name))).toEqual([
      ["tus-resumable", "upload-length"],
      ["tus-resumable", "content-type", "upload-offset"],
      ["tus-resumable", "content-type", "upload-offset"],
    ])
    expect(server.requests.map((request) => request.text())).toEqual(["", "hel", "lo"])
    expect(progress.map(({ transferredBytes, sentBytes }) => [transferredBytes, sentBytes])).toEqual([[0, 0], [3, 3], [5, 5]]) // prettier-ignore
  })

  test("a source of streams is put together", async () => {
    const { server, upload } = rehearseUpload(page)
    server.replies(201, created).replies(204, at(5))
    await upload({ size: 5, read: (from, to) => new Blob(["hello"]).slice(from, to).stream() })
    expect(server.requests.at(-1)?.text()).toBe("hello")
  })

  test("a long request is no stall", async () => {
    const { server, upload, clock } = rehearseUpload(page)
    server.replies(201, created).replies(204, { ...at(5), delayMs: 600_000 })
    await upload(new Blob(["hello"]))
    expect(clock.now()).toBe(600_000)
  })
})

describe("what the source throws ends it as it is", () => {
  const defect = new Error("the disk is gone")

  test.each<[string, UploadInput, UploadOptions?]>([
    [
      "at once",
      {
        size: 5,
        read: () => {
          throw defect
        },
      },
    ],
    ["later", { size: 5, read: () => Promise.reject(defect) }],
    [
      "in the middle",
      {
        size: 5,
        async *read() {
          yield new Uint8Array(2)
          throw defect
        },
      },
    ],
  ])("%s", async (_, source, options) => {
    // prettier-ignore
    const { server, upload, clock } = rehearseUpload()
    server.replies(201, created).replies(204, at(5))
    expect(await upload(source, options).catch(thrown)).toBe(defect)
    expect(clock.pending).toBe(0)
  })

  test.each<[string, Uint8Array<ArrayBuffer>, string]>([
    ["fewer bytes", new Uint8Array(4), "bytes 0 to 5, which are 5, and gave 4"],
    ["more bytes", new Uint8Array(6), "bytes 0 to 5, which are 5, and gave more"],
  ])("also that it gives %s than it said", async (_, bytes, message) => {
    for (const options of [{}, page()]) {
      const { server, upload } = rehearseUpload(options)
      server.replies(201, created).replies(204, at(5))
      await expect(upload({ size: 5, read: () => bytes })).rejects.toThrow(message)
    }
  })

  test("what a listener throws does, too", async () => {
    for (const throwing of [
      {
        onProgress: () => {
          throw defect
        },
      },
      {
        onCreated: () => {
          throw defect
        },
      },
    ]) {
      // prettier-ignore
      const { server, upload } = rehearseUpload()
      server.replies(201, created).replies(204, at(5))
      expect(await upload("hello", throwing).catch(thrown)).toBe(defect)
    }
  })

  function page() {
    return { pageOrigin: "https://page.test" }
  }
})

describe("what cannot work is refused before anything is sent", () => {
  const stream = new Blob(["x"]).stream()
  test.each<[string, unknown, unknown, string]>([
    ["a stream", stream, {}, "source: a stream, which cannot be read again"],
    ["an iterable", (async function* () {})(), {}, "source: a stream, which cannot be read again"],
    ["nothing", undefined, {}, "source: undefined; give a Blob or File, bytes, a text, or { size, read(from, to) }"],
    ["an object", { size: 5 }, {}, "source: an object (Object); give a Blob"],
    ["a size that is none", { size: 1.5, read: () => "" }, {}, "source.size: 1.5; give a whole number of bytes"],
    ["an unknown option", "x", { chunk: 5 }, 'no option "chunk"; there is metadata, chunkBytes'],
    ["a chunk of nothing", "x", { chunkBytes: 0 }, "chunkBytes: 0; give a number from 1"],
    ["half a byte", "x", { chunkBytes: 1.5 }, "chunkBytes: 1.5; give a whole number"],
    ["an unknown checksum", "x", { checksum: "md5" }, 'checksum: "md5"; give "sha1" or "sha256"'],
    ["a name of Object's", "x", { checksum: "toString" }, 'checksum: "toString"; give'],
    ["a listener that is none", "x", { onProgress: 1 }, "onProgress: 1; give a function"],
    ["another one", "x", { onCreated: "x" }, 'onCreated: "x"; give a function'],
    ["no yes or no", "x", { startOver: 1 }, "startOver: 1; give true or false"],
    ["metadata that are none", "x", { metadata: 5 }, "metadata: a number; give { name: value }"],
    ["a name with a space", "x", { metadata: { "a b": "" } }, 'metadata: name "a b": not printable ASCII'],
    ["a name with a comma", "x", { metadata: { "a,b": "" } }, 'metadata: name "a,b"'],
    ["an empty name", "x", { metadata: { "": "x" } }, 'metadata: name ""'],
    ["a name beyond ASCII", "x", { metadata: { grüße: "x" } }, 'metadata: name "grüße"'],
    ["a value that is none", "x", { metadata: { a: 5 } }, "metadata.a: a number; give a text or bytes"],
    ["a URL to resume that is none", "x", { resume: "ftp://x.test" }, 'resume: "ftp://x.test" is no http(s) URL; give the URL that onCreated told'], // prettier-ignore
    [
      "a URL to resume over http",
      "x",
      { resume: "http://api.test/7" },
      "resume: http://api.test/7 would send over http",
    ],
  ])("%s", async (_, source, options, message) => {
    const { server, upload } = rehearseUpload()
    await expect(upload(source as string, options as UploadOptions)).rejects.toThrow(message)
    expect(server.requests).toEqual([])
  })

  test("a call that is no creation", async () => {
    const { api, server, run } = rehearseUpload()
    await expect(run(api.put("/files").upload("x"))).rejects.toThrow("upload: the call is a PUT; give a POST")
    await expect(run(api.post("/files", { json: {} }).upload("x"))).rejects.toThrow('upload: the call has a "json"')
    await expect(run(api.post("/files", { deadline: 0 }).upload("x"))).rejects.toThrow("deadline")
    expect(server.requests).toEqual([])
  })
})

describe("terminateUpload", () => {
  test.each([204, 404, 410])("frees the upload; %i says that it is gone", async (status) => {
    const { api, server, run } = rehearseUpload()
    server.expect("DELETE /files/7").replies(status)
    expect(await run(api.post("/files").terminateUpload("/files/7"))).toBeUndefined()
    expect(server.requests[0]?.header("tus-resumable")).toBe("1.0.0")
  })

  test("throws what the server says against it", async () => {
    const { api, server, run } = rehearseUpload()
    server.replies(403, { body: { json: { message: "it is complete" } } })
    await expect(run(api.post("/files").terminateUpload(URL_OF_UPLOAD))).rejects.toThrow("403 Forbidden: it is complete")
  }) // prettier-ignore

  test("refuses what is no URL", async () => {
    const { api, run } = rehearseUpload()
    await expect(run(api.post("/files").terminateUpload("ftp://x"))).rejects.toThrow("terminateUpload:")
  })
})
