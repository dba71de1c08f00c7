import { gzipSync } from "node:zlib"
import { reset, stall, startFaultServer, status, type Script } from "@steadfetch/testing/fault-server"
import {
  CallRecord,
  Cancellation,
  pipeline,
  retry,
  systemRuntime,
  timeout,
  type Exchange,
  type Failure,
  type Outcome,
  type Policy,
  type Reply,
} from "steadfetch"
import type { Dispatcher } from "undici"
import { expect, onTestFinished, test } from "vitest"
import { RelayedBody } from "./relayed-body.ts"
import { RelayedFields, type FlatFields } from "./relayed-fields.ts"
import type { RelayOptions } from "./relay-options.ts"
import { undiciTransport } from "../transport/undici-transport.ts"

interface Relayed {
  readonly reply: Reply & { readonly headers: RelayedFields; readonly body: RelayedBody }
  readonly exchange: Exchange
}

/** What a relay gets from a server that plays the script. */
async function outcomeOf(
  script: Script,
  relay: RelayOptions = {},
  policies: readonly Policy[] = [],
  given: Partial<Exchange> = {},
): Promise<{ readonly outcome: Outcome; readonly server: Awaited<ReturnType<typeof startFaultServer>> }> {
  const server = await startFaultServer(script)
  const transport = undiciTransport({ agent: {}, relay })
  onTestFinished(async () => {
    await server.close()
    await transport.close()
  })
  const runtime = systemRuntime({}, { random: () => 0 })
  const url = `${server.origin}/`
  const outcome = await pipeline(
    policies,
    transport,
    runtime,
  )({
    request: { method: "GET", url, headers: [["accept", "text/plain"]], body: null },
    reading: "stream",
    signal: undefined,
    deadlineAt: Number.POSITIVE_INFINITY,
    maxBodyBytes: 100,
    keyed: false,
    options: {},
    watch: undefined,
    record: new CallRecord("GET", url, 0),
    ...given,
  })
  return { outcome, server }
}

async function relayed(...given: Parameters<typeof outcomeOf>): Promise<Relayed["reply"]> {
  const { outcome } = await outcomeOf(...given)
  if (outcome.kind === "failure") throw new Error(outcome.message)
  return outcome as Relayed["reply"]
}

interface Read {
  readonly bytes: Buffer
  readonly trailers?: FlatFields
  readonly failure?: Failure
}

function read(body: RelayedBody): Promise<Read> {
  const pieces: Uint8Array[] = []
  return new Promise((resolve) => {
    body.readBy({
      take: (piece) => pieces.push(piece) > 0,
      end: (trailers) => resolve({ bytes: Buffer.concat(pieces), trailers }),
      fail: (failure) => resolve({ bytes: Buffer.concat(pieces), failure }),
    })
  })
}

test("a relayed request has the header fields that it was given and no others", async () => {
  const { server } = await outcomeOf({ "/": status(204) })
  const names = server.requests[0]?.headers.map(([name]) => name.toLowerCase())
  expect(names).toEqual(["host", "connection", "accept"])
})

test("a relayed reply keeps its header lines, and its content coding", async () => {
  const coded = gzipSync("words")
  const reply = await relayed({
    "/": status(200, {
      headers: { "X-Two": ["1", "2"], "Content-Encoding": "gzip", "X-Latin": "caf\u00e9" },
      body: { base64: coded.toString("base64") },
    }),
  })
  const { lines } = reply.headers
  expect(lines.filter((_, index) => lines[index - 1] === "X-Two" && index % 2 === 1)).toEqual(["1", "2"])
  expect(lines[lines.indexOf("X-Latin") + 1]).toBe("caf\u00e9")
  expect(reply.headers.get("x-two")).toBe("1, 2")
  expect((await read(reply.body)).bytes).toEqual(coded)
})

test("interim replies are told as they come", async () => {
  const told: unknown[] = []
  const interim = { status: 103, headers: { link: "</a.css>" } }
  await relayed(
    { "/": status(200, { informational: [interim, interim] }) },
    { onInterim: (_, status, fields) => told.push([status, ...fields]) },
  )
  expect(told).toEqual([
    [103, "link", "</a.css>"],
    [103, "link", "</a.css>"],
  ])
})

test("a short body arrives inside its attempt: one that breaks off is fetched again", async () => {
  const script = {
    "/": { steps: [reset({ afterBytes: 5 }, { body: "some words" }), status(200, { body: "some words" })] },
  }
  const reply = await relayed(script, { wholeBytes: 100 }, [retry()])
  expect(Buffer.from(reply.body.bytes ?? []).toString()).toBe("some words")
})

test("a longer body is a stream, and breaks off for its reader", async () => {
  const { outcome } = await outcomeOf({ "/": reset({ afterBytes: 50 }, { body: { bytes: 101 } }) }, { wholeBytes: 100 })
  const { bytes, failure } = await read((outcome as Relayed["reply"]).body)
  expect(bytes.length).toBeLessThanOrEqual(50)
  expect(failure?.code).toBe("broken-body")
})

test("an error's body arrives inside its attempt, so that it is there when no later attempt has a reply", async () => {
  const down = status(503, { body: "down for maintenance" })
  const reply = await relayed({ "/": { steps: [down, reset("before-headers")] } }, {}, [
    retry({ attempts: 3, baseMs: 0 }),
  ])
  expect(Buffer.from(reply.body.bytes ?? []).toString()).toBe("down for maintenance")
})

test("an error's body of more than 1 MiB is a stream, whole all the same", async () => {
  const reply = await relayed({ "/": status(500, { body: { bytes: 3_000_000 } }) })
  expect(reply.body.bytes).toBeUndefined()
  expect((await read(reply.body)).bytes.length).toBe(3_000_000)
})

test("a reader that takes no more stops the connection, and goes on where it was", async () => {
  const reply = await relayed({ "/": status(200, { body: { bytes: 20_000_000 } }) })
  let taken = 0
  let pauses = 0
  let unasked = 0
  let isPaused = false
  // What had arrived before is handed over at once.
  let isHandingOver = true
  await new Promise<void>((resolve, reject) => {
    reply.body.readBy({
      take: (piece) => {
        if (isPaused && !isHandingOver) unasked++
        taken += piece.length
        pauses++
        isPaused = true
        setImmediate(() => {
          isPaused = false
          reply.body.resume()
        })
        return false
      },
      end: () => resolve(),
      fail: (failure) => reject(new Error(failure.message)),
    })
    isHandingOver = false
  })
  expect(taken).toBe(20_000_000)
  expect(pauses).toBeGreaterThan(10)
  expect(unasked).toBeLessThanOrEqual(1)
})

test("time stands still while the reader takes nothing, and a server's silence is a stall", async () => {
  const limited = [timeout({ stallMs: 50 })]
  const { outcome } = await outcomeOf({ "/": stall({ afterBytes: 100 }, { body: { bytes: 200 } }) }, {}, limited)
  expect((await read((outcome as Relayed["reply"]).body)).failure).toMatchObject({ code: "timeout", limit: "stall" })
})

test("a body that nobody reads yet is read no further than to a limit, and time stands still", () => {
  const told: string[] = []
  const watch = { sending: () => {}, waiting: () => told.push("waiting"), arrived: () => told.push("arrived") }
  const attempt = { exchange: { watch } as unknown as Exchange, settle: () => {}, cancel: () => {}, release: () => {} }
  const controller = {
    pause: () => told.push("pause"),
    resume: () => told.push("resume"),
  } as unknown as Dispatcher.DispatchController
  const body = new RelayedBody(attempt, 200, new RelayedFields({}, []), 0)
  for (let count = 0; count < 2; count++) body.push(new Uint8Array(32 * 1024), controller)
  expect(told).toEqual(["waiting", "waiting", "waiting", "pause", "arrived"])
  body.readBy({ take: () => true, end: () => {}, fail: () => {} })
  expect(told.slice(5)).toEqual(["waiting", "resume"])
})

test("a body that nobody wants lets its connection go, and what it holds", async () => {
  const { outcome, server } = await outcomeOf({ "/": stall({ afterBytes: 100 }, { body: { bytes: 200 } }) })
  const { body } = outcome as Relayed["reply"]
  let released = 0
  body.onEnd(() => released++)
  body.discard()
  body.discard()
  await server.allClosed()
  expect(released).toBe(1)
})

test("an abort ends a body with the caller's reason", async () => {
  const signal = new Cancellation(undefined)
  const script = { "/": stall({ afterBytes: 100 }, { body: { bytes: 200 } }) }
  const { outcome, server } = await outcomeOf(script, {}, [], { signal })
  const ended = read((outcome as Relayed["reply"]).body)
  const reason = new Error("left")
  signal.cancel(reason)
  expect((await ended).failure).toMatchObject({ code: "aborted", cause: reason })
  await server.allClosed()
})

test("policies read it as the web's stream, too", async () => {
  const reply = await relayed({ "/": status(200, { body: { bytes: 300_000 } }) })
  expect((await new Response(reply.body.stream((failure) => failure)).bytes()).length).toBe(300_000)
})
