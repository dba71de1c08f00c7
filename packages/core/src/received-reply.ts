import type { Replied } from "./call-outcome.ts"
import type { AttemptRecord, CallRecord } from "./call-record.ts"
import { BodyError, CallError } from "./errors.ts"
import { parseForm } from "./fetch-transport.ts"
import type { HeaderFields } from "./headers.ts"
import type { Failure, Reply, Verdict } from "./outcome.ts"
import { readAll } from "./reply-body.ts"
import { conformed } from "./schema.ts"
import type { StandardSchema } from "./standard-schema.ts"
import { statusClass, statusName, type StatusClass } from "./status.ts"

/** Statuses whose replies have no body (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
const BODYLESS: readonly number[] = [204, 205, 304]

const UTF8 = /* @__PURE__ */ new TextDecoder()

/** How much of a body that is not JSON an error shows. */
const EXCERPT_LENGTH = 80

/** A reply and the readers of its body. */
export class ReceivedReply implements Replied {
  readonly status: number
  readonly statusName: string
  readonly statusClass: StatusClass
  readonly verdict: Verdict
  readonly headers: HeaderFields
  readonly url: string
  readonly attempts: readonly AttemptRecord[]
  readonly servedBy: string | undefined
  readonly #reply: Reply
  readonly #record: CallRecord
  readonly #describe: (failure: Failure, record: CallRecord) => unknown
  #streamed = false

  constructor(
    reply: Reply,
    url: string,
    verdict: Verdict,
    record: CallRecord,
    describe: (failure: Failure, record: CallRecord) => unknown,
  ) {
    this.status = reply.status
    this.statusName = statusName(reply.status)
    this.statusClass = statusClass(reply.status)
    this.verdict = verdict
    this.headers = reply.headers
    this.url = url
    this.attempts = record.attempts
    this.servedBy = record.servedBy
    this.#reply = reply
    this.#record = record
    this.#describe = describe
  }

  async json<T = unknown>(schema?: StandardSchema<T>): Promise<T> {
    const value = this.parseJson(this.#arrived() ?? (await this.text()))
    if (schema === undefined) return value as T
    return this.conformed(schema, value, "the body")
  }

  /** The JSON of a body that has arrived, at once; a promise for that of a stream. */
  promptJson<T>(): T | Promise<T> {
    const text = this.#arrived()
    return text === undefined ? this.json<T>() : (this.parseJson(text) as T)
  }

  /** A text without what the call knows to be secret. */
  redact(text: string): string {
    return this.#record.redact(text)
  }

  /**
   * JSON that came in the body.
   * @param place Where in the body, for the error: "line 3: ".
   * @throws BodyError for what is none.
   */
  parseJson(text: string, place = ""): unknown {
    if (text === "" && (BODYLESS.includes(this.status) || this.#record.method === "HEAD")) return undefined
    try {
      return JSON.parse(text)
    } catch (cause) {
      // The parser quotes a part of the text: of a secret, too.
      const quotable = this.#record.redact(text) === text ? cause : undefined
      throw this.bodyError(`${place}expected JSON, got ${this.#whatCame(text, cause)}`, quotable)
    }
  }

  /**
   * What a schema makes of a value that came in the body.
   * @param place Where in the body, for the error: "line 3".
   * @throws BodyError for what the schema refuses.
   */
  conformed<T>(schema: StandardSchema<T>, value: unknown, place: string): Promise<T> {
    return conformed(schema, value, (said) => this.bodyError(`${place} ${said}`), this.#record)
  }

  async text(): Promise<string> {
    return this.#arrived() ?? UTF8.decode(await this.bytes())
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const { bytes, isGivenUp } = this.#reply.body
    if (bytes !== undefined && isGivenUp !== true) return bytes
    const read = await readAll(
      this.#open((failure) => failure),
      undefined,
      Number.POSITIVE_INFINITY,
      defect,
    )
    if ("kind" in read) throw this.#describe(read, this.#record)
    return read
  }

  /** @param tell What the error says of a failure under way. */
  stream(tell: (failure: Failure) => Failure = (failure) => failure): ReadableStream<Uint8Array> {
    return this.#open((failure) => this.#describe(tell(failure), this.#record))
  }

  /** Runs `release` when the body has ended, or nobody will read it. */
  onEnd(release: () => void): void {
    this.#reply.body.onEnd(release)
  }

  async form(): Promise<FormData> {
    const bytes = await this.bytes()
    const type = this.headers.get("content-type") ?? ""
    try {
      return await parseForm(bytes, type)
    } catch (cause) {
      throw this.bodyError(`expected a form, got ${type === "" ? "no Content-Type" : type}`, cause)
    }
  }

  #arrived(): string | undefined {
    const { body } = this.#reply
    if (body.isGivenUp === true) return undefined
    if (body.text !== undefined) return body.text()
    return body.bytes === undefined ? undefined : UTF8.decode(body.bytes)
  }

  #open(describe: (failure: Failure) => unknown): ReadableStream<Uint8Array> {
    if (this.#reply.body.isGivenUp === true)
      throw this.bodyError(
        "its body is too long: from status 400 on, no more than 1 MiB is read where a success would be a stream",
      )
    if (this.#streamed && this.#reply.body.bytes === undefined)
      throw this.bodyError("the body was read already; read it once, or not with .stream()")
    this.#streamed = true
    return this.#reply.body.stream(describe)
  }

  /** An error about the body. */
  bodyError(what: string, cause?: unknown): BodyError {
    return new BodyError(this.#said(what), this.#record, this.status, cause)
  }

  /** An error about what the reply leads to. */
  callError(what: string): CallError {
    return new CallError(this.#said(what), this.#record)
  }

  #said(what: string): string {
    const { method, url } = this.#record
    return `${method} ${url} → ${this.status} ${this.statusName}: ${this.#record.redact(what)}`
  }

  /** Its type, where parsing failed, and the text around that place. */
  #whatCame(text: string, cause: unknown): string {
    if (text === "") return "an empty body"
    const at = /position (\d+)/.exec(String(cause))?.[1]
    return `${this.quote(text, Number(at ?? 0))} (${at === undefined ? "" : `at position ${at} of `}${text.length} characters)`
  }

  /** The body's type, and its text around a place, without what the call knows to be secret. */
  quote(text: string, position = 0): string {
    const type = this.headers.get("content-type") ?? "no Content-Type"
    // Redacted before it is cut, as half a secret would not be found.
    const clean = this.#record.redact(text)
    const start = Math.max(0, this.#record.redact(text.slice(0, position)).length - EXCERPT_LENGTH / 2)
    const excerpt = clean.slice(start, start + EXCERPT_LENGTH).replace(/\s+/g, " ")
    const shown = `${start > 0 ? "…" : ""}${excerpt}${start + EXCERPT_LENGTH < clean.length ? "…" : ""}`
    return `${type}: ${JSON.stringify(shown)}`
  }
}

/** The body's stream ends with failures only; anything else is a defect. */
function defect(error: unknown): never {
  throw error
}
