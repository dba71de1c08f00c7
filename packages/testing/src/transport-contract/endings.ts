import { deepEqual, equal } from "node:assert/strict"
import { Cancellation, timeout, type Outcome, type Policy, type Reply, type Signal } from "steadfetch"
import { reset, stall, status } from "../fault-server/index.ts"
import { atFirstWait, bytesOf, type Claim, type Stage } from "./stage.ts"

/** How long an abort may take on a loaded machine; on others it takes less than one. */
const AT_ONCE_MS = 200

/** How exchanges end before their time, and what is left of them then. */
export function endingClaims(claim: Claim): void {
  abortClaims(claim)
  timeoutClaims(claim)
  releaseClaims(claim)
}

function abortClaims(claim: Claim): void {
  claim("sends nothing when it is aborted before", async (stage) => {
    const server = await stage.serve(status(200))
    const signal = new Cancellation(undefined)
    signal.cancel("enough")
    equal((await stage.send(server.origin, { signal })).kind, "failure")
    deepEqual([server.requests.length, server.totalConnections], [0, 0])
  })

  for (const [when, step] of [
    ["connecting to a server that says nothing", stall("on-connect")],
    ["waiting for a reply", stall("before-headers")],
    ["receiving headers", stall("mid-headers")],
  ] as const) {
    claim(`ends at once when it is aborted while ${when}, and lets the connection go`, async (stage) => {
      const server = await stage.serve(step.kind === "drop" && step.at === "connect" ? { "on connect": step } : step)
      const abort = aborter()
      const outcome = stage.send(server.origin, { signal: abort.signal })
      if (when.startsWith("connecting")) queueMicrotask(abort.now)
      else void server.received(1).then(abort.now)
      abort.check(await outcome)
      await server.allClosed()
    })
  }

  claim("ends at once when it is aborted while a body is buffered, and lets the connection go", async (stage) => {
    const server = await stage.serve(stall({ afterBytes: 0 }))
    const abort = aborter()
    abort.check(await stage.send(server.origin, { signal: abort.signal, watch: atFirstWait(abort.now) }))
    await server.allClosed()
  })

  for (const [kind, make] of [
    ["signal", aborter],
    ["AbortSignal", nativeAborter],
  ] as const) {
    claim(`ends a stream with the exact reason of its ${kind}, and lets the connection go`, async (stage) => {
      const server = await stage.serve(stall({ afterBytes: 10 }))
      const abort = make()
      const reply = await stage.reply(server.origin, { signal: abort.signal, reading: "stream" })
      const reader = reply.body.stream((failure) => failure).getReader()
      equal((await reader.read()).value?.length, 10)
      const read = reader.read()
      abort.now()
      abort.check((await read.then(undefined, (failure: unknown) => failure)) as Outcome)
      await server.allClosed()
    })
  }
}

interface Aborter {
  readonly signal: Signal
  readonly now: () => void
  /** It ended so, and at once. */
  readonly check: (outcome: Outcome) => void
}

function aborter(): Aborter {
  const signal = new Cancellation(undefined)
  return { signal, ...aborting((reason) => signal.cancel(reason)) }
}

function nativeAborter(): Aborter {
  const controller = new AbortController()
  return { signal: controller.signal, ...aborting((reason) => controller.abort(reason)) }
}

function aborting(abort: (reason: unknown) => void): Pick<Aborter, "now" | "check"> {
  const reason = { exactly: "this" }
  let abortedAt = Number.NaN
  return {
    now: () => {
      abortedAt = performance.now()
      abort(reason)
    },
    check: (outcome) => {
      const tookMs = performance.now() - abortedAt
      equal(tookMs < AT_ONCE_MS, true, `it took ${tookMs} ms`)
      deepEqual([outcome.kind, (outcome as { code?: string }).code], ["failure", "aborted"])
      equal((outcome as { cause?: unknown }).cause, reason)
    },
  }
}

function timeoutClaims(claim: Claim): void {
  const limited = [timeout({ attemptMs: 60_000, stallMs: 60_000 })]
  const limitOf = (outcome: Outcome): unknown => outcome.kind === "failure" && outcome.limit

  claim("tells when it sends and when headers arrive, so that an attempt can be timed", async (stage) => {
    const { clock } = stage.runtime
    const server = await stage.serve({ "/late": stall("before-headers"), "/": stall({ afterBytes: 0 }) })
    const late = stage.send(`${server.origin}/late`, {}, limited)
    await server.received(1)
    await clock.advance(60_000)
    equal(limitOf(await late), "attempt")
    equal(clock.pending, 0)
    const stream = await stage.send(server.origin, { reading: "stream" }, limited)
    await clock.advance(3_600_000)
    equal(stream.kind, "reply")
    if (stream.kind === "reply") stream.body.discard()
    equal(clock.pending, 0)
    await server.allClosed()
  })

  claim("tells when it waits for a piece of the body, so that a stall ends", async (stage) => {
    const { clock } = stage.runtime
    const server = await stage.serve(stall({ afterBytes: 0 }))
    const outcome = stage.send(server.origin, {}, [...limited, advancingAtFirstWait(() => clock.advance(60_000))])
    equal(limitOf(await outcome), "stall")
    equal(clock.pending, 0)
    await server.allClosed()
  })
}

/** A policy below the timeout that lets time pass once the transport waits for the body. */
function advancingAtFirstWait(advance: () => Promise<void>): Policy {
  return {
    name: "advancing",
    scope: "attempt",
    wrap: (next) => (exchange) => {
      const { watch: timed } = exchange
      const own = atFirstWait(() => void advance())
      const waiting = (): void => {
        timed?.waiting()
        own.waiting()
      }
      const watch = { sending: () => timed?.sending(), waiting, arrived: () => timed?.arrived() }
      return next({ ...exchange, watch })
    },
  }
}

function releaseClaims(claim: Claim): void {
  claim("reads a stream no faster than its reader, and lets it go when it is given up", async (stage) => {
    const server = await stage.serve(
      { "/endless": status(200, { body: { endless: true } }), "/": status(200, { body: "x" }) },
      { limits: { endlessBytes: 2 ** 26 } },
    )
    const reply = await stage.reply(`${server.origin}/endless`, { reading: "stream" })
    const reader = reply.body.stream((failure) => failure).getReader()
    await reader.read()
    for (let request = 0; request < 50; request++) await stage.reply(server.origin)
    equal(server.requests[0]?.end, "open", "64 MB were read ahead of the reader")
    await reader.cancel()
    await server.finished(51)
    equal(server.requests[0]?.end, "abandoned")
  })

  for (const [what, body] of [
    ["endless", { endless: true }],
    ["short", { bytes: 10 }],
  ] as const) {
    claim(`frees the connection of a discarded body: ${what}`, async (stage) => {
      const server = await stage.serve(status(200, { body }))
      for (let round = 0; round < 20; round++) (await stage.reply(server.origin, { reading: "stream" })).body.discard()
      await server.finished(20)
      equal(server.openConnections <= 2, true, `${server.openConnections} connections are open`)
    })
  }

  claim("tells those who wait for the end of a body: read, discarded, cancelled or broken", async (stage) => {
    const server = await stage.serve({ "/": status(200, { body: "x" }), "/broken": reset({ afterBytes: 5 }) })
    const ended: string[] = []
    const reply = async (name: string, path = "/"): Promise<Reply> => {
      const got = await stage.reply(server.origin + path, { reading: "stream" })
      got.body.onEnd(() => ended.push(name))
      return got
    }
    await bytesOf(await reply("read"))
    ;(await reply("discarded")).body.discard()
    await (await reply("cancelled")).body.stream(String).cancel()
    await bytesOf(await reply("broken", "/broken")).catch(() => {})
    deepEqual(ended, ["read", "discarded", "cancelled", "broken"])
  })

  claim("uses few connections for many exchanges, one after the other", manyExchanges)
}

async function manyExchanges(stage: Stage): Promise<void> {
  const server = await stage.serve(status(200, { body: { bytes: 1000 } }))
  for (let exchange = 0; exchange < 100; exchange++) await bytesOf(await stage.reply(server.origin))
  equal(server.totalConnections <= 3, true, `${server.totalConnections} connections for 100 exchanges`)
}
