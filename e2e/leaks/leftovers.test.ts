import { refusedPort, startFaultServer } from "@steadfetch/testing/fault-server"
import { expect, test } from "vitest"
import type { Leftovers, LeftoversInput } from "./leftovers.child.ts"
import { transportNames } from "../transports.ts"
import { runChild } from "./run-child.ts"
import { script } from "./script.ts"

/** How every call of each kind has to end. */
const ends = {
  "a refused connection": ["refused"],
  "a reset before the headers": ["reset"],
  "a reset in mid-headers": ["reset"],
  "a reset in mid-body": ["broken-body"],
  "a body that stalls": ["timeout"],
  "headers that never come": ["timeout"],
  "headers after the deadline": ["timeout"],
  "broken chunks": ["broken-body"],
  "a last chunk that never comes": ["broken-body"],
  "a body shorter than announced": ["broken-body"],
  "no HTTP": ["protocol"],
  "a 503": ["503"],
  "a 503 without limits": ["503"],
  "a 503 with a body without end, streamed": ["503"],
  "a 404": ["404"],
  "a body that is too large": ["too-large"],
  "a redirect without end": ["redirect"],
  "an upload that is cut off": ["reset"],
  "an abort between attempts": ["aborted"],
  "an abort before the headers": ["aborted"],
  "an abort in mid-body": ["aborted"],
  "a stream that is given up": ["given up"],
  "a 503 of the drop-in's, unread": ["503"],
  "a 503 of the drop-in's with a body without end": ["503"],
  "a reset under the drop-in": ["TypeError: fetch failed"],
  "an abort of the drop-in's": ["aborted"],
}

const child = new URL("leftovers.child.ts", import.meta.url)

test.each(transportNames)(
  "a thousand calls over %s that fail in all manners leave nothing behind",
  async (transport) => {
    await using server = await startFaultServer(script, { limits: { keptRequests: 10 } })
    await using refused = await refusedPort()
    const places = { server: server.origin, refused: refused.origin }
    const input: LeftoversInput = { transport, calls: 1000, atOnce: 25, ...places }
    const left = await runChild<Leftovers>(child, input)
    expect(left).toEqual({ ends, calls: 1000, listeners: 0, resources: [], complaints: [] })
    await server.allClosed()
    expect(server.malformed).toEqual([])
  },
)
