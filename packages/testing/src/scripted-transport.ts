import {
  failure,
  receiveBody,
  signalFailure,
  type Clock,
  type Exchange,
  type Failure,
  type FailureCode,
  type HeaderFields,
  type Outcome,
  type Outgoing,
  type Signal,
  type Transport,
} from "steadfetch"
import { scriptedBody } from "./scripted-body.ts"
import { RequestRecord, type ScriptedRequest } from "./scripted-request.ts"
import {
  contentOf,
  matches,
  requestLine,
  type RequestLine,
  type ScriptedFailure,
  type ScriptedReply,
  type Step,
} from "./scripted-step.ts"

/** What the server says to a request. Each returns the transport, so that a dialogue reads on. */
export interface Answers {
  /** A reply of this status. */
  readonly replies: (status: number, parts?: ScriptedReply) => ScriptedTransport
  /** No reply, for this reason. Without a connection ("refused", "dns", "tls") nothing of the request's body is taken. */
  readonly fails: (code: FailureCode, parts?: ScriptedFailure) => ScriptedTransport
  /** Takes the request and says nothing until it is aborted. */
  readonly hangs: () => ScriptedTransport
  /** Throws this, as a transport with a defect does. */
  readonly throws: (defect: unknown) => ScriptedTransport
}

/**
 * A transport that plays the server's part of a dialogue, in order, on a virtual clock:
 *
 * ```ts
 * const server = scriptedTransport(clock)
 * server.expect("GET /users").replies(503, { headers: { "retry-after": "2" } })
 * server.expect("GET /users").replies(200, { body: { json: [] } })
 * ```
 *
 * Answers without `expect` are for whatever request comes. A request that the script has no answer for is refused with an
 * error, and `verify()` finds what never came.
 */
export interface ScriptedTransport extends Transport, Answers {
  /** The next request: its method, and a path or an absolute URL. Without a query in it, any query will do. */
  readonly expect: (line: string) => Answers
  /** What every request gets once the script is at its end. */
  readonly otherwise: Answers
  /** What was sent, in order. */
  readonly requests: readonly ScriptedRequest[]
  /** How many replies have a body that was neither read to its end nor given up. */
  readonly openBodies: number
  /**
   * The script was played to its end, and nothing else was sent.
   * @throws Error for an expected request that never came, or one that was not expected.
   */
  verify(): void
}

/** A transport that says what it was told to say, by this clock. */
export function scriptedTransport(clock: Clock): ScriptedTransport {
  return new Dialogue(clock)
}

interface Scene {
  readonly line: RequestLine | undefined
  readonly step: Step
}

class Dialogue implements ScriptedTransport {
  readonly #clock: Clock
  readonly #scenes: Scene[] = []
  #fallback: Step | undefined
  #played = 0
  readonly #requests: RequestRecord[] = []
  readonly #unexpected: string[] = []
  #openBodies = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  readonly expect = (line: string): Answers => {
    const expected = requestLine(line)
    return this.#answers((step) => this.#scenes.push({ line: expected, step }))
  }

  readonly #next: Answers = this.#answers((step) => this.#scenes.push({ line: undefined, step }))
  readonly replies = this.#next.replies
  readonly fails = this.#next.fails
  readonly hangs = this.#next.hangs
  readonly throws = this.#next.throws

  readonly otherwise: Answers = this.#answers((step) => {
    this.#fallback = step
  })

  #answers(add: (step: Step) => unknown): Answers {
    const said = (step: Step): ScriptedTransport => {
      add(step)
      return this
    }
    return {
      replies: (status, parts = {}) => said({ kind: "reply", status, parts }),
      fails: (code, parts = {}) => said({ kind: "fail", code, parts }),
      hangs: () => said({ kind: "hang" }),
      throws: (defect) => said({ kind: "throw", defect }),
    }
  }

  get requests(): readonly ScriptedRequest[] {
    return this.#requests
  }

  get openBodies(): number {
    return this.#openBodies
  }

  verify(): void {
    const missing = this.#scenes.slice(this.#played).map(({ line }) => line?.text ?? "any request")
    const problems = [...this.#unexpected]
    if (missing.length > 0) problems.push(`never sent: ${missing.join(", ")}; sent: ${told(this.#requests)}`)
    if (problems.length > 0) throw new Error(problems.join("\n"))
  }

  readonly send = async (exchange: Exchange): Promise<Outcome> => {
    const { request } = exchange
    const record = new RequestRecord(request, this.#clock.now())
    const step = this.#step(request)
    this.#requests.push(record)
    if (step.kind === "throw") throw step.defect
    const outcome = await this.#play(step, exchange, record)
    if (exchange.signal?.aborted === true) {
      record.end = "aborted"
      if (outcome.kind === "reply") outcome.body.discard()
      return signalFailure(exchange.signal.reason)
    }
    if (record.end === "open") record.end = "failed"
    return outcome
  }

  #step({ method, url }: Outgoing): Step {
    const scene = this.#scenes[this.#played]
    const step = scene === undefined ? this.#fallback : scene.step
    if (step === undefined || (scene?.line !== undefined && !matches(scene.line, method, url))) {
      const wanted = scene === undefined ? "the script is at its end" : `expected ${scene.line?.text}`
      const problem = `unexpected request ${method} ${url}; ${wanted}; sent before: ${told(this.#requests)}`
      this.#unexpected.push(problem)
      throw new Error(problem)
    }
    if (scene !== undefined) this.#played++
    return step
  }

  async #play(step: Exclude<Step, { kind: "throw" }>, exchange: Exchange, record: RequestRecord): Promise<Outcome> {
    const { request, signal } = exchange
    await record.take(request.body, takenBytes(step), signal)
    await this.#wait(step.kind === "hang" ? undefined : (step.parts.delayMs ?? 0), exchange)
    if (step.kind === "hang" || signal?.aborted === true) return signalFailure(signal?.reason)
    if (step.kind === "fail") return failure(step.code, `scripted: ${step.code}`)
    record.end = "answered"
    return this.#reply(step.status, step.parts, exchange)
  }

  async #reply(status: number, parts: ScriptedReply, exchange: Exchange): Promise<Outcome> {
    const { watch, signal } = exchange
    const { bytes, mediaType } = contentOf(parts.body)
    const reply = { kind: "reply", status, url: undefined, headers: fieldsOf(parts, mediaType) } as const
    watch?.arrived()
    const broken = (error: unknown): Failure =>
      signal?.aborted === true ? signalFailure(signal.reason) : failure("broken-body", "the body broke off", error)
    const bodiless = parts.body === undefined || exchange.request.method === "HEAD"
    const body = await receiveBody(bodiless ? null : this.#open(bytes, parts, signal), status, exchange, broken)
    return "kind" in body ? body : { ...reply, body }
  }

  #open(bytes: Uint8Array<ArrayBuffer>, parts: ScriptedReply, signal: Signal | undefined): ReadableStream<Uint8Array> {
    this.#openBodies++
    return scriptedBody(bytes, parts, { clock: this.#clock, signal, ended: once(() => this.#openBodies--) })
  }

  /** Waits so long, or for ever; less when the signal fires. */
  #wait(delayMs: number | undefined, { signal }: Exchange): Promise<void> {
    if (delayMs === 0 || signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const over = (): void => {
        callOff()
        signal?.removeEventListener("abort", over)
        resolve()
      }
      const callOff = delayMs === undefined ? () => {} : this.#clock.after(delayMs, over)
      signal?.addEventListener("abort", over)
    })
  }

  async close(): Promise<void> {}
}

const WITHOUT_CONNECTION: readonly FailureCode[] = ["refused", "dns", "tls", "rejected"]

function takenBytes(step: Step): number {
  if (step.kind !== "fail") return Number.POSITIVE_INFINITY
  return step.parts.afterBodyBytes ?? (WITHOUT_CONNECTION.includes(step.code) ? 0 : Number.POSITIVE_INFINITY)
}

function told(requests: readonly ScriptedRequest[]): string {
  return requests.map(({ method, url }) => `${method} ${url}`).join(", ") || "nothing"
}

function fieldsOf({ headers = {} }: ScriptedReply, mediaType: string | undefined): HeaderFields {
  const fields = new Headers(mediaType === undefined ? {} : { "content-type": mediaType })
  for (const [name, values] of Object.entries(headers)) {
    fields.delete(name)
    for (const value of [values].flat()) fields.append(name, value)
  }
  return fields
}

function once(run: () => void): () => void {
  let ran = false
  return () => {
    if (!ran) run()
    ran = true
  }
}
