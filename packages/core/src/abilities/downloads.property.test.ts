import { createHash } from "node:crypto"
import { testRuntime } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import {
  failure,
  receiveBody,
  steadfetch,
  type DownloadTarget,
  type Exchange,
  type KeptPart,
  type Outcome,
  type Representation,
  type Transport,
} from "../index.ts"
import { downloads } from "./downloads.ts"

/** One state of the resource; its bytes differ from those of any other in every place. */
const version = fc.record({
  length: fc.constantFrom(20, 20, 20, 50, 1, 0),
  tag: fc.constantFrom("strong", "strong", "strong", "weak", "none", "date"),
})

/** What the server does with one request, and whether the resource has changed before it. */
const scene = fc.record({
  changes: fc.nat(3).map((chance) => chance === 0),
  way: fc.constantFrom(
    "honest", "honest", "honest", "honest", "ignores the range", "ignores the condition", "ignores the condition", "another start",
    "another total", "without ETag", "too much", "too little", "416", "412", "503", "refused", "several ranges",
  ), // prettier-ignore
  cutAt: fc.option(fc.nat(19), { nil: undefined }),
  piece: fc.integer({ min: 1, max: 20 }),
})

const scenario = fc.record({
  versions: fc.array(version, { minLength: 1, maxLength: 5 }),
  scenes: fc.array(scene, { maxLength: 20 }),
  kept: fc.option(fc.nat(50), { nil: undefined }),
  isOneShot: fc.boolean(),
  digestOf: fc.option(fc.nat(4), { nil: undefined }),
  namesDigest: fc.boolean(),
})

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

const HOUR_AGO = "Tue, 02 Jun 2026 11:00:00 GMT"
const hashes = { "sha-256": () => createHash("sha256") }

/** The states that a resource goes through. */
class Resource {
  readonly bytes: readonly Uint8Array<ArrayBuffer>[]
  readonly #versions: Scenario["versions"]
  readonly #namesDigest: boolean
  now = 0

  constructor({ versions, namesDigest }: Scenario) {
    this.#versions = versions
    this.#namesDigest = namesDigest
    this.bytes = versions.map(({ length }, index) => Uint8Array.from({ length }, (_, at) => index * 50 + (at % 50)))
  }

  get current(): Uint8Array<ArrayBuffer> {
    return this.bytes[this.now] ?? new Uint8Array()
  }

  change(): void {
    this.now = Math.min(this.now + 1, this.bytes.length - 1)
  }

  validator(index: number): string | undefined {
    const tag = this.#versions[index]?.tag
    return tag === "strong" ? `"v${index}"` : tag === "date" ? dateOf(index) : undefined
  }

  fields(): [string, string][] {
    const tag = this.#versions[this.now]?.tag
    const fields: [string, string][] = [["date", "Wed, 03 Jun 2026 12:00:00 GMT"]]
    if (tag === "strong" || tag === "weak") fields.push(["etag", `${tag === "weak" ? "W/" : ""}"v${this.now}"`])
    if (tag === "date") fields.push(["last-modified", dateOf(this.now)])
    if (this.#namesDigest) fields.push(["repr-digest", `sha-256=:${digestOf(this.current)}:`])
    return fields
  }
}

const dateOf = (index: number): string => HOUR_AGO.replace(":00 ", `:0${index} `)
const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("base64")

/** A server that plays the scenes; honest once they are over. */
function transportOf(resource: Resource, scenes: Scenario["scenes"]): Transport {
  const left = [...scenes]
  return {
    async send(exchange) {
      const { changes, way, cutAt, piece } = left.shift() ?? { changes: false, way: "honest", cutAt: undefined, piece: 64 } // prettier-ignore
      if (changes) resource.change()
      if (way === "refused") return failure("refused", "refused")
      if (way === "412" || way === "503") return replied(exchange, Number(way), [], new Uint8Array(), undefined, 64)
      const { status, fields, body } = answer(exchange, resource, way)
      return replied(exchange, status, fields, body, cutAt, piece)
    },
    close: async () => {},
  }
}

function answer(exchange: Exchange, resource: Resource, way: string) {
  const { current: bytes } = resource
  const asked = (name: string) => exchange.request.headers.find(([key]) => key === name)?.[1]
  const from = Number(/bytes=(\d+)-/.exec(asked("range") ?? "")?.[1] ?? Number.NaN)
  const condition = asked("if-range")
  const fields = resource.fields()
  const holds = condition === undefined || condition === resource.validator(resource.now) || way === "ignores the condition" // prettier-ignore
  if (way === "416") return { status: 416, fields: [["content-range", `bytes */${bytes.length}`]] as [string, string][], body: new Uint8Array() } // prettier-ignore
  if (Number.isNaN(from) || !holds || way === "ignores the range")
    return { status: 200, fields: [...fields, ["content-length", String(bytes.length)]] as [string, string][], body: bytes } // prettier-ignore
  if (from >= bytes.length)
    return { status: 416, fields: [...fields, ["content-range", `bytes */${bytes.length}`]] as [string, string][], body: new Uint8Array() } // prettier-ignore
  const start = way === "another start" ? Math.max(0, from - 3) : from
  const total = way === "another total" ? bytes.length + 1 : bytes.length
  const range: [string, string] = ["content-range", `bytes ${start}-${bytes.length - 1}/${total}`]
  const several: [string, string][] = way === "several ranges" ? [["content-type", "multipart/byteranges; boundary=x"]] : [] // prettier-ignore
  const kept = way === "without ETag" ? fields.filter(([name]) => name !== "etag" && name !== "last-modified") : fields
  const rest = bytes.slice(start, way === "too little" ? -1 : undefined)
  const body = way === "too much" ? Uint8Array.from([...rest, ...rest]) : rest
  return { status: 206, fields: [...kept, range, ...several], body }
}

async function replied(
  exchange: Exchange,
  status: number,
  fields: [string, string][],
  bytes: Uint8Array<ArrayBuffer>,
  cutAt: number | undefined,
  piece: number,
): Promise<Outcome> {
  let at = 0
  const source = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (cutAt !== undefined && at >= cutAt) return controller.error(failure("broken-body", "cut"))
        if (at >= bytes.length) return controller.close()
        controller.enqueue(bytes.slice(at, (at = Math.min(at + piece, cutAt ?? bytes.length, bytes.length))))
      },
    },
    { highWaterMark: 0 },
  )
  const broken = () => failure("broken-body", "cut")
  const body = await receiveBody(status === 412 || status === 503 ? null : source, status, exchange, broken)
  return "kind" in body ? body : { kind: "reply", status, url: undefined, headers: new Headers(fields), body }
}

/** A target in memory that knows how it ended. */
class Memory implements DownloadTarget {
  bytes: number[] = []
  end = "open"
  readonly isOneShot: boolean
  readonly #kept: KeptPart | undefined

  constructor(
    isOneShot: boolean,
    kept: { bytes: Uint8Array<ArrayBuffer>; representation: Representation } | undefined,
  ) {
    this.isOneShot = isOneShot
    if (kept === undefined) return
    this.bytes = [...kept.bytes]
    this.#kept = {
      lengthBytes: kept.bytes.length,
      representation: kept.representation,
      read: async function* () { yield kept.bytes }, // prettier-ignore
    }
  }

  kept = async (): Promise<KeptPart | undefined> => this.#kept

  async begin(): Promise<void> {
    if (this.isOneShot && this.bytes.length > 0) throw new Error("started over")
    this.bytes = []
  }

  async write(piece: Uint8Array): Promise<void> {
    this.bytes.push(...piece)
  }

  async complete(): Promise<void> {
    this.end += ", complete"
  }

  async abandon(): Promise<void> {
    this.end += ", abandoned"
  }
}

test("whatever the server does, a target ends with all of one representation, or with an error and a beginning of one", async () => {
  let completed = 0
  await fc.assert(
    fc.asyncProperty(scenario, async (played) => {
      const resource = new Resource(played)
      const { clock, ...runtime } = testRuntime()
      const api = steadfetch({ transport: transportOf(resource, played.scenes), abilities: [downloads], runtime: { clock, ...runtime }, retry: { attempts: 2 } }) // prettier-ignore
      const validator = resource.validator(0)
      const keptBytes = played.kept === undefined ? undefined : resource.current.slice(0, played.kept)
      const kept = keptBytes === undefined || validator === undefined || keptBytes.length === 0 ? undefined : { bytes: keptBytes, representation: { validator, totalBytes: resource.current.length, digests: {} } } // prettier-ignore
      const target = new Memory(played.isOneShot, kept)
      const wanted = played.digestOf === undefined ? undefined : resource.bytes[played.digestOf % resource.bytes.length]
      const options = wanted === undefined ? { hashes } : { hashes, digest: { "sha-256": digestOf(wanted) } }
      const end = await clock.runUntil(
        api.get("https://api.test/file").download(target, options).then(
          (done) => ({ done, error: undefined }),
          (error: unknown) => ({ done: undefined, error }),
        ),
      ) // prettier-ignore
      const matching = resource.bytes.filter((bytes) => target.bytes.every((byte, at) => byte === bytes[at]))
      expect(matching).not.toEqual([])
      const isDone = end.done !== undefined
      if (isDone) completed++
      expect([target.end, end.done?.totalBytes]).toEqual(isDone ? ["open, complete", target.bytes.length] : ["open, abandoned", undefined]) // prettier-ignore
      expect(!isDone || matching.some(({ length }) => length === target.bytes.length)).toBe(true)
      expect(!isDone || wanted === undefined || digestOf(Uint8Array.from(target.bytes)) === digestOf(wanted)).toBe(true)
      expect(String(end.error)).not.toContain("started over")
      expect(clock.pending).toBe(0)
    }),
    { numRuns: 1500 },
  )
  expect(completed).toBeGreaterThan(300)
})
