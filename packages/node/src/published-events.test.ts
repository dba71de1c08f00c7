import { subscribe, unsubscribe } from "node:diagnostics_channel"
import { scriptedTransport, testRuntime } from "@steadfetch/testing"
import type { EventMap } from "steadfetch"
import { expect, test } from "vitest"
import { createFetch, steadfetch } from "./index.ts"
import { PublishedEvents } from "./published-events.ts"

const types: readonly (keyof EventMap)[] = [
  "call-started", "attempt-started", "attempt-ended", "waiting", "budget", "held", "rejected", "changed", "hedged", "served", "call-ended",
] // prettier-ignore

/** What is published on all channels while something happens, by name. */
async function published(happen: () => Promise<unknown>): Promise<[name: string, event: unknown][]> {
  const messages: [string, unknown][] = []
  const note = (message: unknown, name: string | symbol): unknown => messages.push([String(name), message])
  for (const type of types) subscribe(`steadfetch:${type}`, note)
  try {
    await happen()
    return messages
  } finally {
    for (const type of types) unsubscribe(`steadfetch:${type}`, note)
  }
}

function scripted() {
  const { clock, random, uniqueId } = testRuntime()
  const transport = scriptedTransport(clock)
  const api = steadfetch({ baseUrl: "https://api.test", transport, runtime: { clock, random, uniqueId } })
  return { api, transport, clock }
}

test("the events of a client are on channels of the same names, with the same messages", async () => {
  const { api, transport, clock } = scripted()
  transport.replies(503).replies(200)
  const heard: unknown[] = []
  for (const type of types) api.on(type, (event) => heard.push(event))
  const messages = await published(() => clock.runUntil(api.get("/")))
  expect(messages.map(([name]) => name)).toEqual([
    "steadfetch:call-started",
    "steadfetch:attempt-started",
    "steadfetch:attempt-ended",
    "steadfetch:budget",
    "steadfetch:waiting",
    "steadfetch:attempt-started",
    "steadfetch:attempt-ended",
    "steadfetch:budget",
    "steadfetch:call-ended",
  ])
  expect(messages.map(([, event]) => event)).toEqual(heard)
})

test("so are those of the drop-in fetch", async () => {
  const fetch = createFetch({ fetch: async () => Response.json({}) })
  const messages = await published(() => fetch("https://api.test/"))
  expect(messages.map(([name]) => name)).toContain("steadfetch:attempt-ended")
})

test("an event that nobody subscribed to is not built", async () => {
  const events = new PublishedEvents()
  expect(types.filter((type) => events.heard(type))).toEqual([])
  await published(async () => expect(types.filter((type) => events.heard(type))).toEqual(types))
})

test("a client derived with other policies has listeners of its own", async () => {
  const { api, transport, clock } = scripted()
  transport.otherwise.replies(200)
  const heard: string[] = []
  api.on("call-ended", ({ call }) => heard.push(call.url))
  await clock.runUntil(api.extend({ timeout: false }).get("/derived"))
  await clock.runUntil(api.get("/own"))
  expect(heard).toEqual(["https://api.test/own"])
})

test("a test may bring events of its own", () => {
  const { events } = testRuntime()
  let calls = 0
  events.on("call-started", () => calls++)
  const { clock } = testRuntime()
  const transport = scriptedTransport(clock).replies(200)
  const api = steadfetch({ baseUrl: "https://api.test", transport, runtime: { clock, events } })
  return clock.runUntil(api.get("/")).then(() => expect(calls).toBe(1))
})
