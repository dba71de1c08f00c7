import { gzipSync } from "node:zlib"
import { endless, startFaultServer, status, type Step } from "@steadfetch/testing/fault-server"
import { expect, test } from "vitest"
import { runChild } from "../leaks/run-child.ts"
import type { MemoryInput, MemoryUsed } from "./memory.child.ts"

const child = new URL("memory.child.ts", import.meta.url)
const MIB = 1024 * 1024

/** What the garbage of so much traffic takes until it is collected. */
const MOST_BYTES = 96 * MIB

/** 1 GiB of zeros in 1 MiB: a member of 16 MiB, 64 times (RFC 1952 §2.2). */
function bomb(): Step {
  const member = gzipSync(Buffer.alloc(16 * MIB))
  const base64 = Buffer.concat(Array.from({ length: 64 }, () => member)).toString("base64")
  return status(200, { headers: { "content-encoding": "gzip" }, body: { base64 } })
}

async function receive(
  step: Step,
  way: MemoryInput["way"],
  limits: { endlessBytes?: number } = {},
): Promise<MemoryUsed> {
  await using server = await startFaultServer({ "/small": status(200, { body: "small" }), "/": step }, { limits })
  return await runChild<MemoryUsed>(child, {
    url: `${server.origin}/`,
    way,
    maxBodyBytes: 10 * MIB,
  } satisfies MemoryInput)
}

test("a decompression bomb ends as too large, and takes little more memory than is allowed", async () => {
  const { end, grewBytes } = await receive(bomb(), "buffer")
  expect(end).toBe("too-large")
  expect(grewBytes).toBeLessThan(MOST_BYTES)
})

test("a streamed decompression bomb waits for its reader, who gives it up", async () => {
  const { end, grewBytes } = await receive(bomb(), "a piece")
  expect(end).toBe("given up")
  expect(grewBytes).toBeLessThan(MOST_BYTES)
})

test("a streamed gibibyte is decoded in little memory", async () => {
  const { end, grewBytes } = await receive(bomb(), "slowly")
  expect(end).toBe(1024 * MIB)
  expect(grewBytes).toBeLessThan(MOST_BYTES)
})

test("a slow reader of 256 MiB holds the server back", async () => {
  const body = status(200, { body: { bytes: 256 * MIB } })
  const { end, grewBytes } = await receive(body, "slowly")
  expect(end).toBe(256 * MIB)
  expect(grewBytes).toBeLessThan(MOST_BYTES)
})

test("a body without end is too large as soon as it is", async () => {
  const { end, grewBytes } = await receive(endless(), "buffer")
  expect(end).toBe("too-large")
  expect(grewBytes).toBeLessThan(MOST_BYTES)
})
