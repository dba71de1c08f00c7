import { signalFailure, type Exchange, type Outcome } from "steadfetch"
import type { Dispatcher } from "undici"
import type { BodySink, OpenAttempt } from "./body-sink.ts"
import { CollectedBody } from "./collected-body.ts"
import { dispatchOptions } from "./dispatch-options.ts"
import { PassedBody } from "./passed-body.ts"
import type { RelayOptions } from "../relay/relay-options.ts"
import { RelayedBody } from "../relay/relayed-body.ts"
import { flatFields, RelayedFields } from "../relay/relayed-fields.ts"
import { ReplyFields, type RawFields } from "./reply-fields.ts"
import { sendFailure, unsendable } from "./send-failure.ts"

/** One exchange as undici's handler sees it: dispatched once, settled once, and ended when its signal fires. */
export class Attempt implements Dispatcher.DispatchHandler, OpenAttempt {
  readonly exchange: Exchange
  readonly #relay: RelayOptions | undefined
  readonly #resolve: (outcome: Outcome) => void
  readonly #reject: (defect: unknown) => void
  #controller: Dispatcher.DispatchController | undefined
  #sink: BodySink | undefined
  #defect: { readonly error: unknown } | undefined

  constructor(
    exchange: Exchange,
    relay: RelayOptions | undefined,
    resolve: (outcome: Outcome) => void,
    reject: (defect: unknown) => void,
  ) {
    this.exchange = exchange
    this.#relay = relay
    this.#resolve = resolve
    this.#reject = reject
  }

  dispatch(dispatcher: Dispatcher): void {
    this.exchange.signal?.addEventListener("abort", this.cancel)
    try {
      const onDefect = (error: unknown): void => {
        this.#defect ??= { error }
      }
      const options = dispatchOptions(this.exchange.request, onDefect, this.#relay !== undefined)
      dispatcher.dispatch(options, this)
    } catch (error) {
      this.onResponseError(undefined, error)
    }
  }

  /** Settled first: undici itself would wait for a connection under way, or for its turn on one. */
  readonly cancel = (): void => {
    const { signal } = this.exchange
    if (signal?.aborted === true) this.settle(signalFailure(signal.reason))
    this.#controller?.abort(new Error("the attempt was ended"))
  }

  readonly release = (): void => this.exchange.signal?.removeEventListener("abort", this.cancel)

  settle(outcome: Outcome): void {
    if (outcome.kind === "failure") this.release()
    this.#resolve(outcome)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.exchange.signal?.aborted === true) this.cancel()
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, raw: RawFields): void {
    const relay = this.#relay
    // 1xx announce the final reply; their fields never change it (RFC 8297).
    if (status < 200) return relay?.onInterim?.(this.exchange, status, flatFields(controller.rawHeaders))
    this.exchange.watch?.arrived()
    if (relay !== undefined) {
      const fields = new RelayedFields(raw, controller.rawHeaders)
      this.#sink = new RelayedBody(this, status, fields, relay.wholeBytes ?? 0)
      return
    }
    const fields = new ReplyFields(raw)
    // A 204 has no body (RFC 9110 §15.3.5): a stream of it would hold on to the attempt until someone read it.
    const streams = this.exchange.reading === "stream" && status < 400 && status !== 204
    this.#sink = streams ? new PassedBody(this, status, fields) : new CollectedBody(this, status, fields)
  }

  onResponseData(controller: Dispatcher.DispatchController, piece: Buffer): void {
    this.#sink?.push(piece, controller)
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    this.#sink?.end(controller)
  }

  onResponseError(_controller: unknown, error: unknown): void {
    if (this.#sink !== undefined) return this.#sink.fail(error)
    const { signal } = this.exchange
    if (signal?.aborted === true) return this.settle(signalFailure(signal.reason))
    const failed = this.#defect === undefined ? sendFailure(error, this.#controller !== undefined) : undefined
    if (failed !== undefined) return this.settle(failed)
    this.release()
    this.#reject(this.#defect === undefined ? unsendable(error) : this.#defect.error)
  }
}
