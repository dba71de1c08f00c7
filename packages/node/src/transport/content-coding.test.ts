import { buffer } from "node:stream/consumers"
import zlib from "node:zlib"
import { startFaultServer, status, type FaultServer } from "@steadfetch/testing/fault-server"
import type { Reading } from "steadfetch"
import { expect, test } from "vitest"
import { codingsOf } from "./content-coding.ts"
import { steadfetch } from "../steadfetch.ts"

const text = "words of a body, words of a body\n".repeat(1000)
const coded: Readonly<Record<string, readonly [contentEncoding: string, body: Buffer]>> = {
  gzip: ["gzip", zlib.gzipSync(text)],
  "x-gzip": ["x-gzip", zlib.gzipSync(text)],
  "gzip in several members": ["gzip", Buffer.concat([text.slice(0, 99), text.slice(99)].map((part) => zlib.gzipSync(part)))], // prettier-ignore
  "deflate with zlib's wrapper": ["deflate", zlib.deflateSync(text)],
  "deflate without it": ["deflate", zlib.deflateRawSync(text)],
  br: ["br", zlib.brotliCompressSync(text)],
  zstd: ["zstd", zlib.zstdCompressSync(text)],
  "gzip, then br": ["gzip, br", zlib.brotliCompressSync(zlib.gzipSync(text))],
  "deflate in capitals, and identity": ["identity, DEFLATE", zlib.deflateRawSync(text)],
}
const readings: readonly Reading[] = ["buffer", "stream"]
const cases = readings.flatMap((reading) =>
  Object.entries(coded).map(([kind, [coding, body]]) => ({ reading, kind, coding, body })),
)

/** A server whose every reply has this coding and body, whichever they are. */
function coding(name: string, body: Uint8Array, code = 200): Promise<FaultServer> {
  const base64 = Buffer.from(body).toString("base64")
  return startFaultServer({ "/": status(code, { headers: { "content-encoding": name }, body: { base64 } }) })
}

test.each(cases)("$kind is decoded ($reading)", async ({ coding: name, body, reading }) => {
  await using server = await coding(name, body)
  const outcome = await steadfetch({ baseUrl: server.origin }).get("/").outcome({ reading })
  expect(outcome.kind === "success" && (await outcome.text())).toBe(text)
})

test.each(cases)("$kind that lacks its end is a broken body ($reading)", async ({ coding: name, body, reading }) => {
  await using server = await coding(name, body.subarray(0, -5))
  const call = steadfetch({ baseUrl: server.origin, retry: false }).get("/")
  const text = reading === "buffer" ? call.text() : call.stream().then((stream) => buffer(stream))
  await expect(text).rejects.toMatchObject({ name: "NoReplyError", code: "broken-body" })
})

test.each(readings)("an unknown coding is left alone, with those around it (%s)", async (reading) => {
  const body = zlib.gzipSync(text)
  await using server = await coding("gzip, x-secret", body)
  const outcome = await steadfetch({ baseUrl: server.origin }).get("/").outcome({ reading })
  expect(outcome.kind === "success" && Buffer.compare(await outcome.bytes(), body)).toBe(0)
})

test("a row of codings that no honest server uses is left alone", () => {
  expect(codingsOf("gzip, gzip, gzip, gzip, gzip")).toHaveLength(5)
  expect(codingsOf("gzip, gzip, gzip, gzip, gzip, gzip")).toBeUndefined()
})

test.each(readings)("a reply that cannot have a body may name a coding all the same (%s)", async (reading) => {
  for (const name of ["gzip", "deflate", "br", "zstd"]) {
    await using server = await startFaultServer({
      "HEAD /": status(200, { headers: { "content-encoding": name }, body: "x" }),
      "GET /": status(204, { headers: { "content-encoding": name } }),
      "PUT /": status(200, { headers: { "content-encoding": name }, body: "" }),
    })
    const api = steadfetch({ baseUrl: server.origin })
    for (const call of [api.head("/"), api.get("/"), api.put("/")]) {
      const outcome = await call.outcome({ reading })
      expect(outcome.kind === "success" && (await outcome.text())).toBe("")
    }
  }
})

test("the limit is for what comes out, though a coding makes hard bytes longer", async () => {
  const hard = zlib.gzipSync(text)
  await using server = await coding("gzip", zlib.gzipSync(hard, { level: 0 }))
  const api = steadfetch({ baseUrl: server.origin })
  expect(await api.get("/", { maxBodyBytes: hard.length }).bytes()).toHaveLength(hard.length)
  await expect(api.get("/", { maxBodyBytes: hard.length - 1 }).bytes()).rejects.toMatchObject({ code: "too-large" })
})

test("what decodes to more than an error's explanation may have is a reply without one, where a stream was asked for", async () => {
  await using server = await coding("gzip", zlib.gzipSync(Buffer.alloc(2 ** 21, "x")), 400)
  const outcome = await steadfetch({ baseUrl: server.origin }).get("/").outcome({ reading: "stream" })
  expect(outcome).toMatchObject({ kind: "client-error", status: 400 })
})
