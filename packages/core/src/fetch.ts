import type { BodySource } from "./body.ts"
import { CallRecord } from "./call-record.ts"
import type { CallOptions, Exchange, Outgoing } from "./exchange.ts"
import { SignalLink } from "./fetch-transport.ts"
import type { HeaderList } from "./headers.ts"
import { networkFailure } from "./network-failure.ts"
import type { Failure, Outcome, ReplyBody } from "./outcome.ts"
import { pipeline, type Policy, type Transport } from "./pipeline.ts"
import type { Runtime } from "./runtime.ts"
import { ConfigurationError } from "./steadfetch-error.ts"

/** The one key in `init` that belongs to the drop-in fetch: SDKs use plain names such as `retry` for their own ends. */
export interface DropInInit extends RequestInit {
  readonly steadfetch?: CallOptions | undefined
}

/**
 * A function with the type and behaviour of fetch whose calls go through these policies. It sends the original arguments
 * on every attempt and resolves with the native Response, unread; what fails rejects as fetch rejects.
 * @param given The fetch to send with. Default: `globalThis.fetch` at the time of the call, or, once the drop-in itself
 * stands there, the one it replaced.
 */
export function dropInFetch(policies: readonly Policy[], runtime: Runtime, given?: typeof fetch): typeof fetch {
  const replaced = given ?? globalThis.fetch
  let installed = false
  const platform = (): typeof fetch => {
    installed ||= globalThis.fetch === steadyFetch
    return given ?? (installed ? replaced : globalThis.fetch)
  }
  const handler = pipeline(policies, nativeTransport(platform), runtime)

  // The rest parameter keeps `fetch.length` at 1, which some wrappers look at.
  const steadyFetch: typeof fetch = async function fetch(input: RequestInfo | URL, ...[init]: [init?: DropInInit]) {
    const call = new NativeCall(input, init)
    if (call.signal?.aborted === true) return platform()(input, init)
    const record = new CallRecord(call.method, call.url, runtime.clock.date())
    const outcome = await handler({
      request: call,
      reading: "stream",
      signal: call.signal,
      deadlineAt: Number.POSITIVE_INFINITY,
      maxBodyBytes: Number.POSITIVE_INFINITY,
      keyed: false,
      options: init?.steadfetch ?? {},
      watch: undefined,
      record,
    })
    if (outcome.kind === "failure") throw rejection(outcome)
    return outcome.body instanceof NativeBody
      ? outcome.body.response
      : new Response(outcome.body.stream(rejection), outcome as never)
  }
  // `globalThis.fetch = createFetch()` has happened by then: a mock that replaces it later must not be called from here.
  queueMicrotask(platform)
  return steadyFetch
}

/** What fetch was called with, seen as a request; read when a policy asks. */
class NativeCall implements Outgoing {
  readonly input: RequestInfo | URL
  readonly init: RequestInit | undefined
  readonly native: NativeCall = this

  constructor(input: RequestInfo | URL, init: RequestInit | undefined) {
    this.input = input
    this.init = init
  }

  get #request(): Request | undefined {
    return this.input instanceof Request ? this.input : undefined
  }

  get method(): string {
    return (this.init?.method ?? this.#request?.method ?? "GET").toUpperCase()
  }

  get url(): string {
    return this.input instanceof Request ? this.input.url : this.input.toString()
  }

  get headers(): HeaderList {
    return [...new Headers(this.init?.headers ?? this.#request?.headers)]
  }

  get signal(): AbortSignal | undefined {
    return (this.init?.signal === undefined ? this.#request?.signal : this.init.signal) ?? undefined
  }

  get body(): BodySource | null {
    const body = this.init?.body
    if (body === undefined || body === null) return this.#request?.body ? ONE_SHOT : null
    const replayable =
      typeof body === "string" ||
      body instanceof ArrayBuffer ||
      ArrayBuffer.isView(body) ||
      body instanceof Blob ||
      body instanceof FormData ||
      body instanceof URLSearchParams
    return replayable ? REPLAYABLE : ONE_SHOT
  }
}

/** Only `replayable` is ever asked: the native transport sends the body itself. */
const REPLAYABLE: BodySource = { replayable: true, length: undefined, open: notOpened }
const ONE_SHOT: BodySource = { ...REPLAYABLE, replayable: false }

function notOpened(): never {
  throw new ConfigurationError("the drop-in fetch sends bodies itself; use its policies with no other transport")
}

/** Sends the original arguments; a copy of `init` only where a policy changed the headers or set a time limit. */
function nativeTransport(platform: () => typeof fetch): Transport {
  return {
    async send(exchange): Promise<Outcome> {
      const { native } = exchange.request
      if (!(native instanceof NativeCall))
        throw new ConfigurationError("the drop-in fetch cannot send a request that it was not called with")
      const { init, release } = changedInit(exchange, native)
      let response: Response
      try {
        response = await platform()(native.input, init)
      } catch (error) {
        const failed = networkFailure(error)
        if (failed === undefined) throw error
        return failed
      } finally {
        release()
      }
      exchange.watch?.arrived()
      return {
        kind: "reply",
        status: response.status,
        url: response.url,
        headers: response.headers,
        body: new NativeBody(response),
      }
    },
    close: async () => {},
  }
}

function changedInit(exchange: Exchange, native: NativeCall): { init: RequestInit | undefined; release: () => void } {
  const headers = exchange.request === native ? undefined : exchange.request.headers
  const link = exchange.signal === native.signal ? undefined : new SignalLink(exchange.signal)
  if (headers === undefined && link?.native == null) return { init: native.init, release: () => {} }
  const init: RequestInit = { ...native.init }
  if (headers !== undefined) init.headers = headers as [string, string][]
  // The caller's own signal stays in force after the headers, when the policies' is released.
  if (link?.native != null)
    init.signal = native.signal === undefined ? link.native : AbortSignal.any([native.signal, link.native])
  return { init, release: link?.release ?? (() => {}) }
}

/** A native Response that nobody touches until its caller does. What the attempt holds is released at the headers. */
class NativeBody implements ReplyBody {
  readonly bytes = undefined
  readonly response: Response

  constructor(response: Response) {
    this.response = response
  }

  stream(): ReadableStream<Uint8Array> {
    return this.response.body ?? new ReadableStream()
  }

  discard(): void {
    this.response.body?.cancel().catch(() => {})
  }

  onEnd(release: () => void): void {
    release()
  }
}

/** What fetch would reject with: the signal's own reason, a TimeoutError, or a TypeError with its causes. */
function rejection(failure: Failure): unknown {
  if (failure.code === "aborted" || failure.cause instanceof TypeError) return failure.cause
  if (failure.code === "timeout") return new DOMException(failure.message, "TimeoutError")
  return new TypeError(failure.message, { cause: failure.cause })
}
