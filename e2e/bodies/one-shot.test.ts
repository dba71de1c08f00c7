import { hash } from "node:crypto"
import { createReadStream } from "node:fs"
import { Readable } from "node:stream"
import { fileURLToPath } from "node:url"
import { readFile } from "node:fs/promises"
import { close, echo, reset, startFaultServer, status, type Echo, type Step } from "@steadfetch/testing/fault-server"
import { createFetch, steadfetch, type BodyInput } from "steadfetch"
import { describe, expect, test } from "vitest"
import { HeldTime } from "../peers/held-time.ts"
import { oneShot, streamInit } from "../peers/one-shot.ts"

const thisFile = fileURLToPath(import.meta.url)

async function* generated(): AsyncGenerator<string> {
  yield "first "
  yield "second"
}

/** Streams that can be read once, and what they hold. */
const streams: Readonly<Record<string, { readonly open: () => BodyInput; readonly holds: () => Promise<string> }>> = {
  "a web stream": { open: () => oneShot("first ", "second"), holds: async () => "first second" },
  "a Node stream": { open: () => Readable.from(["first ", "second"]), holds: async () => "first second" },
  "a file": { open: () => createReadStream(thisFile), holds: () => readFile(thisFile, "utf8") },
  "a generator": { open: generated, holds: async () => "first second" },
}
const kinds = Object.entries(streams).map(([kind, stream]) => ({ kind, ...stream }))

const ends: Readonly<Record<string, Step>> = {
  "a 503 that names a time": status(503, { headers: { "retry-after": "0" } }),
  "a reset": reset("before-headers"),
  "a connection closed in mid-reply": close("mid-headers"),
}
const cases = kinds.flatMap((kind) => Object.entries(ends).map(([end, step]) => ({ ...kind, end, step })))

describe("a stream of which a byte was read is not sent again", () => {
  test.each(cases)("from $kind, after $end", async ({ open, holds, step }) => {
    await using server = await startFaultServer({ "PUT /": [step, echo()] })
    const time = new HeldTime()
    const api = steadfetch({ baseUrl: server.origin, runtime: time.runtime(), on: time.passingWaits })
    const stream = open()
    const outcome = await api.put("/", { body: typeof stream === "function" ? stream() : stream }).outcome()
    expect(outcome.kind === "success" ? "success" : outcome.error.message).toMatch(/body .* stream .* function/)
    expect(server.requests.map(({ body }) => body.sha256)).toEqual([hash("sha256", await holds())])
  })
})

describe("a stream of which nothing was read is sent after all", () => {
  test.each(kinds)("from $kind, when the connection was refused at first", async ({ open, holds }) => {
    await using server = await startFaultServer({ "PUT /": echo() })
    await server.stopListening()
    const time = new HeldTime()
    const comeBack = async (waitMs: number): Promise<void> => {
      await server.listenAgain()
      time.pass(waitMs)
    }
    const on = { waiting: (event: { readonly waitMs: number }) => void comeBack(event.waitMs) }
    const api = steadfetch({ baseUrl: server.origin, runtime: time.runtime(), on })
    const stream = open()
    const reply = await api.put("/", { body: typeof stream === "function" ? stream() : stream })
    expect(reply.attempts.map(({ failure, status }) => failure ?? status)).toEqual(["refused", 200])
    expect((await reply.json<Echo>()).body.sha256).toBe(hash("sha256", await holds()))
  })

  test("but not by the drop-in, whose platform has taken the stream", async () => {
    await using server = await startFaultServer({ "PUT /": echo() })
    await server.stopListening()
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime(), on: time.passingWaits })
    const call = steadyFetch(server.origin, streamInit("PUT", oneShot("first")))
    await expect(call).rejects.toThrow(expect.objectContaining({ name: "TypeError", message: "fetch failed" }))
    await server.listenAgain()
    expect(server.requests).toHaveLength(0)
  })

  test("and when the call ends without an attempt, the stream is let go", async () => {
    const file = createReadStream(thisFile)
    const closed = new Promise<void>((resolve) => file.once("close", resolve))
    const controller = new AbortController()
    const api = steadfetch({ on: { "call-started": () => controller.abort() } })
    const call = api.put("http://127.0.0.1:9/", { body: file, signal: controller.signal }).outcome()
    await expect(call).rejects.toBe(controller.signal.reason)
    await closed
    expect(file.bytesRead).toBe(0)
  })
})
