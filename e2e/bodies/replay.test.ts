import { createReadStream } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { hash } from "node:crypto"
import {
  echo,
  fieldValue,
  patternBytes,
  reset,
  startFaultServer,
  status,
  type Echo,
  type FaultServer,
} from "@steadfetch/testing/fault-server"
import { createFetch, steadfetch, type RequestOptions } from "steadfetch"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { HeldTime } from "../peers/held-time.ts"

/** Bytes that are no UTF-8, in more than one piece of anybody's. */
const bytes = Uint8Array.from(patternBytes(200_000))
const words = "naïve – ☃ 𝄞\r\nsecond line\n".repeat(100)

let directory: string
let file: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "bodies-"))
  file = join(directory, "pattern")
  await writeFile(file, bytes)
})

afterAll(() => rm(directory, { recursive: true }))

/** Fails in three ways, then tells what it received. */
const failingThrice = {
  "/": [status(503, { body: "busy" }), reset("before-headers"), reset("mid-headers"), echo({ status: 201 })],
}

/** Every attempt carried the whole body, told the same way. */
function expectSameOnEveryAttempt(server: FaultServer, sha256: string, contentType: string | undefined): void {
  expect(server.requests).toHaveLength(4)
  for (const { body, headers } of server.requests) {
    expect(body).toMatchObject({ complete: true, sha256 })
    expect(fieldValue(headers, "content-type")).toBe(contentType)
  }
  const keys = server.requests.map(({ headers }) => fieldValue(headers, "idempotency-key"))
  expect(new Set(keys).size).toBe(1)
  expect(keys[0]).toBeTruthy()
}

async function* inPieces(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += 9999) {
    await Promise.resolve()
    yield bytes.slice(at, at + 9999)
  }
}

const padded = Uint8Array.from([...bytes.subarray(0, 1000), ...bytes, 1, 2, 3])
const ofBytes = hash("sha256", bytes)

interface Kind {
  readonly options: () => RequestOptions
  readonly sha256?: string
  readonly contentType?: string
}

const kinds: Readonly<Record<string, Kind>> = {
  "a string": {
    options: () => ({ body: words }),
    sha256: hash("sha256", words),
    contentType: "text/plain;charset=UTF-8",
  },
  "an empty string": {
    options: () => ({ body: "" }),
    sha256: hash("sha256", ""),
    contentType: "text/plain;charset=UTF-8",
  },
  "a Uint8Array": { options: () => ({ body: bytes }) },
  "an ArrayBuffer": { options: () => ({ body: bytes.slice().buffer }) },
  "a view of a part of a buffer": { options: () => ({ body: new DataView(padded.buffer, 1000, bytes.length) }) },
  "a Blob": {
    options: () => ({ body: new Blob([bytes], { type: "application/x-tar" }) }),
    contentType: "application/x-tar",
  },
  "URL parameters": {
    options: () => ({
      body: new URLSearchParams([
        ["q", "☃ & more"],
        ["q", "again"],
      ]),
    }),
    sha256: hash("sha256", "q=%E2%98%83+%26+more&q=again"),
    contentType: "application/x-www-form-urlencoded;charset=UTF-8",
  },
  "fields of a form": {
    options: () => ({ form: { name: "Ada L.", "☃": "yes" } }),
    sha256: hash("sha256", "name=Ada+L.&%E2%98%83=yes"),
    contentType: "application/x-www-form-urlencoded;charset=UTF-8",
  },
  JSON: {
    options: () => ({ json: { words, list: [1, null] } }),
    sha256: hash("sha256", JSON.stringify({ words, list: [1, null] })),
    contentType: "application/json",
  },
  "a function that gives bytes": { options: () => ({ body: () => bytes }) },
  "a function that gives a Blob": { options: () => ({ body: () => new Blob([bytes]) }) },
  "a function that opens a web stream": { options: () => ({ body: () => new Blob([bytes]).stream() }) },
  "a function that opens a file": { options: () => ({ body: () => createReadStream(file) }) },
  "a function that starts a generator": { options: () => ({ body: inPieces }) },
  "a function that opens a Node stream of texts": {
    options: () => ({ body: () => Readable.from([words.slice(0, 77), words.slice(77)]) }),
    sha256: hash("sha256", words),
  },
}

describe("the client sends the same bytes on every attempt", () => {
  test.each(Object.entries(kinds))("from %s", async (_, { options, sha256 = ofBytes, contentType }) => {
    await using server = await startFaultServer(failingThrice)
    const time = new HeldTime()
    const api = steadfetch({ baseUrl: server.origin, runtime: time.runtime(), on: time.passingWaits })
    const reply = await api.post("/", options()).json<Echo>()
    expect(reply.body.sha256).toBe(sha256)
    expectSameOnEveryAttempt(server, sha256, contentType)
  })
})

const dropInKinds: Readonly<Record<string, { readonly body: () => BodyInit; sha256?: string; contentType?: string }>> =
  {
    "a string": { body: () => words, sha256: hash("sha256", words), contentType: "text/plain;charset=UTF-8" },
    "a Uint8Array": { body: () => bytes },
    "an ArrayBuffer": { body: () => bytes.slice().buffer },
    "a view of a part of a buffer": { body: () => new DataView(padded.buffer, 1000, bytes.length) },
    "a Blob": { body: () => new Blob([bytes], { type: "application/x-tar" }), contentType: "application/x-tar" },
    "URL parameters": {
      body: () => new URLSearchParams({ q: "☃ & more" }),
      sha256: hash("sha256", "q=%E2%98%83+%26+more"),
      contentType: "application/x-www-form-urlencoded;charset=UTF-8",
    },
  }

describe("the drop-in sends the same bytes on every attempt", () => {
  test.each(Object.entries(dropInKinds))("from %s", async (_, { body, sha256 = ofBytes, contentType }) => {
    await using server = await startFaultServer(failingThrice)
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime(), on: time.passingWaits })
    const response = await steadyFetch(server.origin, { method: "POST", body: body() })
    expect([response.status, ((await response.json()) as Echo).body.sha256]).toEqual([201, sha256])
    expectSameOnEveryAttempt(server, sha256, contentType)
  })

  test("from the body of the init that goes with a Request", async () => {
    await using server = await startFaultServer(failingThrice)
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime(), on: time.passingWaits })
    const request = new Request(server.origin, {
      method: "POST",
      body: "of the Request",
      headers: { "x-by": "request" },
    })
    const response = await steadyFetch(request, { body: bytes })
    expect(response.status).toBe(201)
    expectSameOnEveryAttempt(server, ofBytes, "text/plain;charset=UTF-8")
    expect(server.requests.map(({ headers }) => fieldValue(headers, "x-by"))).toEqual(Array(4).fill("request"))
  })

  test.each(["GET", "DELETE", "POST"])("from a %s Request without a body", async (method) => {
    await using server = await startFaultServer(failingThrice)
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime(), on: time.passingWaits })
    const response = await steadyFetch(new Request(server.origin, { method }))
    expect((await response.json()) as Echo).toMatchObject({ method, body: { lengthBytes: 0 } })
    expect(server.requests).toHaveLength(4)
  })

  test("from a Request's own body", async () => {
    await using server = await startFaultServer(failingThrice)
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime(), on: time.passingWaits })
    const headers = { "content-type": "application/x-pattern", "x-by": "request" }
    const response = await steadyFetch(new Request(server.origin, { method: "POST", body: bytes, headers }))
    expect(response.status).toBe(201)
    expectSameOnEveryAttempt(server, ofBytes, "application/x-pattern")
    expect(server.requests.map(({ headers }) => fieldValue(headers, "x-by"))).toEqual(Array(4).fill("request"))
  })

  test("but for a Request's body beyond 1 MiB, which it sends whole and once", async () => {
    await using server = await startFaultServer(failingThrice)
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime(), on: time.passingWaits })
    const large = Uint8Array.from(patternBytes(1024 * 1024 + 1))
    const response = await steadyFetch(new Request(server.origin, { method: "POST", body: large }))
    expect([response.status, await response.text()]).toEqual([503, "busy"])
    expect(server.requests.map(({ body }) => body.sha256)).toEqual([hash("sha256", large)])
  })

  test("but for a Request whose body was read before, which rejects as fetch rejects", async () => {
    const used = new Request("http://127.0.0.1:9", { method: "POST", body: "x" })
    await used.text()
    await expect(createFetch()(used)).rejects.toThrow(TypeError)
  })
})

describe("a buffer that its owner fills anew does not change what a retry sends", () => {
  test("of the client's", async () => {
    await using server = await startFaultServer(failingThrice)
    const time = new HeldTime()
    const api = steadfetch({ baseUrl: server.origin, runtime: time.runtime(), on: time.passingWaits })
    const buffer = bytes.slice()
    const call = api.post("/", { body: buffer }).json()
    buffer.fill(0)
    await call
    expectSameOnEveryAttempt(server, ofBytes, undefined)
  })

  test("of the drop-in's", async () => {
    await using server = await startFaultServer(failingThrice)
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime(), on: time.passingWaits })
    const buffer = bytes.slice()
    const call = steadyFetch(server.origin, { method: "POST", body: buffer })
    buffer.fill(0)
    expect((await call).status).toBe(201)
    expectSameOnEveryAttempt(server, ofBytes, undefined)
  })
})
