import { buffer } from "node:stream/consumers"
import { gzipSync } from "node:zlib"
import { close, patternBytes, reset, stall, startFaultServer, status } from "@steadfetch/testing/fault-server"
import { systemClock, type Clock } from "steadfetch"
import { describe, expect, onTestFinished, test } from "vitest"
import { steadfetch } from "../steadfetch.ts"

const long = gzipSync("words ".repeat(100_000)).toString("base64")
const plain = { body: { bytes: 5000 } }
const kinds = {
  plain,
  coded: { headers: { "content-encoding": "gzip" }, body: { base64: long } },
} as const

/** What would end the process, were it not for this test. */
function uncaught(): readonly unknown[] {
  const errors: unknown[] = []
  const note = (error: unknown): number => errors.push(error)
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, note)
    onTestFinished(() => void process.off(event, note))
  }
  return errors
}

describe.each(Object.entries(kinds))("a streamed body that is %s", (_, reply) => {
  test("breaks off for its reader alone, though it did so before anyone read", async () => {
    await using server = await startFaultServer({ "/": reset({ afterBytes: 100 }, reply) })
    const errors = uncaught()
    const stream = await steadfetch({ baseUrl: server.origin }).get("/").stream()
    await server.allClosed()
    // The client's side of the connection learns of it after the server's.
    await steadfetch({ baseUrl: server.origin, retry: false }).get("/").outcome()
    await expect(buffer(stream)).rejects.toMatchObject({ code: "broken-body" })
    expect(errors).toEqual([])
  })

  test("ends with the caller's reason, though it was aborted before anyone read", async () => {
    await using server = await startFaultServer({ "/": stall({ afterBytes: 100 }, reply) })
    const errors = uncaught()
    const controller = new AbortController()
    const stream = await steadfetch({ baseUrl: server.origin }).get("/", { signal: controller.signal }).stream()
    const reason = new Error("the caller left")
    controller.abort(reason)
    await server.allClosed()
    await expect(buffer(stream)).rejects.toBe(reason)
    expect(errors).toEqual([])
  })

  test.each(["before", "after"])("lets its connection go when it is cancelled %s it was read from", async (when) => {
    await using server = await startFaultServer({ "/": stall({ afterBytes: 300 }, reply) })
    const errors = uncaught()
    const stream = await steadfetch({ baseUrl: server.origin }).get("/").stream()
    const reader = stream.getReader()
    if (when === "after" && reply === plain) await reader.read()
    await reader.cancel()
    await server.allClosed()
    expect(errors).toEqual([])
  })
})

test("what has arrived of a body that broke off is handed over before the failure", async () => {
  await using server = await startFaultServer({ "/": close({ afterBytes: 3000 }, plain) })
  const stream = await steadfetch({ baseUrl: server.origin }).get("/").stream()
  await server.allClosed()
  // The client's side of the connection learns of it after the server's.
  await steadfetch({ baseUrl: server.origin, retry: false }).get("/").outcome()
  const pieces: Uint8Array[] = []
  const end = (async () => {
    for await (const piece of stream) pieces.push(piece)
  })()
  await expect(end).rejects.toMatchObject({ code: "broken-body" })
  expect(Buffer.concat(pieces).equals(patternBytes(3000))).toBe(true)
})

test("after an abort nothing more is handed over, though it broke off before", async () => {
  await using server = await startFaultServer({ "/": close({ afterBytes: 3000 }, plain) })
  const controller = new AbortController()
  const stream = await steadfetch({ baseUrl: server.origin }).get("/", { signal: controller.signal }).stream()
  await server.allClosed()
  await steadfetch({ baseUrl: server.origin, retry: false }).get("/").outcome()
  controller.abort("the caller left")
  await expect(stream.getReader().read()).rejects.toBe("the caller left")
})

test("a reply that has no body holds nothing, though nobody reads it", async () => {
  await using server = await startFaultServer({ "/": status(204) })
  const timers = new Set<object>()
  const clock: Clock = {
    ...systemClock,
    after: (delayMs, run) => {
      const callOff = systemClock.after(delayMs, run)
      const timer = {}
      timers.add(timer)
      return () => {
        timers.delete(timer)
        callOff()
      }
    },
  }
  const client = steadfetch({ baseUrl: server.origin, runtime: { clock } })
  const outcome = await client.get("/").outcome({ reading: "stream" })
  expect([outcome.kind, timers.size]).toEqual(["success", 0])
  await client.close()
})
