import { deepEqual, equal, rejects } from "node:assert/strict"
import { createHash } from "node:crypto"
import type { BodyContent, BodySource } from "steadfetch"
import { fieldValue, patternBytes, reset, status } from "../fault-server/index.ts"
import type { Claim } from "./stage.ts"

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte)

async function* pieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += pieceBytes) yield bytes.subarray(from, from + pieceBytes)
}

function source(open: () => BodyContent): BodySource {
  return { replayable: true, length: undefined, open }
}

const BODIES: Readonly<Record<string, { readonly bytes: Uint8Array; readonly open: () => BodyContent }>> = {
  "a text": { bytes: Buffer.from("héllo ☃"), open: () => "héllo ☃" },
  "an empty text": { bytes: Buffer.from(""), open: () => "" },
  "every byte": { bytes: everyByte, open: () => everyByte },
  "part of a buffer": { bytes: everyByte.subarray(10, 20), open: () => everyByte.subarray(10, 20) },
  "3 MB": { bytes: patternBytes(3_000_000), open: () => patternBytes(3_000_000) as Uint8Array<ArrayBuffer> },
  "a Blob": { bytes: everyByte, open: () => new Blob([everyByte]) },
  "pieces of unknown number": { bytes: patternBytes(300_000), open: () => pieces(patternBytes(300_000), 7001) },
}

/** What a request must look like on the wire. */
export function requestClaims(claim: Claim): void {
  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"]) {
    claim(`sends ${method} with its path and query`, async (stage) => {
      const server = await stage.serve(status(200))
      await stage.reply(`${server.origin}/a%20b/c?x=1&y=%C3%A9`, { method })
      deepEqual([server.requests[0]?.method, server.requests[0]?.target], [method, "/a%20b/c?x=1&y=%C3%A9"])
    })
  }

  claim("sends header fields as they are, Latin-1 included", async (stage) => {
    const server = await stage.serve(status(200))
    await stage.reply(server.origin, { headers: [["x-one", "1"], ["x-latin", "caf\u00e9"], ["accept", "text/plain"]] }) // prettier-ignore
    const { headers = [] } = server.requests[0] ?? {}
    const values = ["x-one", "x-latin", "accept"].map((name) => fieldValue(headers, name))
    deepEqual(values, ["1", "caf\u00e9", "text/plain"])
  })

  for (const [kind, { bytes, open }] of Object.entries(BODIES)) {
    claim(`sends a body byte for byte: ${kind}`, async (stage) => {
      const server = await stage.serve(status(200))
      await stage.reply(server.origin, { method: "PUT", body: source(open) })
      const { body } = await server.received(1)
      const sha256 = createHash("sha256").update(bytes).digest("hex")
      deepEqual([body.lengthBytes, body.complete, body.sha256], [bytes.length, true, sha256])
    })
  }

  claim("rejects with what the source of a body throws", async (stage) => {
    const server = await stage.serve(status(200))
    const defect = new Error("disk error")
    const body = source(async function* () {
      yield everyByte
      throw defect
    })
    await rejects(stage.send(server.origin, { method: "PUT", body }), (error) => error === defect)
  })

  claim("takes no more of a body than the connection does, and lets its source go when that breaks", async (stage) => {
    const server = await stage.serve({ "/broken": reset("before-reading"), "/": status(200) })
    let taken = 0
    const letGo = Promise.withResolvers<void>()
    const piece = patternBytes(100_000)
    const body = source(async function* () {
      try {
        for (; taken < 10_000; taken++) yield piece
      } finally {
        letGo.resolve()
      }
    })
    equal((await stage.send(`${server.origin}/broken`, { method: "PUT", body })).kind, "failure")
    await letGo.promise
    equal(taken < 1000, true, `${taken / 10} MB were taken for a connection that was not read`)
  })
}
