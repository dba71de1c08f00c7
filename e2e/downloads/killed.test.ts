import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readdir, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { downloads } from "@steadfetch/node"
import { steadfetch } from "steadfetch"
import { afterEach, beforeEach, expect, test } from "vitest"
import { makeTransport, transportNames } from "../transports.ts"
import type { KilledInput } from "./killed.child.ts"
import { firstDifference, startRangeServer } from "./range-server.ts"

const child = fileURLToPath(new URL("killed.child.ts", import.meta.url))
const MB = 1_000_000

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "killed-download-"))
})

afterEach(() => rm(directory, { recursive: true }))

/** Starts a download in a process of its own, and kills that once so many bytes have arrived. */
async function killAfter(bytes: number, input: KilledInput): Promise<void> {
  const args = ["--conditions=@steadfetch/source", child, JSON.stringify(input)]
  const downloading = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
  const closed = once(downloading, "close")
  for await (const line of createInterface({ input: downloading.stdout })) {
    if (Number(line) < bytes) continue
    downloading.kill("SIGKILL")
    break
  }
  expect((await closed)[1]).toBe("SIGKILL")
}

test.each(transportNames)(
  "a download whose process was killed goes on from the bytes that are there, on %s",
  async (transport) => {
    await using server = await startRangeServer({ lengthBytes: 60 * MB, stallsAfterBytes: 40 * MB })
    const file = join(directory, "large.bin")
    await killAfter(10 * MB, { url: server.url, file, transport })
    expect((await readdir(directory)).toSorted()).toEqual(["large.bin.part", "large.bin.part.json"])
    const { size } = await stat(`${file}.part`)
    expect(size).toBeGreaterThanOrEqual(10 * MB)
    const api = steadfetch({ transport: makeTransport(transport), abilities: [downloads] })
    expect(await api.get(server.url).download(file)).toMatchObject({
      totalBytes: 60 * MB,
      resumedBytes: size,
      verifiedDigests: ["sha-256"],
    })
    expect(server.ranges).toEqual([undefined, `bytes=${size}-`])
    expect(await firstDifference(file, 60 * MB)).toBeUndefined()
    expect(await readdir(directory)).toEqual(["large.bin"])
  },
)
