import { deepEqual, equal } from "node:assert/strict"
import type { Reading } from "steadfetch"
import { patternBytes, redirect, status, type ReplyParts } from "../fault-server/index.ts"
import { bytesOf, type Claim } from "./stage.ts"

const READINGS: readonly Reading[] = ["buffer", "stream"]

/** What a reply must be like. */
export function replyClaims(claim: Claim): void {
  for (const code of [200, 201, 202, 206, 299, 300, 400, 404, 418, 429, 499, 500, 503, 599]) {
    claim(`gives ${code} as a reply`, async (stage) => {
      const server = await stage.serve(status(code, { body: "words" }))
      const reply = await stage.reply(server.origin)
      deepEqual([reply.status, Buffer.from(await bytesOf(reply)).toString()], [code, "words"])
    })
  }

  claim("gives header fields without regard to case, lines of one name joined", async (stage) => {
    const headers = { "X-One": "1", "X-List": ["a", "b"], "x-latin": "caf\u00e9", "Set-Cookie": ["a=1; Path=/", "b=2"] }
    const server = await stage.serve(status(200, { headers }))
    const { headers: fields } = await stage.reply(server.origin)
    deepEqual(["x-one", "X-LIST", "x-latin", "none"].map((name) => fields.get(name)), ["1", "a, b", "caf\u00e9", null]) // prettier-ignore
    equal(fields.get("set-cookie"), "a=1; Path=/, b=2")
    const own = Object.fromEntries([...fields].filter(([name]) => name.startsWith("x-")))
    deepEqual(own, { "x-one": "1", "x-list": "a, b", "x-latin": "caf\u00e9" })
  })

  claim("hands redirects over", async (stage) => {
    const server = await stage.serve(redirect(302, "/there"))
    const reply = await stage.reply(server.origin)
    deepEqual([reply.status, reply.headers.get("location"), server.requests.length], [302, "/there", 1])
  })

  claim("takes the final reply after interim ones", async (stage) => {
    const informational = [{ status: 103, headers: { link: "</a.css>", "x-early": "1" } }]
    const server = await stage.serve(status(200, { informational }))
    const reply = await stage.reply(server.origin)
    deepEqual([reply.status, reply.headers.get("x-early")], [200, null])
  })

  for (const reading of READINGS) bodyClaims(claim, reading)
  bodilessClaims(claim)
}

function bodyClaims(claim: Claim, reading: Reading): void {
  for (const framing of ["content-length", "chunked", "until-close"] as const) {
    claim(`reads a body byte for byte (${reading}, ${framing})`, async (stage) => {
      const server = await stage.serve(status(200, { body: { bytes: 1_000_000 }, framing }))
      const reply = await stage.reply(server.origin, { reading })
      equal(Buffer.compare(await bytesOf(reply), patternBytes(1_000_000)), 0)
    })
  }

  claim(`decodes a coded body (${reading})`, async (stage) => {
    for (const name of ["gzip", "deflate", "br"] as const) {
      const server = await stage.serve(status(200, { body: { bytes: 100_000 }, coding: { name } }))
      const reply = await stage.reply(server.origin, { reading, headers: [["accept-encoding", "gzip, deflate, br"]] })
      equal(Buffer.compare(await bytesOf(reply), patternBytes(100_000)), 0)
    }
  })

  claim(`reads a body that comes in pieces (${reading})`, async (stage) => {
    const trickle = { chunkBytes: 50, gapMs: 1 }
    const server = await stage.serve(status(200, { body: { bytes: 500 }, trickle }))
    const reply = await stage.reply(server.origin, { reading })
    deepEqual(new Uint8Array(await bytesOf(reply)), patternBytes(500))
  })
}

function bodilessClaims(claim: Claim): void {
  const bodiless: readonly (readonly [string, string, number, ReplyParts])[] = [
    ["HEAD", "HEAD", 200, { body: { bytes: 5000 } }],
    ["204", "GET", 204, {}],
    ["304", "GET", 304, {}],
    ["an empty body", "GET", 200, { body: "" }],
  ]
  for (const [what, method, code, parts] of bodiless) {
    claim(`has no bytes for ${what}, and leaves the connection usable`, async (stage) => {
      const server = await stage.serve(status(code, parts))
      for (const reading of READINGS) {
        const reply = await stage.reply(server.origin, { method, reading })
        deepEqual([reply.status, (await bytesOf(reply)).length], [code, 0])
      }
    })
  }
}
