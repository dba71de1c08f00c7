import type { BodyInput, RequestOptions } from "steadfetch"
import { busy, reply, type Case, type Group, type Noted, type Stage } from "./case.ts"
import { bytesOf, check, equal, sha256 } from "./check.ts"

const text = "tea, thé, чай, 茶 🍵"
const bytes = bytesOf(70_000)

interface Sent {
  readonly kind: string
  /** Made anew for each use, as a call may use it up. */
  readonly options: () => RequestOptions
  readonly type?: string
  /** What must arrive; where it is left out, `holds` is asked. */
  readonly bytes?: Uint8Array<ArrayBuffer>
  readonly holds?: (received: string) => boolean
}

const utf8 = (value: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(value)
const of =
  (body: () => BodyInput): (() => RequestOptions) =>
  () => ({ body: body() })

function form(): FormData {
  const data = new FormData()
  data.append("name", text)
  data.append("file", new Blob([bytesOf(500)], { type: "image/png" }), "a.png")
  return data
}

const kinds: readonly Sent[] = [
  { kind: "a text", options: of(() => text), type: "text/plain;charset=UTF-8", bytes: utf8(text) },
  {
    kind: "JSON",
    options: () => ({ json: { text } }),
    type: "application/json",
    bytes: utf8(JSON.stringify({ text })),
  },
  { kind: "bytes", options: of(() => bytes), bytes },
  { kind: "an ArrayBuffer", options: of(() => bytes.slice().buffer), bytes },
  { kind: "a view of a part", options: of(() => new DataView(bytes.buffer, 100, 900)), bytes: bytes.slice(100, 1000) },
  { kind: "a Blob", options: of(() => new Blob([bytes], { type: "image/webp" })), type: "image/webp", bytes },
  {
    kind: "URLSearchParams",
    options: of(() => new URLSearchParams({ q: "a b&c" })),
    type: "application/x-www-form-urlencoded;charset=UTF-8",
    bytes: utf8("q=a+b%26c"),
  },
  {
    kind: "form fields",
    options: () => ({ form: { q: "ü" } }),
    type: "application/x-www-form-urlencoded;charset=UTF-8",
    bytes: utf8("q=%C3%BC"),
  },
  {
    kind: "FormData with a file",
    options: () => ({ form: form() }),
    holds: (received) => received.includes('name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'),
  },
  {
    kind: "FormData with a Blob, whose name is the platform's",
    options: () => {
      const data = new FormData()
      data.append("file", new Blob(["bytes"], { type: "image/png" }))
      return { form: data }
    },
    // "blob" by the standard (XHR §4.3); workerd takes the field's name.
    holds: (received) => /name="file"; filename="(blob|file)"\r\nContent-Type: image\/png\r\n\r\nbytes/.test(received),
  },
  { kind: "a function that returns bytes", options: of(() => () => bytes), bytes },
  { kind: "1 MiB", options: of(() => bytesOf(1 << 20)), bytes: bytesOf(1 << 20) },
]

async function arrivedWhole({ type, bytes: wanted, holds }: Sent, [first, second]: readonly Noted[]): Promise<void> {
  check(first !== undefined && second !== undefined, "two requests arrived")
  check(first.complete && second.complete, "both bodies arrived whole")
  equal(second.sha256, first.sha256, "the second body")
  equal(second.headers["content-type"], first.headers["content-type"], "the second Content-Type")
  if (type !== undefined) equal(first.headers["content-type"], type, "Content-Type")
  if (wanted !== undefined) equal(first.sha256, await sha256(wanted), "what arrived")
  if (holds !== undefined) check(holds(first.text), `what arrived: ${first.text.slice(0, 300)}`)
}

const replayed = kinds.map((sent): Case => ({
  name: `${sent.kind} is replayed byte for byte`,
  script: { "PUT /thing": [busy, reply(204)] },
  async run(stage) {
    const outcome = await stage.api().put("/thing", sent.options()).outcome()
    equal(outcome.kind, "success", "kind")
    await arrivedWhole(sent, await stage.over(2))
  },
}))

/** A stream in three pieces that tells how often it was opened. */
function pieces(): ReadableStream<Uint8Array> {
  const parts = [bytes.subarray(0, 10), bytes.subarray(10, 40_000), bytes.subarray(40_000)]
  return new ReadableStream({
    pull(controller) {
      const part = parts.shift()
      if (part === undefined) controller.close()
      else controller.enqueue(part)
    },
  })
}

async function* iterated(): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, 30_000)
  yield bytes.subarray(30_000)
}

/** A browser sends nothing then; every other platform sends the request. */
async function unsent(stage: Stage, body: BodyInput): Promise<void> {
  const outcome = await stage.api().put("/thing", { body }).outcome()
  equal([outcome.kind, (await stage.over(0)).length], ["no-reply", 0], "kind and requests")
}

async function arrivesWhole(stage: Stage, body: BodyInput): Promise<void> {
  equal((await stage.api().put("/thing", { body }).outcome()).kind, "success", "kind")
  const [first] = await stage.over(1)
  equal([first?.complete, first?.sha256], [true, await sha256(bytes)], "what arrived")
}

const streamed: readonly Case[] = [
  {
    name: "a function that opens a stream is replayed byte for byte",
    script: { "PUT /thing": [busy, reply(204)] },
    async run(stage) {
      if (stage.differs("no-request-streams")) return unsent(stage, pieces)
      equal((await stage.api().put("/thing", { body: pieces }).outcome()).kind, "success", "kind")
      await arrivedWhole({ kind: "stream", options: () => ({}), bytes }, await stage.over(2))
    },
  },
  {
    name: "a stream arrives whole",
    script: { "PUT /thing": reply(204) },
    run: (stage) => (stage.differs("no-request-streams") ? unsent : arrivesWhole)(stage, pieces()),
  },
  {
    name: "an async iterable arrives whole",
    script: { "PUT /thing": reply(204) },
    run: (stage) => (stage.differs("no-request-streams") ? unsent : arrivesWhole)(stage, iterated()),
  },
  {
    name: "a stream that was read is not sent again, and the story says so",
    script: { "PUT /thing": [busy, reply(204)] },
    async run(stage) {
      if (stage.differs("no-request-streams")) return unsent(stage, pieces())
      const outcome = await stage.api().put("/thing", { body: pieces() }).outcome()
      check(outcome.kind === "server-error", `kind is ${outcome.kind}`)
      check(outcome.error.message.includes("stream"), outcome.error.message)
      equal((await stage.over(1)).length, 1, "requests")
    },
  },
]

export const requestBodies: Group = { name: "request bodies", cases: [...replayed, ...streamed] }
