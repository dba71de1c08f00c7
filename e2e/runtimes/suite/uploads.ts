import { steadfetch, uploads as ability } from "steadfetch"
import { reply, silence, type Group, type Noted, type Stage } from "./case.ts"
import { bytesOf, check, equal, rejection, sha256 } from "./check.ts"

const bytes = bytesOf(70_000)
const created = reply(201, { headers: { location: "files/7" } })
const at = (offset: number) => reply(204, { headers: { "upload-offset": String(offset) } })
const found = (offset: number) => reply(200, { headers: { "upload-offset": String(offset), "cache-control": "no-store" } }) // prettier-ignore

function upload(stage: Stage, signal?: AbortSignal) {
  const api = steadfetch({ baseUrl: stage.base, abilities: [ability] })
  return api.post("/files", { retry: { attempts: 3, baseMs: 0 }, signal })
}

/** Which bytes each PATCH had. */
async function sent(noted: readonly Noted[], parts: readonly (readonly [from: number, to: number])[]): Promise<void> {
  const patches = noted.filter(({ method }) => method === "PATCH")
  equal(
    patches.map(({ headers }) => headers["upload-offset"]),
    parts.map(([from]) => String(from)),
    "Upload-Offset",
  )
  const sums = await Promise.all(parts.map(([from, to]) => sha256(bytes.slice(from, to))))
  equal(
    patches.map(({ sha256: sum }) => sum),
    sums,
    "the bytes of each PATCH",
  )
  check(
    patches.every(({ complete }) => complete),
    "every PATCH arrived whole",
  )
}

export const uploads: Group = {
  name: "uploads",
  cases: [
    {
      name: "a Blob goes on from where the server is",
      script: { "POST /files": created, "PATCH /files/7": [reply(503), at(70_000)], "HEAD /files/7": found(30_000) },
      async run(stage) {
        const blob = new Blob([bytes], { type: "image/png" })
        const { url, totalBytes } = await upload(stage).upload(blob, { metadata: { filename: "a b.png" } })
        equal([url, totalBytes], [`${stage.base}/files/7`, 70_000], "URL and size")
        const noted = await stage.over(4)
        equal(
          noted.map(({ method }) => method),
          ["POST", "PATCH", "HEAD", "PATCH"],
          "requests",
        )
        equal(
          noted.map(({ headers }) => headers["tus-resumable"]),
          ["1.0.0", "1.0.0", "1.0.0", "1.0.0"],
          "Tus-Resumable",
        )
        equal(noted[0]?.headers["upload-metadata"], "filename YSBiLnBuZw==", "Upload-Metadata")
        equal(noted[1]?.headers["content-type"], "application/offset+octet-stream", "Content-Type")
        await sent(noted, [[0, 70_000], [30_000, 70_000]]) // prettier-ignore
      },
    },
    {
      name: "bytes are sent in chunks of a known length",
      script: { "POST /files": created, "PATCH /files/7": [at(40_000), at(70_000)] },
      async run(stage) {
        const told: number[] = []
        const onProgress = ({ transferredBytes }: { transferredBytes: number }) => told.push(transferredBytes)
        await upload(stage).upload(bytes, { chunkBytes: 40_000, onProgress })
        const noted = await stage.over(3)
        await sent(noted, [[0, 40_000], [40_000, 70_000]]) // prettier-ignore
        equal(
          noted.flatMap(({ headers }) => headers["content-length"] ?? []),
          stage.differs("unsized-streams") ? ["0"] : ["0", "40000", "30000"],
          "Content-Length",
        )
        equal([...new Set(told)], [0, 40_000, 70_000], "progress")
      },
    },
    {
      name: "checksums are those that the server checks",
      script: {
        "OPTIONS /files": reply(204, {
          headers: {
            "tus-extension": "checksum",
            "tus-checksum-algorithm": "sha256",
            "access-control-allow-methods": "*",
            "access-control-allow-headers": "*",
          },
        }),
        "POST /files": created,
        "PATCH /files/7": at(5),
      },
      async run(stage) {
        await upload(stage).upload("hello", { checksum: "sha256" })
        const patch = (await stage.over(2)).find(({ method }) => method === "PATCH")
        equal(
          patch?.headers["upload-checksum"],
          "sha256 LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
          "Upload-Checksum",
        )
      },
    },
    {
      name: "an abort ends it at once, and it can be resumed",
      script: { "POST /files": created, "PATCH /files/7": [silence, at(70_000)], "HEAD /files/7": found(50_000) },
      async run(stage) {
        const controller = new AbortController()
        const reason = new Error("pause")
        let url = ""
        const ended = rejection(upload(stage, controller.signal).upload(new Blob([bytes]), { onCreated: (made) => void (url = made.url) })) // prettier-ignore
        await stage.arrived(2)
        controller.abort(reason)
        check((await ended) === reason, "it rejects with the reason")
        await upload(stage).upload(new Blob([bytes]), { uploadUrl: url })
        await sent((await stage.over(4)).slice(2), [[50_000, 70_000]])
      },
    },
  ],
}
