import type { BodyContent } from "./body.ts"
import type { Signal } from "./cancellation.ts"
import type { Exchange } from "./exchange.ts"
import { networkFailure } from "./network-failure.ts"
import { failure, signalFailure, type Failure, type Outcome } from "./outcome.ts"
import type { Transport } from "./pipeline.ts"
import { redactUrl } from "./redaction.ts"
import { receiveBody } from "./reply-body.ts"
import { systemPageOrigin } from "./runtime.ts"
import { ConfigurationError } from "./steadfetch-error.ts"
import { checkFunction, knownOptions } from "./validation.ts"

/** Options of {@link fetchTransport}. */
export interface FetchTransportOptions {
  /** The function that sends. Default: whatever `globalThis.fetch` is at the time of the call. */
  readonly fetch?: typeof fetch | undefined
}

/**
 * Sends attempts through the platform's fetch. Redirects are left to the redirect policy, except in web pages, where
 * only the browser can follow them.
 */
export function fetchTransport(options: FetchTransportOptions = {}): Transport {
  knownOptions("fetchTransport", options, ["fetch"])
  checkFunction("fetch", options.fetch)
  const redirect = systemPageOrigin() === undefined ? "manual" : "follow"
  return {
    send: (exchange) => send(exchange, options.fetch ?? globalThis.fetch, redirect),
    close: async () => {},
  }
}

async function send(exchange: Exchange, doFetch: typeof fetch, redirect: RequestRedirect): Promise<Outcome> {
  const { request, watch } = exchange
  const defects: unknown[] = []
  const content = request.body?.open()
  const upload = content === undefined ? undefined : uploadOf(content, (defect) => defects.push(defect))
  const signal = nativeSignal(exchange.signal)
  const stop = (): void => {
    signal.stop()
    upload?.stop()
  }
  let response: Response
  try {
    response = await doFetch(request.url, {
      method: request.method,
      headers: request.headers as [string, string][],
      redirect: redirect === "manual" ? redirect : (exchange.options.redirect ?? redirect),
      signal: signal.native,
      ...upload?.init,
    })
  } catch (error) {
    stop()
    // What the body's own source throws is the caller's, not the network's.
    if (defects.length > 0) throw defects[0]
    const failed = networkFailure(error)
    if (failed === undefined) throw unsendable(exchange, error)
    return failed
  }
  watch?.arrived()
  if (response.type === "opaqueredirect") {
    stop()
    return failure("redirect", "a redirect, which the platform hides")
  }
  const broken = (error: unknown): Failure =>
    exchange.signal?.aborted === true ? signalFailure(exchange.signal.reason) : brokenBody(error)
  const { status, headers } = response
  const body = await receiveBody(response.body, status, exchange, broken)
  if ("kind" in body) {
    stop()
    return body
  }
  // A reply may come, and end, before the request was sent whole.
  body.onEnd(stop)
  return { kind: "reply", status, url: response.redirected ? response.url : undefined, headers, body }
}

interface Upload {
  readonly init: RequestInit & { duplex?: "half" }
  /** Lets go of its source: Node's fetch would read it to its end, though there is no connection any more. */
  stop(): void
}

/** Async iterables become a stream here, which fetch reads as the connection takes it. */
function uploadOf(content: BodyContent, onDefect: (defect: unknown) => void): Upload {
  if (typeof content === "string" || content instanceof Uint8Array || content instanceof Blob)
    return { init: { body: content }, stop: () => {} }
  if (!sendsStreams())
    throw new ConfigurationError("the fetch of this platform sends no streams; give the body as text, bytes or a Blob")
  const iterator = content[Symbol.asyncIterator]()
  let body: ReadableStreamDefaultController<Uint8Array> | undefined
  const source: UnderlyingDefaultSource<Uint8Array> = {
    start(controller) {
      body = controller
      // Node's fetch reads one chunk ahead of the connection: an empty one, so that a refused stream is still unread.
      controller.enqueue(new Uint8Array())
    },
    async pull(controller) {
      try {
        const { done, value } = await iterator.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      } catch (defect) {
        onDefect(defect)
        controller.error(defect)
      }
    },
    async cancel() {
      await iterator.return?.()
    },
  }
  return {
    init: { body: new ReadableStream(source, { highWaterMark: 0 }), duplex: "half" },
    stop() {
      // As an error, since an end would pass off what was sent as the whole.
      body?.error(new TypeError("the exchange is over"))
      iterator.return?.().catch(() => {})
    },
  }
}

/** Whether fetch sends what a stream holds. Firefox takes it for an object and sends "[object ReadableStream]". */
export function sendsStreams(PlatformRequest: typeof Request = Request): boolean {
  const init: RequestInit & { duplex: "half" } = { method: "POST", body: new ReadableStream(), duplex: "half" }
  return !new PlatformRequest("http://localhost", init).headers.has("content-type")
}

/** fetch refuses some requests by itself: a port it blocks, a method it forbids. */
function unsendable({ request, record }: Exchange, error: unknown): ConfigurationError {
  const { cause } = error instanceof Error ? error : {}
  const reason = cause instanceof Error ? cause.message : String(error)
  return new ConfigurationError(
    `fetch refuses to send to ${record.redact(`${redactUrl(request.url)}: ${reason}`)}; change the request, or use another transport`,
    { cause: error },
  )
}

/** Whatever ends a body before its time is a failure of the network. */
function brokenBody(error: unknown): Failure {
  const known = networkFailure(error)
  const detail = known?.message ?? (error instanceof Error ? error.message : String(error))
  return failure("broken-body", `the body broke off: ${detail}`, error)
}

interface FollowingSignal<Native> {
  readonly native: Native
  stop(): void
}

/** A native AbortSignal that follows one of ours until it is told to stop. */
export function nativeSignal(signal: Signal): FollowingSignal<AbortSignal>
export function nativeSignal(signal: Signal | undefined): FollowingSignal<AbortSignal | null>
export function nativeSignal(signal: Signal | undefined): FollowingSignal<AbortSignal | null> {
  if (signal === undefined || signal instanceof AbortSignal) return { native: signal ?? null, stop: () => {} }
  const controller = new AbortController()
  const abort = (): void => controller.abort(signal.reason)
  if (signal.aborted) abort()
  else signal.addEventListener("abort", abort)
  return { native: controller.signal, stop: () => signal.removeEventListener("abort", abort) }
}

/** A form from its bytes. @throws TypeError when the media type is no form, or the bytes do not hold one. */
export function parseForm(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<FormData> {
  return new Response(bytes, { headers: { "content-type": contentType } }).formData()
}
