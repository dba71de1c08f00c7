import type { BodyInput } from "../../../body.ts"
import type { Call } from "../../../call.ts"
import type { Signal } from "../../../cancellation.ts"
import type { CallOutcome, Replied, Success } from "../../../call-outcome.ts"
import { CallRecord } from "../../../call-record.ts"
import { CallError } from "../../../errors.ts"
import { headerList, mergeHeaders, type HeaderList } from "../../../headers.ts"
import { redactUrl } from "../../../redaction.ts"
import type { RequestOptions } from "../../../request-options.ts"
import { refuse, shown } from "../../../validation.ts"

const VERSION: HeaderList = [["tus-resumable", "1.0.0"]]

/** Fields of the creation that are wrong for what comes after it. */
const OF_CREATION: readonly string[] = ["content-type", "idempotency-key"]

/** The requests of tus 1.0.0, made with what a call was asked with. */
export class UploadRequests {
  /** Where uploads are created. */
  readonly address: string
  readonly #call: Call
  readonly #signal: Signal | undefined
  #idempotencyKey: RequestOptions["idempotencyKey"]

  /** @param signal Ends them all. */
  constructor(call: Call, signal = call.context.options.signal) {
    const { method, options } = call.context
    if (method !== "POST")
      refuse("upload", `the call is a ${method}`, "a POST to where uploads are created: api.post(url)")
    const given = (["json", "form", "body"] as const).find((name) => options[name] !== undefined)
    if (given !== undefined) refuse("upload", `the call has a "${given}"`, "what is to be uploaded to upload() alone")
    this.#call = call
    this.#signal = signal
    this.address = call.context.address()
    this.#idempotencyKey = options.idempotencyKey
  }

  create(size: number, metadata: string | undefined): Promise<CallOutcome> {
    const { path, query, headers } = this.#call.context.options
    const about: HeaderList = metadata === undefined ? [] : [["upload-metadata", metadata]]
    const fields = mergeHeaders(headerList(headers), [...VERSION, ["upload-length", String(size)], ...about])
    const idempotencyKey = this.#idempotencyKey
    // A second creation is another one.
    this.#idempotencyKey = undefined
    const { url } = this.#call.context
    return this.#call.context
      .request("POST", url, { ...this.#common(), path, query, headers: fields, idempotencyKey })
      .outcome()
  }

  head(url: string): Promise<CallOutcome> {
    return this.#call.context
      .follow("HEAD", new URL(url), { ...this.#common(), headers: this.#headers(VERSION) })
      .outcome()
  }

  /**
   * Sent once: what to send again, HEAD has to tell first. It may take as long as it needs, unless the call says otherwise.
   */
  patch(url: string, offset: number, fields: HeaderList, body: BodyInput, signal: Signal): Promise<CallOutcome> {
    const all: HeaderList = [
      ...VERSION,
      ["content-type", "application/offset+octet-stream"],
      ["upload-offset", String(offset)],
      ...fields,
    ]
    const given = this.#call.context.options.timeout
    const timeout = given === false ? given : { ...given, attemptMs: given?.attemptMs ?? false }
    const { deadline = false, ...common } = this.#common()
    const options: RequestOptions = { ...common, timeout, deadline, retry: false, idempotencyKey: false, body, signal }
    return this.#call.context.follow("PATCH", new URL(url), { ...options, headers: this.#headers(all) }).outcome()
  }

  terminate(url: string): Promise<CallOutcome> {
    const headers = this.#headers(VERSION)
    return this.#call.context.follow("DELETE", new URL(url), { ...this.#common(), headers }).outcome()
  }

  /** What the server can do; the only request without a version. */
  discover(): Promise<CallOutcome> {
    const { url, options } = this.#call.context
    const { path, query } = options
    const headers = this.#headers([])
    return this.#call.context.request("OPTIONS", url, { ...this.#common(), path, query, headers }).outcome()
  }

  /**
   * The URL of an upload, as the server (or who resumes it) gives it: absolute, or relative to what answered.
   * @throws What `refused` makes of the reason, for one that is not http(s), holds credentials or leaves https.
   */
  uploadUrl(given: string, from: string, refused: (why: string) => unknown): string {
    const url = URL.canParse(given, from) ? new URL(given, from) : undefined
    if (url === undefined || !/^https?:$/.test(url.protocol)) throw refused(`${shown(given)} is no http(s) URL`)
    if (url.username + url.password !== "") throw refused(`${redactUrl(url.href)} holds credentials`)
    if (url.protocol === "http:" && this.address.startsWith("https:"))
      throw refused(`${redactUrl(url.href)} would send over http what was asked for over https`)
    return url.href
  }

  /** A reply that tus does not know. */
  unexpected(method: string, reply: Replied, what: string): CallError {
    const { clock } = this.#call.context.runtime
    const record = new CallRecord(method, reply.url, reply.attempts[0]?.startedAt ?? clock.date())
    record.attempts.push(...reply.attempts)
    return new CallError(`${method} ${record.url} → ${reply.status} ${reply.statusName}: ${what}`, record)
  }

  #common(): RequestOptions {
    return {
      ...this.#call.context.options,
      signal: this.#signal,
      path: undefined,
      query: undefined,
      headers: undefined,
      requestSchema: undefined,
      idempotencyKey: undefined,
    }
  }

  #headers(fields: HeaderList): HeaderList {
    const own = headerList(this.#call.context.options.headers)
    return mergeHeaders(
      own.filter(([name]) => !OF_CREATION.includes(name)),
      fields,
    )
  }
}

/** Whether the server did what it was asked for. */
export function isDone(outcome: CallOutcome): outcome is Success {
  return outcome.kind === "success" && outcome.status >= 200 && outcome.status < 300
}
