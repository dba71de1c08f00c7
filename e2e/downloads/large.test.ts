import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { runChild } from "../leaks/run-child.ts"
import { transportNames } from "../transports.ts"
import type { DownloadInput, DownloadReport } from "./download.child.ts"
import { firstDifference, startRangeServer, type RangeServer } from "./range-server.ts"

const child = new URL("download.child.ts", import.meta.url)
const MB = 1_000_000
const SIZE_BYTES = 1000 * MB

/** What is under way between socket and file is a few pieces of 64 KiB; one that kept the body would hold 1 GB. */
const MOST_HELD_BYTES = 8 * MB

/** Garbage included: how much of it there may be is the engine's choice. */
const MOST_GROWN_BYTES = 200 * MB

/** On a machine that does other things as well. */
const MOST_MS = 120_000

let server: RangeServer
let directory: string

beforeAll(async () => {
  server = await startRangeServer({ lengthBytes: SIZE_BYTES, cutEveryBytes: 50 * MB })
}, MOST_MS)

afterAll(() => server[Symbol.asyncDispose]())

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "large-download-"))
})

afterEach(() => rm(directory, { recursive: true }))

describe("1 GB over a server that cuts the connection every 50 MB", () => {
  test.each(transportNames)(
    "arrives byte for byte on %s, in constant memory",
    { timeout: MOST_MS },
    async (transport) => {
      const before = server.ranges.length
      const file = join(directory, "large.bin")
      const input: DownloadInput = { url: server.url, file, transport }
      const { mostHeldBytes, grownBytes, parts, ...report } = await runChild<DownloadReport>(child, input)
      expect(report).toEqual({ totalBytes: SIZE_BYTES, resumedBytes: 0, verifiedDigests: ["sha-256"] })
      // A few bytes may be lost with each connection, so that the last cut comes before the end.
      expect([20, 21]).toContain(parts)
      expect(server.ranges).toHaveLength(before + parts)
      expect(await readdir(directory)).toEqual(["large.bin"])
      expect(await firstDifference(file, SIZE_BYTES)).toBeUndefined()
      expect(mostHeldBytes).toBeLessThan(MOST_HELD_BYTES)
      expect(grownBytes).toBeLessThan(MOST_GROWN_BYTES)
    },
  )

  test("a download that kept its bytes would be seen", async () => {
    await using small = await startRangeServer({ lengthBytes: 100 * MB, cutEveryBytes: 50 * MB })
    const input: DownloadInput = { url: small.url, file: "", transport: "undici", keepsAll: true }
    const { mostHeldBytes } = await runChild<DownloadReport>(child, input)
    expect(mostHeldBytes).toBeGreaterThan(MOST_HELD_BYTES)
  })
})
