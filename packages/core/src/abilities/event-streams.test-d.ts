import { expectTypeOf, test } from "vitest"
import { z } from "zod"
import {
  eventStreams,
  lineStreams,
  steadfetch,
  type EventOptions,
  type EventStream,
  type ServerSentEvent,
} from "../index.ts"

const api = steadfetch({ abilities: [eventStreams, lineStreams] })

test("events are typed, and so is what they hold where the caller says so", async () => {
  const events = api.post("/chat").events({ until: "[DONE]" })
  expectTypeOf(events).toEqualTypeOf<EventStream>()
  for await (const event of events) {
    expectTypeOf(event).toEqualTypeOf<ServerSentEvent>()
    expectTypeOf(event.json()).toEqualTypeOf<unknown>()
    expectTypeOf(event.json<{ a: 1 }>()).toEqualTypeOf<{ a: 1 }>()
  }
  expectTypeOf(await events.next()).toEqualTypeOf<IteratorResult<ServerSentEvent, undefined>>()
})

test("an event's options are checked", () => {
  expectTypeOf<{ reconnect: { times: 3 }; idleMs: false }>().toExtend<EventOptions>()
  expectTypeOf<{ until: (event: ServerSentEvent) => boolean }>().toExtend<EventOptions>()
  expectTypeOf<{ reconnect: 3 }>().not.toExtend<EventOptions>()
  expectTypeOf<{ until: (event: ServerSentEvent) => string }>().not.toExtend<EventOptions>()
})

test("lines are text, JSON lines what the caller says", async () => {
  for await (const line of api.get("/").lines()) expectTypeOf(line).toEqualTypeOf<string>()
  for await (const value of api.get("/").jsonLines()) expectTypeOf(value).toEqualTypeOf<unknown>()
  for await (const value of api.get("/").jsonLines<Date>()) expectTypeOf(value).toEqualTypeOf<Date>()
  const User = z.object({ id: z.number(), born: z.coerce.date() })
  for await (const user of api.get("/").jsonLines(User)) expectTypeOf(user).toEqualTypeOf<z.output<typeof User>>()
})
