import { getEventListeners } from "node:events"
import { rehearse } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { pause } from "../cancellation.ts"
import {
  eventStreams,
  failure,
  receiveBody,
  type Clock,
  type Exchange,
  type Failure,
  type Outcome,
  type Policy,
} from "../index.ts"

/** How one connection goes: no reply, a status, or a stream of so many bytes, in pieces, that then ends or breaks off. */
interface Connection {
  readonly status: number | "reset"
  readonly bytes: number
  readonly pieceBytes: number
  readonly ends: boolean
  readonly gapMs: number
}

const connection: fc.Arbitrary<Connection> = fc.record({
  status: fc.constantFrom(200, 200, 200, 503, "reset" as const),
  bytes: fc.nat(120),
  pieceBytes: fc.integer({ min: 1, max: 50 }),
  ends: fc.boolean(),
  gapMs: fc.nat(2000),
})

/** Events 1 to `count`, after the one that the client has. */
function eventsAfter(id: number, count: number): Uint8Array {
  const events = Array.from({ length: count - id }, (_, index) => id + index + 1)
  return new TextEncoder().encode(events.map((event) => `id: ${event}\r\ndata: 茶 ${event}\r\n\r\n`).join(""))
}

/** How a connection goes once those that were told are over. */
const WELL: Omit<Connection, "status"> = { bytes: 1e6, pieceBytes: 1e6, ends: true, gapMs: 0 }

/** In place of the server: it keeps to the protocol, and its connections go as told. */
function feed(count: number, connections: readonly Connection[]): Policy {
  let next = 0
  const answer = async (exchange: Exchange, clock: Clock): Promise<Outcome> => {
    const id = Number(exchange.request.headers.find(([name]) => name === "last-event-id")?.[1] ?? 0)
    const told = connections[next++] ?? { ...WELL, status: id < count ? 200 : 204 }
    if (told.status === "reset") return failure("reset", "reset")
    const source = told.status === 200 ? streamOf(eventsAfter(id, count), told, clock) : null
    const body = await receiveBody(source, told.status, exchange, (error) => error as Failure)
    const headers = new Headers({ "content-type": "text/event-stream" })
    return "kind" in body ? body : { kind: "reply", status: told.status, url: undefined, headers, body }
  }
  return {
    name: "feed",
    scope: "attempt",
    wrap:
      (_, { clock }) =>
      (exchange) =>
        answer(exchange, clock),
  }
}

function streamOf(all: Uint8Array, { bytes, pieceBytes, ends, gapMs }: Connection, clock: Clock) {
  const body = all.subarray(0, bytes)
  let sent = 0
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await pause(clock, gapMs, undefined)
        if (sent < body.length) controller.enqueue(body.slice(sent, (sent += pieceBytes)))
        else if (ends) controller.close()
        else controller.error(failure("broken-body", "broken"))
      },
    },
    { highWaterMark: 0 },
  )
}

test("whatever the connections do, each event comes once, in order, until the end or an abort, and nothing is left", async () => {
  const abortAtMs = fc.option(fc.nat(60_000), { nil: undefined })
  await fc.assert(
    fc.asyncProperty(fc.nat(12), fc.array(connection, { maxLength: 12 }), abortAtMs, async (count, told, abortAtMs) => {
      // The first connection is open: a stream that never was is an error.
      const connections = [{ ...WELL, status: 200, bytes: 0 }, ...told]
      const options = { retry: { attempts: 3, budget: false }, deadline: false, timeout: false } as const
      const add = [feed(count, connections)]
      const { api, run, clock } = rehearse({ abilities: [eventStreams], ...options, add })
      const controller = new AbortController()
      const callOff = clock.after(abortAtMs ?? Number.POSITIVE_INFINITY, () => controller.abort("mine"))
      const seen: string[] = []
      const follow = async (): Promise<unknown> => {
        const events = api.get("/feed", { signal: controller.signal, timeout: false }).events()
        for await (const { data } of events) seen.push(data)
        return "whole"
      }
      const end = await run(follow().catch((error: unknown) => error))
      callOff()
      const all = Array.from({ length: count }, (_, index) => `茶 ${index + 1}`)
      expect([seen, end]).toEqual(end === "mine" ? [all.slice(0, seen.length), end] : [all, "whole"])
      // What the server still has under way.
      await clock.advance(2000)
      expect(clock.pending).toBe(0)
      expect(getEventListeners(controller.signal, "abort")).toEqual([])
    }),
    { numRuns: 100 },
  )
})
