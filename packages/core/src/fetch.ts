import type { BodySource } from "./body.ts"
import { CallRecord } from "./call-record.ts"
import type { CallOptions, Exchange, Outgoing } from "./exchange.ts"
import { nativeSignal } from "./fetch-transport.ts"
import type { HeaderList } from "./headers.ts"
import { networkFailure } from "./network-failure.ts"
import { failure, type Failure, type ReplyBody } from "./outcome.ts"
import { pipeline, type Policy, type Transport } from "./pipeline.ts"
import { readAll } from "./reply-body.ts"
import type { Runtime } from "./runtime.ts"
import { ConfigurationError } from "./steadfetch-error.ts"
import { knownOptions } from "./validation.ts"

/** The most that is kept in memory of a Request's body for the case of a retry. */
const MOST_NOTED_BYTES = 1 << 20

/** The one key in `init` that belongs to the drop-in fetch: SDKs use plain names such as `retry` for their own ends. */
export interface DropInInit extends RequestInit {
  /** `retry`, `idempotencyKey` and `contract`; others where `policies` hold what reads them. Unknown ones are refused. */
  readonly steadfetch?: CallOptions | undefined
}

/** A fetch that also takes the options of one call, under `init.steadfetch`. */
export type DropInFetch = typeof fetch & ((input: Parameters<typeof fetch>[0], init?: DropInInit) => Promise<Response>)

/**
 * A function with the type and behaviour of fetch whose calls go through these policies. It sends the original arguments
 * on every attempt and resolves with the native Response, unread; what fails rejects as fetch rejects.
 * @param ofCall The options that one call may set under `init.steadfetch`.
 * @param given The fetch to send with. Default: `globalThis.fetch` at the time of the call, or, once the drop-in itself
 * stands there, the one it replaced.
 */
export function dropInFetch(
  policies: readonly Policy[],
  runtime: Runtime,
  ofCall: readonly string[],
  given?: typeof fetch,
): DropInFetch {
  const replaced = given ?? globalThis.fetch
  let installed = false
  const platform = (): typeof fetch => {
    installed ||= globalThis.fetch === steadyFetch
    return given ?? (installed ? replaced : globalThis.fetch)
  }
  const handler = pipeline(policies, nativeTransport, runtime)

  // The rest parameter keeps `fetch.length` at 1, which some wrappers look at.
  const steadyFetch: DropInFetch = async function fetch(input: RequestInfo | URL, ...[init]: [init?: DropInInit]) {
    const options = init?.steadfetch ?? {}
    knownOptions("init.steadfetch", options, ofCall)
    const call = nativeCall(platform, input, init, runtime.pageOrigin)
    // What is no signal has no such member: fetch refuses it in its own way.
    const signal: Partial<AbortSignal> | undefined = call.signal
    if (signal !== undefined && signal.aborted !== false) return platform()(input, init)
    const outcome = await handler({
      ...call,
      reading: "stream",
      deadlineAt: Number.POSITIVE_INFINITY,
      maxBodyBytes: Number.POSITIVE_INFINITY,
      keyed: false,
      options,
      watch: undefined,
      record: new CallRecord(call.request.method, call.request.url, runtime.clock.date()),
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

/** What fetch was called with, seen as a request that sends the original arguments. */
function nativeCall(
  platform: () => typeof fetch,
  input: RequestInfo | URL,
  given: RequestInit | undefined,
  pageOrigin: string | undefined,
) {
  const init = withOwnBytes(given)
  const asked = input instanceof Request ? input : undefined
  const signal = (init?.signal === undefined ? asked?.signal : init.signal) ?? undefined
  const body = init?.body ?? undefined
  const copy = body === undefined && asked !== undefined ? copyOfBody(asked) : undefined
  const request: Outgoing = {
    method: (init?.method ?? asked?.method ?? "GET").toUpperCase(),
    // In a page it may be relative.
    url:
      input instanceof Request ? input.url : pageOrigin === undefined ? String(input) : new URL(input, pageOrigin).href,
    // Built when a policy asks.
    get headers(): HeaderList {
      return [...new Headers(init?.headers ?? asked?.headers)]
    },
    body: body !== undefined ? { replayable: isReplayable(body), length: undefined, open: unsendable } : (copy ?? null),
    native: (exchange) => {
      const again = copy?.bytes !== undefined && asked?.bodyUsed === true ? { ...init, body: copy.bytes } : init
      const followed = exchange.signal === signal ? nativeSignal(undefined) : nativeSignal(exchange.signal)
      const sent = platform()(input, changedInit(again, exchange, request, signal, followed.native))
      // What the attempt holds is released at the headers.
      return sent.finally(() => followed.stop())
    },
  }
  return { request, signal }
}

/** fetch copies bytes when it is called, and their owner may fill the buffer anew from then on; a retry comes later. */
function withOwnBytes(init: RequestInit | undefined): RequestInit | undefined {
  const body = init?.body
  if (body instanceof ArrayBuffer) return { ...init, body: body.slice() }
  if (!ArrayBuffer.isView(body)) return init
  return { ...init, body: new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice() }
}

/** A Request's body that has been noted, so that it can be sent again. */
interface BodyCopy extends BodySource {
  bytes: Uint8Array<ArrayBuffer> | undefined
}

/**
 * A Request's body can be read once, and what made it is not to be had. Its bytes are noted while the first attempt sends
 * them; a body beyond the limit is not, and not replayed.
 */
function copyOfBody(request: Request): BodyCopy | undefined {
  if (request.body === null || request.bodyUsed) return undefined
  const copy: BodyCopy = {
    bytes: undefined,
    get replayable() {
      return copy.bytes !== undefined
    },
    length: undefined,
    open: unsendable,
  }
  const source = request.clone().body ?? new ReadableStream()
  const unreadable = (error: unknown): Failure => failure("broken-body", "the request's body broke off", error)
  readAll(source, undefined, MOST_NOTED_BYTES, unreadable).then((read) => {
    if (!("kind" in read)) copy.bytes = read
  }, unreadable)
  return copy
}

function isReplayable(body: BodyInit): boolean {
  return (
    typeof body === "string" ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body) ||
    body instanceof Blob ||
    body instanceof FormData ||
    body instanceof URLSearchParams
  )
}

/** A copy of `init` only where a policy changed the headers or set a time limit. */
function changedInit(
  init: RequestInit | undefined,
  exchange: Exchange,
  request: Outgoing,
  own: AbortSignal | undefined,
  signal: AbortSignal | null,
): RequestInit | undefined {
  const changed: RequestInit = {}
  if (exchange.request !== request) changed.headers = exchange.request.headers as [string, string][]
  // The caller's own signal stays in force after the headers, when the policies' is released.
  if (signal !== null) changed.signal = own === undefined ? signal : AbortSignal.any([own, signal])
  return exchange.request === request && signal === null ? init : { ...init, ...changed }
}

const nativeTransport: Transport = {
  async send(exchange) {
    try {
      const response = await (exchange.request.native ?? unsendable)(exchange)
      exchange.watch?.arrived()
      const { type, url, headers } = response
      // What a browser hides (`no-cors`, a manual redirect) has the status 0, and is no error.
      const status = ["opaque", "opaqueredirect"].includes(type) ? 200 : response.status
      return { kind: "reply", status, url, headers, body: new NativeBody(response) }
    } catch (error) {
      const failed = networkFailure(error)
      if (failed === undefined) throw error
      return failed
    }
  },
  close: async () => {},
}

function unsendable(): never {
  throw new ConfigurationError(
    "the drop-in fetch sends the very request it was called with; use no policy that replaces it",
  )
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

/** What fetch did, or would, reject with: the signal's own reason, the platform's error, a TimeoutError, a TypeError. */
function rejection(failure: Failure): unknown {
  if (failure.code === "aborted" || failure.cause instanceof Error) return failure.cause
  if (failure.code === "timeout") return new DOMException(failure.message, "TimeoutError")
  return new TypeError(failure.message, { cause: failure.cause })
}
