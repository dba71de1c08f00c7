import { getEventListeners } from "node:events"
import { testRuntime } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import {
  failure,
  signalFailure,
  steadfetch,
  uploads,
  WholeBody,
  type Exchange,
  type Outcome,
  type Transport,
  type UploadProgress,
} from "../index.ts"

/** What happens to one request, whichever it is. */
const mishap = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: "none" } as const) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("cut" as const), afterBytes: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("takes less" as const), bytes: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.constant({ kind: "reply lost" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "silence" } as const) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("status" as const), status: fc.constantFrom(423, 423, 500, 503, 409, 460, 429) }) }, // prettier-ignore
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("crash" as const), losesBytes: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "forgets" } as const) },
)
type Mishap = typeof mishap extends fc.Arbitrary<infer T> ? T : never

interface Stored {
  readonly length: number
  bytes: number[]
}

/** A tus server in memory to which things happen. */
class TusServer implements Transport {
  readonly uploads = new Map<string, Stored>()
  readonly #mishaps: Mishap[]
  /** How far the upload was when each PATCH came, and whether it was told of more; a new creation begins a new list. */
  readonly patches: { readonly offset: number; hasMoved: boolean }[][] = []

  constructor(mishaps: readonly Mishap[]) {
    this.#mishaps = [...mishaps]
  }

  async close(): Promise<void> {}

  readonly send = async (exchange: Exchange): Promise<Outcome> => {
    const happens = this.#mishaps.shift() ?? { kind: "none" }
    const { request, signal } = exchange
    const stored = this.uploads.get(request.url)
    const offset = stored?.bytes.length ?? 0
    const patch = { offset, hasMoved: false }
    if (request.method === "PATCH") this.patches.at(-1)?.push(patch)
    if (happens.kind === "status") return reply(happens.status)
    if (happens.kind === "forgets") this.uploads.delete(request.url)
    if (happens.kind === "crash") {
      stored?.bytes.splice(Math.max(0, stored.bytes.length - happens.losesBytes))
      return failure("reset", "crashed")
    }
    const done = await this.#serve(exchange, happens)
    if (happens.kind === "reply lost" || happens.kind === "cut") return failure("reset", "cut")
    if (happens.kind !== "silence") {
      patch.hasMoved = (stored?.bytes.length ?? 0) > offset
      return done
    }
    await new Promise<void>((resolve) => {
      if (signal?.aborted === true) resolve()
      else signal?.addEventListener("abort", resolve)
    })
    return signalFailure(signal?.reason)
  }

  async #serve({ request }: Exchange, happens: Mishap): Promise<Outcome> {
    const { method, url, body } = request
    const field = (name: string): string => request.headers.find(([key]) => key === name)?.[1] ?? ""
    if (field("tus-resumable") !== "1.0.0") return reply(412, { "tus-version": "1.0.0" })
    if (method === "POST") {
      const made = `https://api.test/files/${this.uploads.size + 1}-${this.patches.length}`
      this.uploads.set(made, { length: Number(field("upload-length")), bytes: [] })
      this.patches.push([])
      return reply(201, { location: made })
    }
    const stored = this.uploads.get(url)
    if (stored === undefined) return reply(404)
    if (method === "HEAD") return reply(200, { "upload-offset": `${stored.bytes.length}`, "upload-length": `${stored.length}` }) // prettier-ignore
    if (field("upload-offset") !== String(stored.bytes.length)) return reply(409)
    const most = happens.kind === "cut" ? happens.afterBytes : happens.kind === "takes less" ? happens.bytes : Infinity
    let taken = 0
    const pieces = (body?.open() ?? []) as AsyncIterable<Uint8Array>
    for await (const piece of pieces) {
      const kept = piece.subarray(0, most - taken)
      stored.bytes.push(...kept)
      taken += kept.length
      if (taken >= most && happens.kind === "cut") break
    }
    return reply(204, { "upload-offset": String(stored.bytes.length) })
  }
}

function reply(status: number, fields: Record<string, string> = {}): Outcome {
  return { kind: "reply", status, url: undefined, headers: new Headers(fields), body: new WholeBody(new Uint8Array()) }
}

const scenario = fc.record({
  seed: fc.integer(),
  bytes: fc.uint8Array({ maxLength: 120 }),
  chunkBytes: fc.option(fc.integer({ min: 1, max: 150 }), { nil: undefined }),
  attempts: fc.integer({ min: 1, max: 5 }),
  mishaps: fc.array(mishap, { maxLength: 30 }),
  startOver: fc.boolean(),
  abortAfterMs: fc.option(fc.nat(120_000), { nil: undefined, freq: 4 }),
  pieceBytes: fc.integer({ min: 1, max: 40 }),
})
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

async function play({ seed, bytes, chunkBytes, attempts, mishaps, startOver, abortAfterMs, pieceBytes }: Scenario) {
  const runtime = testRuntime({ seed })
  const { clock } = runtime
  const server = new TusServer(mishaps)
  const api = steadfetch({ baseUrl: "https://api.test", transport: server, runtime, abilities: [uploads] })
  /** One list for each upload that was begun. */
  const progress: UploadProgress[][] = []
  const urls: string[] = []
  const controller = new AbortController()
  const callOff = clock.after(abortAfterMs ?? Number.POSITIVE_INFINITY, () => controller.abort("enough"))
  const source = {
    size: bytes.length,
    async *read(from: number, to: number) {
      for (let at = from; at < to; at += pieceBytes) yield bytes.slice(at, Math.min(to, at + pieceBytes)) // prettier-ignore
    },
  }
  const end = await clock.runUntil(
    api.post("/files", { signal: controller.signal }).upload(source, {
      resume: { attempts, baseMs: 100 },
      chunkBytes,
      startOver,
      onCreated: ({ url }) => {
        urls.push(url)
        progress.push([])
      },
      onProgress: (event) => void progress.at(-1)?.push(event),
    }).then(
      (uploaded) => ({ uploaded, error: undefined, at: clock.now() }),
      (error: unknown) => ({ uploaded: undefined, error, at: clock.now() }),
    ),
  ) // prettier-ignore
  callOff()
  return { ...end, server, clock, progress, urls, controller, api, source }
}

test("whatever happens on the way, the server ends with the exact bytes, or there is an error", () =>
  fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { uploaded, error, server, clock, controller, at } = await play(given)
      const stored = server.uploads.get(uploaded?.url ?? "")
      const whole = { bytes: [...given.bytes], length: given.bytes.length }
      expect(stored).toEqual(uploaded === undefined ? undefined : whole)
      const wasAborted = error === "enough"
      expect(error === undefined || wasAborted || error instanceof Error).toBe(true)
      expect(wasAborted ? at : given.abortAfterMs).toBe(given.abortAfterMs)
      expect(clock.pending).toBe(0)
      expect(getEventListeners(controller.signal, "abort")).toEqual([])
    }),
    { numRuns: 400 },
  ))

test("never more tries in a row than allowed leave the upload where it was, and it is begun anew once at most", () =>
  fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { server, urls } = await play(given)
      expect(urls.length).toBeLessThanOrEqual(given.startOver ? 2 : 1)
      for (const patches of server.patches) {
        let mostBytes = -1
        let tries = 0
        for (const { offset, hasMoved } of patches) {
          if (offset > mostBytes) tries = 0
          mostBytes = Math.max(mostBytes, offset)
          if (!hasMoved) tries++
          expect(tries).toBeLessThanOrEqual(given.attempts)
        }
      }
    }),
    { numRuns: 300 },
  ))

test("progress never goes back, what is sent is never less than what is there, and the end is all", () =>
  fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { progress, uploaded } = await play(given)
      for (const told of progress) {
        const transferred = told.map(({ transferredBytes }) => transferredBytes)
        expect(transferred).toEqual([...transferred].toSorted((a, b) => a - b))
        expect(told.every(({ sentBytes, transferredBytes, totalBytes }) => sentBytes >= transferredBytes && sentBytes <= totalBytes)).toBe(true) // prettier-ignore
      }
      const last = uploaded === undefined ? given.bytes.length : progress.at(-1)?.at(-1)?.transferredBytes
      expect(last).toBe(given.bytes.length)
    }),
    { numRuns: 200 },
  ))

test("an upload that ended early can be resumed to its end", () =>
  fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { uploaded, urls, server, api, source, clock } = await play({ ...given, startOver: false })
      const [url] = urls
      if (uploaded !== undefined || url === undefined || !server.uploads.has(url)) return
      // What is left of the mishaps may happen to this one as well.
      for (let tries = 0; tries < 60; tries++) {
        const end = await clock.runUntil(api.post("/files").upload(source, { uploadUrl: url, startOver: false, resume: { attempts: 1 } }).then(() => "whole", () => "early")) // prettier-ignore
        if (end === "whole") break
        if (!server.uploads.has(url)) return
      }
      expect(server.uploads.get(url)?.bytes).toEqual([...given.bytes])
    }),
    { numRuns: 150 },
  ))
