import { BodyError, downloads } from "steadfetch"
import { reply, type Group, type Stage } from "./case.ts"
import { bytesOf, check, equal, rejection, sha256 } from "./check.ts"

const file = bytesOf(5000)
const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))
const first = { headers: { etag: '"v1"' }, body: { base64: base64(file) } }
const stopped = reply(200, { ...first, cut: { at: "body", afterBytes: 1000, by: "silence" } })
const rest = (etag: string) =>
  reply(206, {
    headers: { etag, "content-range": "bytes 1000-4999/5000" },
    body: { base64: base64(file.subarray(1000)) },
  })

/** A client that waits half a second for the next byte. */
function client(stage: Stage) {
  return stage.api({ timeout: { stallMs: 500 } }).extend({ abilities: [downloads] })
}

/** A stream that keeps what it gets, and how it ended. */
function collecting(): { readonly target: WritableStream<Uint8Array>; readonly pieces: Uint8Array[]; ends: unknown[] } {
  const pieces: Uint8Array[] = []
  const ends: unknown[] = []
  const target = new WritableStream<Uint8Array>({
    write: (piece) => void pieces.push(piece),
    close: () => void ends.push("closed"),
    abort: (reason) => void ends.push(reason),
  })
  return { target, pieces, ends }
}

export const downloading: Group = {
  name: "downloads",
  cases: [
    {
      name: "a download goes on where its body stopped",
      script: { "GET /file": [stopped, rest('"v1"')] },
      async run(stage) {
        const { target, pieces, ends } = collecting()
        const done = await client(stage)
          .get("/file")
          .download(target, { resume: { baseMs: 0 } })
        equal([done.totalBytes, done.parts, done.validator, ends], [5000, 2, '"v1"', ["closed"]], "result")
        const bytes = new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer())
        equal(await sha256(bytes), await sha256(file), "bytes")
        const [, second] = await stage.over(2)
        equal(second?.headers["range"], "bytes=1000-", "Range")
      },
    },
    {
      name: "a stream never gets parts of two representations",
      script: { "GET /file": [stopped, rest('"v2"')] },
      async run(stage) {
        const { target, pieces, ends } = collecting()
        const call = client(stage)
          .get("/file")
          .download(target, { resume: { baseMs: 0 } })
        const error = await rejection(call)
        check(BodyError.is(error), `threw ${String(error)}`)
        equal([pieces.reduce((sum, { length }) => sum + length, 0), ends[0] === error], [1000, true], "target")
      },
    },
    {
      name: "the bytes are asked for as they are",
      script: { "GET /file": reply(200, first) },
      async run(stage) {
        await client(stage).get("/file").download(collecting().target)
        const [request] = await stage.over(1)
        equal(request?.headers["accept-encoding"], "identity", "Accept-Encoding")
      },
    },
  ],
}
