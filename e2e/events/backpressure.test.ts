import { once } from "node:events"
import { eventStreams, lineStreams, steadfetch } from "steadfetch"
import { describe, expect, test } from "vitest"
import { makeTransport, transportNames } from "../transports.ts"
import { StreamServer } from "./stream-server.ts"

const MIB = 1024 * 1024

/** What lies in the buffers of both ends and of the kernel's sockets between them. */
const MOST_BETWEEN_BYTES = 16 * MIB
const RECEIVED_BYTES = 128 * MIB

const text = JSON.stringify({ text: "x".repeat(1000) })
const units = { lines: `${text}\n`, jsonLines: `${text}\n`, events: `data: ${text}\n\n` } as const
const kinds = Object.keys(units) as (keyof typeof units)[]

describe.each(transportNames)("on %s", (transport) => {
  test.each(kinds)("who takes %s slowly holds the server back, and who leaves ends it", async (kind) => {
    const unit = units[kind]
    const block = Buffer.from(unit.repeat(64))
    let sentBytes = 0
    await using server = await StreamServer.start(async (response) => {
      const closed = once(response, "close")
      response.writeHead(200, { "content-type": "text/event-stream" })
      while (!response.closed) {
        sentBytes += block.length
        if (!response.write(block)) await Promise.race([once(response, "drain").catch(() => {}), closed])
      }
    })
    const api = steadfetch({
      baseUrl: server.origin,
      abilities: [eventStreams, lineStreams],
      transport: makeTransport(transport),
    })
    const items: AsyncIterableIterator<unknown> = api.get("/flood")[kind]()
    await items.next()

    // It sends until all that lies between is full, and then no more, however long the consumer takes.
    let before = 0
    const sentSince = (): number => {
      const since = sentBytes - before
      before = sentBytes
      return since
    }
    await expect.poll(sentSince, { interval: 100 }).toBe(0)

    let takenBytes = unit.length
    let mostBetween = sentBytes
    for await (const _ of items) {
      takenBytes += unit.length
      mostBetween = Math.max(mostBetween, sentBytes - takenBytes)
      if (takenBytes >= RECEIVED_BYTES) break
    }
    expect(takenBytes).toBeGreaterThanOrEqual(RECEIVED_BYTES)
    expect(mostBetween).toBeLessThan(MOST_BETWEEN_BYTES)
    await expect.poll(() => server.connections()).toBe(0)
    await api.close()
  })
})
