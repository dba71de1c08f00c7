import { startFaultServer, stall } from "@steadfetch/testing/fault-server"
import { expect, test } from "vitest"
import { steadfetch } from "./steadfetch.ts"

test("a stream that is aborted while it is read ends with the exact reason", async () => {
  await using server = await startFaultServer({ "/": stall({ afterBytes: 5 }) })
  const controller = new AbortController()
  const reason = new Error("enough")
  const stream = await steadfetch().get(server.origin, { signal: controller.signal }).stream()
  const reader = stream.getReader()
  expect((await reader.read()).value?.byteLength).toBe(5)
  const read = reader.read()
  controller.abort(reason)
  await expect(read).rejects.toBe(reason)
})
