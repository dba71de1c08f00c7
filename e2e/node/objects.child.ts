/** Has attempts wait in mid-body, and tells how many objects of costly kinds each of them made. */
import { Socket } from "node:net"
import { Readable } from "node:stream"
import { queryObjects } from "node:v8"
import { undiciTransport } from "@steadfetch/node"
import { testExchange } from "@steadfetch/testing"
import { Cancellation, fetchTransport, type Reading } from "steadfetch"

/** What the child is asked to do. */
export interface ObjectsInput {
  /** A server that stalls in mid-body. */
  readonly url: string
  readonly transport: "undici" | "fetch"
  readonly reading: Reading
}

/** How many objects there are for each attempt, by kind. */
export type ObjectsMade = Readonly<Record<"nodeStreams" | "webStreams" | "abortSignals", number>>

const ATTEMPTS = 20

const { url, transport: name, reading } = JSON.parse(process.argv[2] ?? "") as ObjectsInput
const transport = name === "undici" ? undiciTransport({ agent: {} }) : fetchTransport()

/** How many there are, of those that the garbage collector cannot take. */
function count(kind: new () => object): number {
  return queryObjects(kind, { format: "count" })
}

function alive(): ObjectsMade {
  return {
    nodeStreams: count(Readable) - count(Socket),
    webStreams: count(ReadableStream),
    abortSignals: count(AbortSignal),
  }
}

const signal = new Cancellation(undefined)

/** Sends so many, and waits until all of them have headers. */
async function inBody(attempts: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let left = attempts
  const arrived = (): void => void (--left === 0 && resolve())
  const watch = { sending: () => {}, waiting: () => {}, arrived }
  for (let sent = 0; sent < attempts; sent++) void transport.send(testExchange(url, { signal, watch, reading }))
  await promise
}

// The first ones load what is loaded but once, prototypes that count as objects among it.
await inBody(1)
alive()
const before = alive()
await inBody(ATTEMPTS)
const now = alive()
const made = Object.entries(now).map(([kind, count]) => [kind, (count - before[kind as keyof ObjectsMade]) / ATTEMPTS])
process.stdout.write(JSON.stringify(Object.fromEntries(made)), () => process.exit())
