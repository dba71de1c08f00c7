import { stall, startFaultServer } from "@steadfetch/testing/fault-server"
import { expect, test } from "vitest"
import { runChild } from "../leaks/run-child.ts"
import type { ObjectsInput, ObjectsMade } from "./objects.child.ts"

const child = new URL("objects.child.ts", import.meta.url)

async function madeBy(transport: ObjectsInput["transport"], reading: ObjectsInput["reading"]): Promise<ObjectsMade> {
  await using server = await startFaultServer({ "/": stall({ afterBytes: 100 }) })
  const input: ObjectsInput = { url: `${server.origin}/`, transport, reading }
  return await runChild<ObjectsMade>(child, input, ["--disable-warning=ExperimentalWarning"])
}

test("a buffered attempt on undici makes no stream, no web object and no AbortSignal", async () => {
  expect(await madeBy("undici", "buffer")).toEqual({ nodeStreams: 0, webStreams: 0, abortSignals: 0 })
})

test("those of a streamed attempt would be seen, and those of fetch", async () => {
  const streamed = await madeBy("undici", "stream")
  expect(streamed).toMatchObject({ nodeStreams: 1, abortSignals: 0 })
  expect(streamed.webStreams).toBeGreaterThanOrEqual(1)
  const fetched = await madeBy("fetch", "buffer")
  expect(fetched.webStreams).toBeGreaterThan(0)
  expect(fetched.abortSignals).toBeGreaterThan(0)
})
