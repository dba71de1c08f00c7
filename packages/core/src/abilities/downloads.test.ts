import { createHash } from "node:crypto"
import { getEventListeners } from "node:events"
import { rehearse, type ScriptedReply, type ScriptedRequest } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  BodyError,
  NoReplyError,
  NotFoundError,
  TimeoutError,
  type DownloadOptions,
  type DownloadTarget,
  type KeptPart,
  type Representation,
  type TransferProgress,
} from "../index.ts"
import { downloads } from "./downloads.ts"

const WHOLE = "0123456789"
const TAG = '"v1"'
const hashes = { "sha-256": () => createHash("sha256"), "sha-512": () => createHash("sha512") }
const digestOf = (text: string, algorithm = "sha256") => createHash(algorithm).update(text).digest("base64")
const field = (text: string, name = "sha-256") => `${name}=:${digestOf(text, name.replace("-", ""))}:`

const bytes = (text: string) => new TextEncoder().encode(text)

const NOW = "Tue, 02 Jun 2026 12:00:00 GMT"
const HOUR_AGO = "Tue, 02 Jun 2026 11:00:00 GMT"

type Fields = Record<string, string | readonly string[]>

/** A 200 with all of it. */
function whole(text = WHOLE, headers: Fields = { etag: TAG }, more: ScriptedReply = {}): [number, ScriptedReply] {
  return [200, { body: bytes(text), headers: { "content-length": String(text.length), ...headers }, ...more }]
}

/** A 206 with the rest of it. */
function rest(from: number, headers: Fields = {}, more: ScriptedReply = {}, text = WHOLE): [number, ScriptedReply] {
  const range = `bytes ${from}-${text.length - 1}/${text.length}`
  return [206, { body: bytes(text.slice(from)), headers: { etag: TAG, "content-range": range, ...headers }, ...more }]
}

/** A target in memory that can be started over, and tells what was done to it. */
class Memory implements DownloadTarget {
  text = ""
  readonly story: string[] = []
  readonly #kept: Omit<KeptPart, "read"> | undefined

  constructor(kept?: { text: string; representation: Partial<Representation> }) {
    if (kept === undefined) return
    this.text = kept.text
    const representation = { validator: TAG, totalBytes: WHOLE.length, digests: {}, ...kept.representation }
    this.#kept = { lengthBytes: kept.text.length, representation }
  }

  async kept(): Promise<KeptPart | undefined> {
    const { text } = this
    return this.#kept && { ...this.#kept, read: async function* () { yield bytes(text) } } // prettier-ignore
  }

  async begin({ validator }: Representation): Promise<void> {
    this.story.push(`begin ${validator}`)
    this.text = ""
  }

  async write(piece: Uint8Array): Promise<void> {
    this.text += new TextDecoder().decode(piece)
  }

  async complete(): Promise<void> {
    this.story.push("complete")
  }

  async abandon(_error: unknown, mayResume: boolean): Promise<void> {
    this.story.push(mayResume ? "abandon, resumable" : "abandon")
  }
}

function rehearseDownload(
  replies: readonly [number, ScriptedReply?][] = [],
  options: Parameters<typeof rehearse>[0] = {},
) {
  const stage = rehearse({ ...options, abilities: [downloads] })
  for (const [status, parts] of replies) stage.server.replies(status, parts)
  return stage
}

/** The ranges that were asked for, with their conditions. */
function asked(requests: readonly ScriptedRequest[]): string[] {
  return requests.map((request) => {
    const condition = request.header("if-range")
    return (request.header("range") ?? "all") + (condition === undefined ? "" : ` if ${condition}`)
  })
}

const cutAt = (breaksAfterBytes: number): ScriptedReply => ({ breaksAfterBytes })

describe("a download", () => {
  test("brings the whole body to its target", async () => {
    const { api, server, run } = rehearseDownload([whole()])
    const target = new Memory()
    const done = await run(api.get("/file").download(target))
    expect(done).toMatchObject({
      totalBytes: 10, resumedBytes: 0, parts: 1, validator: TAG, verifiedDigests: [], status: 200, url: "https://api.test/file",
    }) // prettier-ignore
    expect([target.text, target.story]).toEqual([WHOLE, [`begin ${TAG}`, "complete"]])
    expect(server.requests[0]?.header("accept-encoding")).toBe("identity")
    expect([server.requests[0]?.header("range"), server.requests[0]?.header("want-repr-digest")]).toEqual([undefined, undefined]) // prettier-ignore
  })

  test("goes on where the connection broke, under the same ETag", async () => {
    const { api, server, run, clock } = rehearseDownload([
      whole(WHOLE, { etag: TAG }, cutAt(4)),
      rest(4, {}, cutAt(2)),
      rest(6),
    ])
    const target = new Memory()
    const done = await run(api.get("/file").download(target))
    expect([target.text, target.story]).toEqual([WHOLE, [`begin ${TAG}`, "complete"]])
    expect(asked(server.requests)).toEqual(["all", `bytes=4- if ${TAG}`, `bytes=6- if ${TAG}`])
    expect([done.parts, done.status, done.attempts.length, server.openBodies, clock.pending]).toEqual([3, 206, 3, 0, 0])
  })

  test("asks with the path, query and header fields of its call, credentials at its origin only", async () => {
    const { api, server, run } = rehearseDownload([], { headers: { authorization: "Bearer sesame" } })
    server.expect("GET /files/7?v=2").replies(302, { headers: { location: "https://cdn.test/7?sig=1" } })
    server.expect("GET https://cdn.test/7?sig=1").replies(...whole(WHOLE, { etag: TAG }, cutAt(4)))
    server.expect("GET /files/7?v=2").replies(302, { headers: { location: "https://cdn.test/7?sig=2" } })
    server.expect("GET https://cdn.test/7?sig=2").replies(...rest(4))
    const target = new Memory()
    const call = api.get("/files/{id}", { path: { id: 7 }, query: { v: 2 }, headers: { "x-own": "1" } })
    const done = await run(call.download(target))
    server.verify()
    expect([target.text, done.url, done.attempts.length]).toEqual([WHOLE, "https://cdn.test/7?sig=2", 4])
    expect(server.requests.map((request) => [request.header("authorization"), request.header("x-own")])).toEqual(
      [["Bearer sesame", "1"], [undefined, undefined], ["Bearer sesame", "1"], [undefined, undefined]],
    ) // prettier-ignore
    expect(asked(server.requests).slice(2)).toEqual([`bytes=4- if ${TAG}`, `bytes=4- if ${TAG}`])
  })

  test("each of its requests is retried by the client", async () => {
    const { api, server, run } = rehearseDownload([[503], whole(WHOLE, { etag: TAG }, cutAt(4)), [503], rest(4)])
    const target = new Memory()
    const done = await run(api.get("/file").download(target))
    expect([target.text, done.parts, done.attempts.map(({ status }) => status)]).toEqual([
      WHOLE,
      2,
      [503, 200, 503, 206],
    ])
    expect(asked(server.requests)).toEqual(["all", "all", `bytes=4- if ${TAG}`, `bytes=4- if ${TAG}`])
  })

  test.each<[string, Fields, string | undefined]>([
    ["a strong ETag", { etag: TAG }, TAG],
    ["a strong ETag, whatever Last-Modified says", { etag: TAG, "last-modified": HOUR_AGO, date: NOW }, TAG],
    ["a Last-Modified long before Date", { "last-modified": HOUR_AGO, date: NOW }, HOUR_AGO],
    ["a Last-Modified just before Date", { "last-modified": NOW, date: NOW }, undefined],
    ["a Last-Modified without Date", { "last-modified": HOUR_AGO }, undefined],
    ["a weak ETag", { etag: 'W/"v1"' }, undefined],
    ["a weak ETag beside a strong Last-Modified", { etag: 'W/"v1"', "last-modified": HOUR_AGO, date: NOW }, undefined],
    ["an ETag without quotes", { etag: "v1" }, undefined],
    ["a server that has no ranges", { etag: TAG, "accept-ranges": "none" }, undefined],
    ["a body in a coding", { etag: TAG, "content-encoding": "gzip" }, undefined],
    ["nothing", {}, undefined],
  ])("%s decides whether it goes on or starts over", async (_, headers, condition) => {
    const next = condition === undefined ? whole(WHOLE, headers) : rest(4, { etag: [], ...headers })
    const { api, server, run } = rehearseDownload([whole(WHOLE, headers, cutAt(4)), next])
    const target = new Memory()
    await run(api.get("/file").download(target))
    expect([target.text, asked(server.requests)[1]]).toEqual([WHOLE, condition === undefined ? "all" : `bytes=4- if ${condition}`]) // prettier-ignore
    expect(target.story).toEqual([...(condition === undefined ? ["begin undefined", "begin undefined"] : [`begin ${condition}`]), "complete"]) // prettier-ignore
  })
})

const OTHER = "abcdefghij"
const NEW = { etag: '"v2"' }
const ALL_OVER = ["all", `bytes=4- if ${TAG}`, "all"]

describe("a reply to a range", () => {
  test.each<[string, [number, ScriptedReply?][], string, string[]]>([
    ["206 with the rest is appended", [rest(4)], WHOLE, ["all", `bytes=4- if ${TAG}`]],
    [
      "206 without a total is, too, until a 416 says that it is all",
      [rest(4, { "content-range": "bytes 4-9/*" })],
      WHOLE,
      ["all", `bytes=4- if ${TAG}`],
    ],
    [
      "206 with less than was asked for is followed by the rest",
      [rest(4, { "content-range": "bytes 4-6/10" }, { body: bytes("456") }), rest(7)],
      WHOLE,
      ["all", `bytes=4- if ${TAG}`, `bytes=7- if ${TAG}`],
    ],
    [
      "206 whose unit is written in capitals is appended",
      [rest(4, { "content-range": "BYTES 4-9/10" })],
      WHOLE,
      ["all", `bytes=4- if ${TAG}`],
    ],
    [
      "206 that starts too early is not",
      [rest(4, { "content-range": "bytes 3-9/10" }), whole(OTHER, NEW)],
      OTHER,
      ALL_OVER,
    ],
    [
      "206 that starts too late is not",
      [rest(4, { "content-range": "bytes 5-9/10" }), whole(OTHER, NEW)],
      OTHER,
      ALL_OVER,
    ],
    ["206 that starts at the beginning is not", [rest(0), whole(OTHER, NEW)], OTHER, ALL_OVER],
    ["206 without Content-Range is not", [rest(4, { "content-range": [] }), whole(OTHER, NEW)], OTHER, ALL_OVER],
    [
      "206 whose Content-Range contradicts itself is not",
      [rest(4, { "content-range": "bytes 4-10/10" }), whole(OTHER, NEW)],
      OTHER,
      ALL_OVER,
    ],
    ["206 in another unit is not", [rest(4, { "content-range": "pages 4-9/10" }), whole(OTHER, NEW)], OTHER, ALL_OVER],
    ["206 of another total is not", [rest(4, { "content-range": "bytes 4-9/11" }), whole(OTHER, NEW)], OTHER, ALL_OVER],
    ["206 of another ETag is not", [rest(4, NEW), whole(OTHER, NEW)], OTHER, ALL_OVER],
    ["206 of the same ETag made weak is not", [rest(4, { etag: `W/${TAG}` }), whole(OTHER, NEW)], OTHER, ALL_OVER],
    ["206 without its ETag is not", [rest(4, { etag: [] }), whole(OTHER, NEW)], OTHER, ALL_OVER],
    ["206 in a coding is not", [rest(4, { "content-encoding": "gzip" }), whole(OTHER, NEW)], OTHER, ALL_OVER],
    [
      "206 that is longer than it says is given up",
      [rest(4, { "content-range": "bytes 4-8/10" }), whole(OTHER, NEW)],
      OTHER,
      ALL_OVER,
    ],
    [
      "206 that ends early is gone on from",
      [rest(4, {}, { body: bytes("45") }), rest(6)],
      WHOLE,
      ["all", `bytes=4- if ${TAG}`, `bytes=6- if ${TAG}`],
    ],
    ["200 begins anew", [whole(OTHER, NEW)], OTHER, ["all", `bytes=4- if ${TAG}`]],
    ["200 begins anew also under the same ETag", [whole()], WHOLE, ["all", `bytes=4- if ${TAG}`]],
    [
      "200 that breaks off is gone on from by its own ETag",
      [whole(OTHER, NEW, cutAt(7)), rest(7, NEW, {}, OTHER)],
      OTHER,
      ["all", `bytes=4- if ${TAG}`, 'bytes=7- if "v2"'],
    ],
    ["412 begins anew", [[412], whole(OTHER, NEW)], OTHER, ALL_OVER],
    [
      "416 of a shorter length begins anew",
      [[416, { headers: { "content-range": "bytes */3" } }], whole("abc", NEW)],
      "abc",
      ALL_OVER,
    ],
    ["416 without a length begins anew", [[416], whole(OTHER, NEW)], OTHER, ALL_OVER],
  ])("%s", async (_, replies, text, ranges) => {
    const { api, server, run, clock } = rehearseDownload([whole(WHOLE, { etag: TAG }, cutAt(4)), ...replies])
    const target = new Memory()
    const done = await run(api.get("/file").download(target))
    expect([target.text, asked(server.requests), done.totalBytes]).toEqual([text, ranges, text.length])
    expect(target.story.at(-1)).toBe("complete")
    expect([server.openBodies, clock.pending]).toEqual([0, 0])
    server.verify()
  })

  test("416 of exactly the bytes that are there completes it", async () => {
    const replies: [number, ScriptedReply?][] = [
      [200, { body: bytes("0123"), headers: { etag: TAG }, breaksAfterBytes: 4 }],
      [416, { headers: { "content-range": "bytes */4" } }],
    ]
    const { api, run } = rehearseDownload(replies)
    const target = new Memory()
    const done = await run(api.get("/file").download(target))
    expect([target.text, done.status, done.totalBytes, target.story]).toEqual(["0123", 416, 4, [`begin ${TAG}`, "complete"]]) // prettier-ignore
  })

  test.each<[string, Fields]>([
    ["another one", { "last-modified": NOW }],
    ["none", {}],
  ])("206 to a Last-Modified must repeat it, not have %s", async (_, fields) => {
    const dated = { "last-modified": HOUR_AGO, date: NOW }
    const same = { etag: [], "last-modified": HOUR_AGO }
    const replies = [whole(WHOLE, dated, cutAt(2)), rest(2, same, cutAt(2)), rest(4, { etag: [], ...fields }), whole(OTHER, dated)] // prettier-ignore
    const { api, server, run } = rehearseDownload(replies)
    const target = new Memory()
    await run(api.get("/file").download(target))
    expect([target.text, asked(server.requests)]).toEqual([OTHER, ["all", `bytes=2- if ${HOUR_AGO}`, `bytes=4- if ${HOUR_AGO}`, "all"]]) // prettier-ignore
  })

  test.each<[string, [number, ScriptedReply?][], string]>([
    [
      "several ranges",
      [whole(WHOLE, { etag: TAG }, cutAt(4)), rest(4, { "content-type": "multipart/byteranges; boundary=x" })],
      "several ranges came (multipart/byteranges) where one was asked for",
    ],
    ["a range that nobody asked for", [rest(4)], 'asked for bytes from 0 on, got Content-Range "bytes 4-9/10"'],
    ["202, whose body is no file", [[202, { body: "come back later" }]], "202 Accepted is no download"],
    ["204", [[204]], "204 No Content is no download"],
    ["304", [[304]], "304 Not Modified is no download"],
  ])("%s ends it with an error that says so", async (_, replies, message) => {
    const { api, server, run, clock } = rehearseDownload(replies)
    const target = new Memory()
    const error: unknown = await run(api.get("/file").download(target)).catch((error: unknown) => error)
    expect(BodyError.is(error) && error.message).toBe(`GET https://api.test/file → ${message}`)
    expect(target.story.at(-1)).toMatch("abandon")
    expect([server.openBodies, clock.pending]).toEqual([0, 0])
  })

  test("206 from the first byte on is a beginning", async () => {
    const { api, run } = rehearseDownload([rest(0, {}, cutAt(3)), rest(3)])
    const target = new Memory()
    await run(api.get("/file").download(target))
    expect([target.text, target.story]).toEqual([WHOLE, [`begin ${TAG}`, "complete"]])
  })

  test("4xx ends it at once with the server's words, and what is there can be gone on from", async () => {
    const { api, server, run, clock } = rehearseDownload([
      whole(WHOLE, { etag: TAG }, cutAt(4)),
      [404, { body: { json: { message: "it was deleted" } } }],
    ])
    const target = new Memory()
    const error: unknown = await run(api.get("/file").download(target)).catch((error: unknown) => error)
    expect(NotFoundError.is(error) && error.message).toContain("it was deleted")
    expect([target.text, target.story.at(-1), server.requests.length, clock.pending]).toEqual(["0123", "abandon, resumable", 2, 0]) // prettier-ignore
  })

  test("416 without a range asked for is the server's refusal", async () => {
    const { api, run } = rehearseDownload([[416, { body: "no" }]])
    await expect(run(api.get("/file").download(new Memory()))).rejects.toThrow("416 Range Not Satisfiable: no")
  })

  test("a server that the client gives up on ends it", async () => {
    const { api, server, run } = rehearseDownload([whole(WHOLE, { etag: TAG }, cutAt(4))], { retry: { attempts: 3 } })
    server.otherwise.fails("refused")
    const target = new Memory()
    const error: unknown = await run(api.get("/file").download(target)).catch((error: unknown) => error)
    expect(NoReplyError.is(error) && [error.code, error.attempts.length]).toEqual(["refused", 3])
    expect([target.text, target.story.at(-1), server.requests.length]).toEqual(["0123", "abandon, resumable", 4])
  })
})

describe("an empty body", () => {
  test("is complete at once", async () => {
    const { api, run } = rehearseDownload([[200, { headers: { "content-length": "0", etag: TAG } }]])
    const target = new Memory()
    expect((await run(api.get("/file").download(target))).totalBytes).toBe(0)
    expect(target.story).toEqual([`begin ${TAG}`, "complete"])
  })

  test("is a 416 to a page, which asks for a range from the start", async () => {
    const { api, run } = rehearseDownload([[416, { headers: { "content-range": "bytes */0" } }]], PAGE)
    const target = new Memory()
    expect((await run(api.get("/file").download(target))).totalBytes).toBe(0)
    expect(target.story).toEqual(["begin undefined", "complete"])
  })
})

const PAGE = { pageOrigin: "https://page.test" }

describe("in a web page", () => {
  test("of another origin it adds no field that needs a preflight, and tells by the ETag alone", async () => {
    const replies = [rest(0, {}, cutAt(4)), rest(4, {}, cutAt(2)), rest(6, NEW), rest(0, NEW, {}, OTHER)]
    const { api, server, run } = rehearseDownload([...replies.slice(0, 3), whole(OTHER, NEW)], PAGE)
    const target = new Memory()
    await run(api.get("/file").download(target, { hashes }))
    expect([target.text, asked(server.requests)]).toEqual([OTHER, ["bytes=0-", "bytes=4-", "bytes=6-", "all"]])
    const fields = server.requests.flatMap(({ headers }) => headers.map(([name]) => name))
    expect(new Set(fields)).toEqual(new Set(["accept-encoding", "range"]))
  })

  test("of the same origin it adds them", async () => {
    const { api, server, run } = rehearseDownload([rest(0, {}, cutAt(4)), rest(4)], { pageOrigin: "https://api.test" })
    await run(api.get("/file").download(new Memory(), { hashes }))
    expect(asked(server.requests)).toEqual(["bytes=0-", `bytes=4- if ${TAG}`])
    expect(server.requests[0]?.header("want-repr-digest")).toBe("sha-256=10, sha-512=9")
  })
})

describe("what an earlier download left", () => {
  test("is gone on from", async () => {
    const { api, server, run } = rehearseDownload([rest(4)])
    const target = new Memory({ text: "0123", representation: {} })
    const done = await run(api.get("/file").download(target))
    expect([target.text, done.resumedBytes, done.parts, target.story]).toEqual([WHOLE, 4, 1, ["complete"]])
    expect(asked(server.requests)).toEqual([`bytes=4- if ${TAG}`])
  })

  test("is complete when the server has no more", async () => {
    const { api, run } = rehearseDownload([[416, { headers: { "content-range": "bytes */10" } }]])
    const target = new Memory({ text: WHOLE, representation: {} })
    expect(await run(api.get("/file").download(target))).toMatchObject({
      totalBytes: 10,
      resumedBytes: 10,
      status: 416,
    })
    expect(target.story).toEqual(["complete"])
  })

  test.each<[string, [number, ScriptedReply?], Partial<Representation>]>([
    ["has another ETag", rest(4, NEW), {}],
    ["has another total", rest(4, { "content-range": "bytes 4-9/10" }), { totalBytes: 11 }],
    [
      "has another of two digests",
      rest(4, { "repr-digest": `${field(OTHER)}, ${field(OTHER, "sha-512")}` }),
      { digests: { "sha-512": digestOf(WHOLE, "sha512") } },
    ],
    ["has another digest", rest(4, { "repr-digest": field(OTHER) }), { digests: { "sha-256": digestOf(WHOLE) } }],
    ["is as long, but has another ETag", [416, { headers: { "content-range": "bytes */4", ...NEW } }], { totalBytes: undefined }], // prettier-ignore
  ])("is thrown away when the server's %s", async (_, reply, representation) => {
    const { api, run } = rehearseDownload([reply, whole(OTHER, NEW)])
    const target = new Memory({ text: "0123", representation })
    const done = await run(api.get("/file").download(target))
    expect([target.text, done.resumedBytes, target.story]).toEqual([OTHER, 0, ['begin "v2"', "complete"]])
  })

  test("is hashed with the rest", async () => {
    const { api, run } = rehearseDownload([rest(4), rest(4)])
    const digest = { "sha-256": digestOf(WHOLE) }
    const options = { hashes, digest }
    const done = await run(api.get("/file").download(new Memory({ text: "0123", representation: {} }), options))
    expect(done.verifiedDigests).toEqual(["sha-256"])
    const wrong = run(api.get("/file").download(new Memory({ text: "012x", representation: {} }), options))
    await expect(wrong).rejects.toThrow("the bytes that arrived are not the right ones")
  })
})

describe("digests", () => {
  const right: Fields = { etag: TAG, "repr-digest": `${field(WHOLE)}, ${field(WHOLE, "sha-512")}` }

  test("that the server names are asked for and checked, across all parts", async () => {
    const { api, server, run } = rehearseDownload([whole(WHOLE, right, cutAt(4)), rest(4)])
    const done = await run(api.get("/file").download(new Memory(), { hashes }))
    expect(done.verifiedDigests).toEqual(["sha-256", "sha-512"])
    expect(server.requests.map((request) => request.header("want-repr-digest"))).toEqual(["sha-256=10, sha-512=9", "sha-256=10, sha-512=9"]) // prettier-ignore
  })

  test("in Content-Digest are checked, where the reply is the whole", async () => {
    const { api, run } = rehearseDownload([whole(WHOLE, { "content-digest": field(WHOLE) })])
    expect((await run(api.get("/file").download(new Memory(), { hashes }))).verifiedDigests).toEqual(["sha-256"])
    const { api: other, run: runOther } = rehearseDownload([rest(0, { "content-digest": field("of a part") })])
    expect((await runOther(other.get("/file").download(new Memory(), { hashes }))).verifiedDigests).toEqual([])
  })

  test.each<[string, Fields, DownloadOptions]>([
    ["Repr-Digest", { etag: TAG, "repr-digest": field(OTHER) }, {}],
    ["the second of two", { etag: TAG, "repr-digest": `${field(WHOLE)}, ${field(OTHER, "sha-512")}` }, {}],
    ["Content-Digest", { etag: TAG, "content-digest": field(OTHER) }, {}],
    ["the caller", { etag: TAG }, { digest: { "sha-512": digestOf(OTHER, "sha512") } }],
    [
      "the caller, though not by the server",
      right,
      { digest: { "sha-256": createHash("sha256").update(OTHER).digest("hex") } },
    ],
  ])("that are wrong by %s end it, and nothing is kept", async (_, headers, options) => {
    const { api, run } = rehearseDownload([whole(WHOLE, headers)])
    const target = new Memory()
    const error: unknown = await run(api.get("/file").download(target, { hashes, ...options })).catch(
      (error: unknown) => error,
    )
    expect(BodyError.is(error) && error.message).toMatch(/not the right ones: their sha-(256|512) digest is .*=, not .*=; they are given up$/) // prettier-ignore
    expect(target.story.at(-1)).toBe("abandon")
  })

  test.each<[string, Fields]>([
    ["of another algorithm", { "repr-digest": "md5=:CY9rzUYh03PK3k6DJie09g==:" }],
    ["that are malformed", { "repr-digest": "sha-256=12" }],
    ["of another length", { "repr-digest": "sha-256=:CY9rzUYh03PK3k6DJie09g==:" }],
    ["of a coding", { "repr-digest": field(OTHER), "content-encoding": "gzip" }],
  ])("%s do not count", async (_, headers) => {
    const { api, run } = rehearseDownload([whole(WHOLE, headers)])
    expect((await run(api.get("/file").download(new Memory(), { hashes }))).verifiedDigests).toEqual([])
  })

  test("are left alone where nothing computes them", async () => {
    const { api, server, run } = rehearseDownload([whole(WHOLE, { "repr-digest": field(OTHER) })])
    expect((await run(api.get("/file").download(new Memory()))).verifiedDigests).toEqual([])
    expect(server.requests[0]?.header("want-repr-digest")).toBeUndefined()
  })
})

describe("how long it goes on", () => {
  test("as long as each request brings it further, however many", async () => {
    const parts = Array.from({ length: 9 }, (_, index) => rest(index + 1, {}, cutAt(1)))
    const { api, server, run } = rehearseDownload([
      whole(WHOLE, { etag: TAG }, cutAt(1)),
      ...parts.slice(0, -1),
      rest(9),
    ])
    const target = new Memory()
    await run(api.get("/file").download(target, { resume: { attempts: 2 } }))
    expect([target.text, server.requests.length]).toEqual([WHOLE, 10])
  })

  test("until so many requests in a row brought nothing, with growing waits", async () => {
    const { api, server, run, clock } = rehearseDownload([whole(WHOLE, { etag: TAG }, cutAt(4))])
    server.otherwise.replies(...rest(4, {}, cutAt(0)))
    const target = new Memory()
    const error: unknown = await run(api.get("/file").download(target)).catch((error: unknown) => error)
    expect(NoReplyError.is(error) && [error.code, error.message, error.attempts.length]).toEqual([
      "broken-body",
      "GET https://api.test/file → no reply: the body broke off at 4 of 10 bytes (gave up: 5 requests in a row brought it no further; call download() again to go on)",
      6,
    ])
    const waits = server.requests.map(({ startedAtMs }, index, all) => startedAtMs - (all[index - 1]?.startedAtMs ?? 0))
    expect(waits.slice(1).every((waitMs, index) => waitMs > 0 && waitMs <= 500 * 2 ** index)).toBe(true)
    expect([target.story.at(-1), server.openBodies, clock.pending]).toEqual(["abandon, resumable", 0, 0])
  })

  test("a start over counts as progress only when it comes further than ever", async () => {
    const { api, server, run } = rehearseDownload([whole(WHOLE, {}, cutAt(4)), whole(WHOLE, {}, cutAt(6))])
    server.otherwise.replies(...whole(WHOLE, {}, cutAt(5)))
    const target = new Memory()
    const end = run(api.get("/file").download(target, { resume: { attempts: 3 } }))
    await expect(end).rejects.toThrow("at 5 of 10 bytes (gave up: 3 requests in a row brought it no further")
    expect([server.requests.length, target.story.at(-1)]).toEqual([5, "abandon"])
  })

  test("parts of a new representation count, until it changes again and again", async () => {
    const { api, server, run } = rehearseDownload([whole(WHOLE, { etag: TAG }, cutAt(9))])
    for (let at = 0; at < 9; at++)
      server.replies(...(at === 0 ? whole(OTHER, NEW, cutAt(1)) : rest(at, NEW, cutAt(1), OTHER)))
    server.replies(...rest(9, NEW, {}, OTHER))
    const target = new Memory()
    await run(api.get("/file").download(target, { resume: { attempts: 2 } }))
    expect([target.text, server.requests.length]).toEqual([OTHER, 11])

    const { api: other, server: restless, run: runOther } = rehearseDownload([whole(WHOLE, { etag: TAG }, cutAt(9))])
    for (let version = 0; version < 9; version++) restless.replies(...whole(OTHER, { etag: `"${version}"` }, cutAt(5)))
    const end = runOther(other.get("/file").download(new Memory(), { resume: { attempts: 3 } }))
    await expect(end).rejects.toThrow("at 5 of 10 bytes (gave up: 3 requests in a row")
    expect(restless.requests.length).toBe(4)
  })

  test("a server whose ranges are always wrong is given up", async () => {
    const { api, server, run } = rehearseDownload([whole(WHOLE, { etag: TAG }, cutAt(4))])
    server.otherwise.replies(...rest(0, {}, cutAt(2)))
    const target = new Memory()
    const end = run(api.get("/file").download(target, { resume: { attempts: 4 } }))
    await expect(end).rejects.toThrow("asked for bytes from 2 on, got Content-Range")
    expect(target.text).toBe("01")
  })

  test("a body that stalls is a part that broke off", async () => {
    const { api, server, run, clock } = rehearseDownload([
      whole(WHOLE, { etag: TAG }, { stallsAfterBytes: 4 }),
      rest(4),
    ])
    const target = new Memory()
    await run(api.get("/file", { timeout: { stallMs: 1000 } }).download(target, { resume: { baseMs: 0 } }))
    expect([target.text, clock.now(), server.openBodies]).toEqual([WHOLE, 1000, 0])
  })

  test("one that only stalls ends as a TimeoutError", async () => {
    const { api, server, run } = rehearseDownload()
    server.otherwise.replies(...whole(WHOLE, { etag: TAG }, { stallsAfterBytes: 0 }))
    const error: unknown = await run(api.get("/file").download(new Memory(), { resume: { attempts: 2 } })).catch((error: unknown) => error) // prettier-ignore
    expect(TimeoutError.is(error) && [error.limit, server.requests.length]).toEqual(["stall", 2])
  })

  test.each<[string, [number, ScriptedReply][]]>([
    ["before the headers", [whole(WHOLE, { etag: TAG }, { delayMs: 9000 })]],
    ["in mid-body", [whole(WHOLE, { etag: TAG }, { trickle: { chunkBytes: 1, gapMs: 2000 } })]],
    ["while nothing comes", [whole(WHOLE, { etag: TAG }, { stallsAfterBytes: 0 })]],
    ["between two parts", [whole(WHOLE, { etag: TAG }, cutAt(4)), rest(4)]],
  ])("its deadline ends it %s", async (_, replies) => {
    const { api, server, run, clock } = rehearseDownload(replies)
    const target = new Memory()
    const options = { deadline: 5000, resume: { attempts: 1, baseMs: 1e9, capMs: 1e9 } }
    const error: unknown = await run(api.get("/file").download(target, options)).catch((error: unknown) => error)
    expect(TimeoutError.is(error) && [error.limit, error.message]).toEqual([
      "deadline",
      expect.stringMatching(/the download was not complete within 5000 ms \(stopped at \d+ of (10|unknown) bytes/),
    ])
    expect([clock.now(), clock.pending, server.openBodies]).toEqual([5000, 0, 0])
  })
})

describe("an abort ends it at once with its reason, and leaves what is there", () => {
  const reason = { my: "reason" }

  test.each<[string, [number, ScriptedReply][], string]>([
    ["before the headers", [whole(WHOLE, { etag: TAG }, { delayMs: 9000 })], ""],
    ["in mid-body", [whole(WHOLE, { etag: TAG }, { trickle: { chunkBytes: 1, gapMs: 400 } })], "01"],
    ["between two parts", [whole(WHOLE, { etag: TAG }, cutAt(4)), rest(4)], "0123"],
  ])("%s", async (_, replies, text) => {
    const { api, server, run, clock } = rehearseDownload(replies)
    const target = new Memory()
    const controller = new AbortController()
    clock.after(1000, () => controller.abort(reason))
    const call = api.get("/file", { signal: controller.signal })
    await expect(run(call.download(target, { resume: { baseMs: 1e9, capMs: 1e9 } }))).rejects.toBe(reason)
    expect([target.text, clock.now(), clock.pending, server.openBodies]).toEqual([text, 1000, 0, 0])
    expect(getEventListeners(controller.signal, "abort").length).toBe(0)
  })

  test("before anything was sent", async () => {
    const { api, server, run } = rehearseDownload([whole()])
    const target = new Memory()
    await expect(run(api.get("/file", { signal: AbortSignal.abort(reason) }).download(target))).rejects.toBe(reason)
    expect([server.requests.length, target.story]).toEqual([0, ["abandon, resumable"]])
  })

  test("while the target takes its time", async () => {
    const { api, server, run, clock } = rehearseDownload([whole()])
    const controller = new AbortController()
    clock.after(1000, () => controller.abort(reason))
    let aborted: unknown
    const target = new WritableStream<Uint8Array>({ write: () => new Promise(() => {}), abort: (why) => void (aborted = why) }) // prettier-ignore
    await expect(run(api.get("/file", { signal: controller.signal }).download(target))).rejects.toBe(reason)
    expect([clock.now(), clock.pending, server.openBodies, aborted]).toEqual([1000, 0, 0, undefined])
  })

  test("while what is there is read for its digest", async () => {
    const { api, run, clock } = rehearseDownload()
    const controller = new AbortController()
    clock.after(1000, () => controller.abort(reason))
    const target = new Memory({ text: "0123", representation: {} })
    const kept = target.kept.bind(target)
    target.kept = async () => ({ ...((await kept()) as KeptPart), read: () => new ReadableStream() as never })
    const options = { hashes, digest: { "sha-256": digestOf(WHOLE) } }
    await expect(run(api.get("/file", { signal: controller.signal }).download(target, options))).rejects.toBe(reason)
    expect([clock.now(), clock.pending, target.story]).toEqual([1000, 0, ["abandon, resumable"]])
  })

  test("while a target can neither write nor let go", async () => {
    const { api, run, clock, server } = rehearseDownload([whole()])
    const controller = new AbortController()
    clock.after(1000, () => controller.abort(reason))
    const never = () => new Promise<void>(() => {})
    const target: DownloadTarget = { begin() {}, write: never, complete: never, abandon: never }
    await expect(run(api.get("/file", { signal: controller.signal }).download(target))).rejects.toBe(reason)
    expect([clock.now(), clock.pending, server.openBodies]).toEqual([1000, 0, 0])
  })

  test("leaves no listener behind when the target is none", async () => {
    const { api, run } = rehearseDownload()
    const { signal } = new AbortController()
    const target = new WritableStream<Uint8Array>()
    target.getWriter()
    await expect(run(api.get("/file", { signal }).download(target))).rejects.toThrow("has a writer already")
    expect(getEventListeners(signal, "abort").length).toBe(0)
  })

  test("leaves no listener behind when it was not needed", async () => {
    const { api, run, clock } = rehearseDownload([whole(WHOLE, { etag: TAG }, cutAt(4)), rest(4)])
    const { signal } = new AbortController()
    await run(api.get("/file", { signal }).download(new Memory(), { deadline: 60_000 }))
    expect([getEventListeners(signal, "abort").length, clock.pending]).toEqual([0, 0])
  })
})

test("a target may do its work at once, and what it says of its end changes nothing", async () => {
  const { api, run } = rehearseDownload([whole(), [404]])
  let text = ""
  const target: DownloadTarget = {
    begin() {},
    write: (piece) => void (text += new TextDecoder().decode(piece)),
    complete() {},
    abandon() {
      throw new Error("not again")
    },
  }
  await run(api.get("/file").download(target))
  expect(text).toBe(WHOLE)
  await expect(run(api.get("/file").download(target))).rejects.toThrow(NotFoundError)
})

describe("a WritableStream", () => {
  function collecting() {
    const seen = { text: "", end: "open" }
    const stream = new WritableStream<Uint8Array>({
      write: (piece) => void (seen.text += new TextDecoder().decode(piece)),
      close: () => void (seen.end = "closed"),
      abort: (reason) => void (seen.end = `aborted: ${String(reason)}`),
    })
    return { stream, seen }
  }

  test("gets all bytes, across parts, and is closed", async () => {
    const { api, run } = rehearseDownload([whole(WHOLE, { etag: TAG }, cutAt(4)), rest(4)])
    const { stream, seen } = collecting()
    await run(api.get("/file").download(stream))
    expect(seen).toEqual({ text: WHOLE, end: "closed" })
  })

  test.each<[string, [number, ScriptedReply?][], string, number]>([
    ["has no strong validator", [whole(WHOLE, {}, cutAt(4))], "no strong validator proves", 1],
    ["changed", [whole(WHOLE, { etag: TAG }, cutAt(4)), whole(OTHER, NEW)], "the server sent the whole again", 2],
    [
      "changed, says a range",
      [whole(WHOLE, { etag: TAG }, cutAt(4)), rest(4, NEW)],
      'its etag was "\\"v1\\"", now it is "\\"v2\\""',
      2,
    ],
    ["is gone", [whole(WHOLE, { etag: TAG }, cutAt(4)), [412]], "(412)", 2],
  ])(
    "that has bytes of a representation which %s ends with an error that says so",
    async (_, replies, why, requests) => {
      const { api, server, run } = rehearseDownload(replies)
      const { stream, seen } = collecting()
      const error: unknown = await run(api.get("/file").download(stream)).catch((error: unknown) => error)
      expect(BodyError.is(error) && error.message).toContain(
        "broken off for good after 4 bytes: the download would have to start over (",
      )
      expect(BodyError.is(error) && error.message).toContain(why)
      expect([seen.text, seen.end, server.requests.length, server.openBodies]).toEqual(["0123", `aborted: ${String(error)}`, requests, 0]) // prettier-ignore
    },
  )

  test("that has got nothing yet can start over", async () => {
    const { api, run } = rehearseDownload([whole(WHOLE, {}, cutAt(0)), whole(OTHER, {})])
    const { stream, seen } = collecting()
    await run(api.get("/file").download(stream))
    expect(seen).toEqual({ text: OTHER, end: "closed" })
  })

  test("that fails ends the download with its own error", async () => {
    const { api, server, run, clock } = rehearseDownload([whole(WHOLE, { etag: TAG }, { trickle: { chunkBytes: 1, gapMs: 1 } })]) // prettier-ignore
    const mine = new Error("disk full")
    const target = new WritableStream<Uint8Array>({ write: () => Promise.reject(mine) })
    await expect(run(api.get("/file").download(target))).rejects.toBe(mine)
    expect([server.openBodies, clock.pending]).toEqual([0, 0])
  })

  test("sets the pace: nothing is read ahead of it", async () => {
    const { api, server, run } = rehearseDownload([whole("x".repeat(1000), { etag: TAG }, { trickle: { chunkBytes: 100, gapMs: 0 } })]) // prettier-ignore
    let [under, most] = [0, 0]
    const target = new WritableStream<Uint8Array>({
      async write() {
        most = Math.max(most, ++under)
        await Promise.resolve()
        under--
      },
    })
    await run(api.get("/file").download(target))
    expect([most, server.openBodies]).toEqual([1, 0])
  })
})

describe("progress", () => {
  test("is told at the beginning, at most ten times a second, and at the end, resumed bytes included", async () => {
    const { api, run } = rehearseDownload([rest(2, {}, { trickle: { chunkBytes: 1, gapMs: 60 } })])
    const told: TransferProgress[] = []
    const target = new Memory({ text: "01", representation: {} })
    await run(api.get("/file").download(target, { onProgress: (progress) => told.push(progress) }))
    expect(told.map(({ transferredBytes }) => transferredBytes)).toEqual([2, 4, 6, 8, 10, 10])
    expect(told.every(({ totalBytes }) => totalBytes === 10)).toBe(true)
  })

  test("knows the total in the end where no reply says it", async () => {
    const { api, run } = rehearseDownload([[200, { body: bytes(WHOLE) }]])
    const told: TransferProgress[] = []
    await run(api.get("/file").download(new Memory(), { onProgress: (progress) => told.push(progress) }))
    expect(told).toEqual([
      { transferredBytes: 0, totalBytes: undefined },
      { transferredBytes: 10, totalBytes: 10 },
    ])
  })

  test("an error of its listener ends the download with it", async () => {
    const { api, server, run } = rehearseDownload([whole()])
    const mine = new Error("mine")
    const target = new Memory()
    const onProgress = () => { throw mine } // prettier-ignore
    await expect(run(api.get("/file").download(target, { onProgress }))).rejects.toBe(mine)
    expect([server.openBodies, target.story.at(-1)]).toEqual([0, "abandon, resumable"])
  })
})

describe("what cannot work is refused before anything is sent", () => {
  test.each<[string, unknown, unknown, string]>([
    ["no target", undefined, {}, "download: undefined; give a WritableStream"],
    ["a path, where files are not known", "file.bin", {}, "download: a string; give a WritableStream"],
    ["a Node stream", { write() {} }, {}, "Writable.toWeb(stream)"],
    ["an unknown option", new Memory(), { progress: 1 }, 'download: no option "progress"'],
    ["no function", new Memory(), { onProgress: 1 }, "onProgress: 1; give a function"],
    ["no attempts", new Memory(), { resume: { attempts: 0 } }, "resume.attempts: 0; give a number from 1"],
    ["half an attempt", new Memory(), { resume: { attempts: 1.5 } }, "resume.attempts: 1.5; give a whole number"],
    ["a negative wait", new Memory(), { resume: { baseMs: -1 } }, "resume.baseMs: -1"],
    ["an unknown number", new Memory(), { resume: { maxMs: 1 } }, 'resume: no option "maxMs"'],
    ["no deadline", new Memory(), { deadline: 0 }, "deadline (ms, or false): 0"],
    [
      "a digest that nothing computes",
      new Memory(),
      { digest: { "sha-256": digestOf("") } },
      'digest: nothing computes sha-256: undefined; give hashes: { "sha-256": … }, or use @steadfetch/node',
    ],
    [
      "a digest of another length",
      new Memory(),
      { hashes, digest: { "sha-256": "abcd" } },
      'digest: "sha-256": "abcd"; give it in hexadecimal or base64',
    ],
    ["a digest that is no text", new Memory(), { hashes, digest: { "sha-256": 7 } }, 'digest: "sha-256": 7'],
    [
      "an unknown algorithm",
      new Memory(),
      { hashes, digest: { md5: "" } },
      'digest: no option "md5"; there is sha-256, sha-512',
    ],
    [
      "a hash that is no function",
      new Memory(),
      { hashes: { "sha-256": createHash("sha256") } },
      'hashes: "sha-256": an object (Hash); give a function',
    ],
  ])("%s", async (_, target, options, message) => {
    const { api, server } = rehearseDownload([whole()])
    await expect(api.get("/file").download(target as Memory, options as DownloadOptions)).rejects.toThrow(message)
    expect(server.requests.length).toBe(0)
  })

  test("a URL that cannot be; the stream stays free", async () => {
    const stream = new WritableStream<Uint8Array>()
    const end = rehearseDownload().api.get("//evil.test/x").download(stream)
    await expect(end).rejects.toThrow("leaves https://api.test")
    expect(stream.locked).toBe(false)
  })

  test("a stream that has a writer", async () => {
    const stream = new WritableStream<Uint8Array>()
    stream.getWriter()
    await expect(rehearseDownload().api.get("/file").download(stream)).rejects.toThrow("has a writer already")
  })

  test.each([new AbortController(), null])("a signal that is none, and leaves a stream free", async (given) => {
    const { api, run } = rehearseDownload()
    const stream = new WritableStream<Uint8Array>()
    const signal = given as unknown as AbortSignal
    await expect(run(api.get("/file", { signal }).download(stream))).rejects.toThrow("give an AbortSignal: controller.signal") // prettier-ignore
    expect(stream.locked).toBe(false)
  })

  test.each(["POST", "HEAD", "PUT"])("%s, which has no ranges", async (method) => {
    const { api } = rehearseDownload()
    await expect(api.request(method, "/file").download(new Memory())).rejects.toThrow(`download: a ${method} request; give a GET`) // prettier-ignore
  })

  test.each(["Range", "If-Range"])("a call's own %s", async (name) => {
    const { api } = rehearseDownload()
    const end = api.get("/file", { headers: { [name]: "bytes=1-" } }).download(new Memory())
    await expect(end).rejects.toThrow(`download: header "${name.toLowerCase()}" is set by itself; leave it out`)
  })
})
