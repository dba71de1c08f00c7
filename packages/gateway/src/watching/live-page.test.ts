import { createServer, get, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { rehearse } from "@steadfetch/testing"
import { expect, onTestFinished, test } from "vitest"
import { LivePage } from "./live-page.ts"

/** A page with one who looks at it, on the virtual clock. */
async function looked() {
  const { runtime, clock } = rehearse()
  const page = new LivePage(runtime.events, clock)
  const left = Promise.withResolvers<void>()
  const server = createServer((req, res) => {
    res.on("close", () => left.resolve())
    void page.answer(req, res, "/feed")
  }).listen(0, "127.0.0.1")
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once("listening", resolve))
  const { port } = server.address() as AddressInfo
  const viewer = await new Promise<IncomingMessage>((resolve) => get({ host: "127.0.0.1", port }, resolve))
  viewer.on("error", () => {}).resume()
  const isHeard = (): boolean => runtime.events.heard("call-ended")
  return { page, clock, viewer, left: left.promise, isHeard }
}

test("calls are listened to until five minutes after the last one has left", async () => {
  const { clock, viewer, left, isHeard } = await looked()
  await clock.advance(400_000)
  expect(isHeard()).toBe(true)
  viewer.destroy()
  await left
  await clock.advance(299_000)
  expect(isHeard()).toBe(true)
  await clock.advance(1000)
  expect(isHeard()).toBe(false)
})

test("nothing is left when it was closed while somebody looked: no listener, and no timer that keeps the process", async () => {
  const { page, clock, left, isHeard } = await looked()
  page.close()
  await left
  expect([isHeard(), clock.pending]).toEqual([false, 0])
})
