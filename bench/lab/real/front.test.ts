import { virtualClock } from "@steadfetch/testing"
import { expect, test } from "vitest"
import { failingServer, slowingServer } from "../simulation/servers.ts"
import { openFront, READY_PATH } from "./front.ts"

test("what a client has given up on goes on taking the server's time", async () => {
  const clock = virtualClock()
  const model = slowingServer(clock, 100, 50)
  await using front = await openFront(model, "503", () => clock.date())
  const caller = new AbortController()
  const given = fetch(front.origin, { signal: caller.signal })
  await expect.poll(() => model.received).toBe(1)
  caller.abort()
  await expect(given).rejects.toThrow("aborted")
  const next = fetch(front.origin)
  await expect.poll(() => model.received).toBe(2)
  await clock.advance(149)
  expect(clock.pending).toBeGreaterThan(0)
  await clock.advance(1)
  expect((await next).status).toBe(200)
  expect(clock.now()).toBe(150)
})

test("failures are replies of 503 without Retry-After", async () => {
  const clock = virtualClock()
  const model = failingServer(clock, 1, 50, () => 0)
  await using front = await openFront(model, "503", () => clock.date())
  const asked = fetch(front.origin)
  await expect.poll(() => model.received).toBe(1)
  await clock.advance(50)
  const { status, headers } = await asked
  expect({ status, retryAfter: headers.get("retry-after") }).toEqual({ status: 503, retryAfter: null })
  expect(front.receivedAt).toEqual([clock.date() - 50])
})

test("failures are connections that are reset, when asked for", async () => {
  const clock = virtualClock()
  const model = failingServer(clock, 1, 50, () => 0)
  await using front = await openFront(model, "reset", () => clock.date())
  const asked = fetch(front.origin)
  const refused = expect(asked).rejects.toMatchObject({ cause: { code: "ECONNRESET" } })
  await expect.poll(() => model.received).toBe(1)
  await clock.advance(50)
  await refused
})

test("clients that get ready are answered, and not counted", async () => {
  const clock = virtualClock()
  const model = failingServer(clock, 1, 50, () => 0)
  await using front = await openFront(model, "503", () => clock.date())
  expect((await fetch(front.origin + READY_PATH)).status).toBe(200)
  expect({ received: model.received, at: front.receivedAt }).toEqual({ received: 0, at: [] })
})
