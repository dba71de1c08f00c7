import { createHash } from "node:crypto"
import { mkdtemp, open, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { reset, startFaultServer, status } from "@steadfetch/testing/fault-server"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { runChild } from "../leaks/run-child.ts"
import type { Upload, UploadInput } from "./upload.child.ts"

const child = new URL("upload.child.ts", import.meta.url)
const MIB = 1024 * 1024
const SIZE_BYTES = 64 * MIB

/** A client that kept the body would hold 64 MiB. What is under way between file and socket is a few pieces of 64 KiB. */
const MOST_HELD_BYTES = 16 * MIB

let directory: string
let file: string
let sha256: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "large-"))
  file = join(directory, "large")
  const hash = createHash("sha256")
  const handle = await open(file, "w")
  for (let at = 0; at < SIZE_BYTES; at += MIB) {
    const piece = Buffer.alloc(MIB, `${at} bytes before this `)
    hash.update(piece)
    await handle.write(piece)
  }
  await handle.close()
  sha256 = hash.digest("hex")
})

afterAll(() => rm(directory, { recursive: true }))

describe("12: a large body is sent without a copy of it in memory", () => {
  test.each(["client", "client on undici"] as const)(
    "the %s sends 64 MiB from a function that opens a file, as often as it takes, and holds little of it",
    async (way) => {
      await using server = await startFaultServer({
        "PUT /": [reset("before-reading"), reset("before-headers"), status(503), status(201)],
      })
      const { mostHeldBytes, ...upload } = await runChild<Upload>(child, input(server.origin, way))
      expect(upload).toEqual({ status: 201, opened: 4 })
      const [cut, ...whole] = server.requests.map(({ body }) => body)
      expect(cut?.complete).toBe(false)
      expect(whole.map((body) => body.sha256)).toEqual([sha256, sha256, sha256])
      expect(mostHeldBytes).toBeLessThan(MOST_HELD_BYTES)
    },
  )

  test.each(["drop-in", "drop-in with a Request"] as const)(
    "the %s sends a stream of 64 MiB and makes no copy",
    async (way) => {
      await using server = await startFaultServer({ "PUT /": status(201) })
      const { mostHeldBytes, ...upload } = await runChild<Upload>(child, input(server.origin, way))
      expect(upload).toEqual({ status: 201, opened: 1 })
      expect(server.requests.map(({ body }) => body.sha256)).toEqual([sha256])
      expect(mostHeldBytes).toBeLessThan(MOST_HELD_BYTES)
    },
  )

  test("a copy made with tee() would be seen", async () => {
    await using server = await startFaultServer({ "PUT /": status(201) })
    const { mostHeldBytes } = await runChild<Upload>(child, input(server.origin, "client with a copy"))
    expect(mostHeldBytes).toBeGreaterThan(SIZE_BYTES / 2)
  })
})

function input(origin: string, way: UploadInput["way"]): UploadInput {
  return { url: `${origin}/`, file, way }
}
