import { deepEqual, equal, match, rejects } from "node:assert/strict"
import type { Failure } from "steadfetch"
import {
  badChunkSize,
  close,
  garbage,
  noLastChunk,
  refusedPort,
  reset,
  status,
  wrongContentLength,
  type Step,
} from "../fault-server/index.ts"
import { bytesOf, type Claim, type Stage } from "./stage.ts"

const BEFORE_THE_REPLY: Readonly<Record<string, Step>> = {
  "a connection that is reset when it is made": reset("on-connect"),
  "a request that is not read": reset("before-reading"),
  "a reset instead of a reply": reset("before-headers"),
  "an end instead of a reply": close("before-headers"),
  "a reset in mid-headers": reset("mid-headers"),
  "an end in mid-headers": close("mid-headers"),
}

const BROKEN_BODIES: Readonly<Record<string, Step>> = {
  "reset at once": reset({ afterBytes: 0 }),
  "reset in the middle": reset({ afterBytes: 5000 }),
  "ended in the middle": close({ afterBytes: 5000 }),
  "ended in the middle of chunks": close({ afterBytes: 5000 }, { framing: "chunked" }),
  "shorter than its Content-Length": wrongContentLength(2000, { bytes: 1000 }),
  "with a broken chunk size": badChunkSize({ bytes: 1000 }),
  "without its last chunk": noLastChunk({ bytes: 1000 }),
}

/** What is no reply, and what must be known of it. */
export function failureClaims(claim: Claim): void {
  claim("tells a refused connection: nothing was processed", async (stage) => {
    await using port = await refusedPort()
    const { code, processed, temporary } = await failureOf(stage, port.origin)
    deepEqual([code, processed, temporary], ["refused", false, true])
  })

  for (const [what, step] of Object.entries(BEFORE_THE_REPLY)) {
    claim(`tells ${what}: it may have been processed`, async (stage) => {
      const onConnect = step.kind === "drop" && step.at === "connect"
      const server = await stage.serve(onConnect ? { "on connect": step, "/*": status(200) } : step)
      const { code, processed, temporary } = await failureOf(stage, server.origin, "POST")
      match(code, /^(reset|protocol)$/)
      // A transport may know that a connection broke before anything was written to it.
      deepEqual([processed || onConnect, temporary], [true, true])
    })
  }

  claim("tells what is no HTTP", async (stage) => {
    const server = await stage.serve(garbage())
    const { code, processed, temporary } = await failureOf(stage, server.origin)
    deepEqual([code, processed, temporary], ["protocol", true, true])
  })

  for (const [what, step] of Object.entries(BROKEN_BODIES)) {
    claim(`never takes a broken body for a whole one: ${what} (buffer)`, async (stage) => {
      const server = await stage.serve(step)
      const { processed, temporary } = await failureOf(stage, server.origin)
      deepEqual([processed, temporary], [true, true])
    })

    claim(`never takes a broken body for a whole one: ${what} (stream)`, async (stage) => {
      const server = await stage.serve(step)
      const outcome = await stage.send(server.origin, { reading: "stream" })
      const read = outcome.kind === "failure" ? Promise.reject(outcome) : bytesOf(outcome)
      await rejects(read, isFailure, "the stream ended as if it were whole")
    })
  }

  claim("refuses a body beyond the limit, and stops reading it", async (stage) => {
    const server = await stage.serve(status(200, { body: { endless: true } }))
    const { code, temporary } = await failureOf(stage, server.origin, "GET", 100_000)
    deepEqual([code, temporary], ["too-large", false])
    await server.finished(1)
    equal(server.requests[0]?.end, "abandoned")
  })

  claim("takes a body of exactly the limit", async (stage) => {
    const server = await stage.serve(status(200, { body: { bytes: 1000 } }))
    equal((await stage.reply(server.origin, { maxBodyBytes: 1000 })).body.bytes?.length, 1000)
    equal((await failureOf(stage, server.origin, "GET", 999)).code, "too-large")
  })
}

function isFailure(error: unknown): boolean {
  return typeof error === "object" && error !== null && "kind" in error && error.kind === "failure"
}

async function failureOf(
  stage: Stage,
  url: string,
  method = "GET",
  maxBodyBytes = Number.POSITIVE_INFINITY,
): Promise<Failure> {
  const body = method === "POST" ? { body: "x" } : {}
  const outcome = await stage.send(url, { method, maxBodyBytes, ...body })
  if (outcome.kind === "failure") return outcome
  throw new Error(`${method} ${url} got ${outcome.status} where there is no reply`)
}
