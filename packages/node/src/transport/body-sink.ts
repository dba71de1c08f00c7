import type { Exchange, Outcome } from "steadfetch"
import type { Dispatcher } from "undici"

/** Where the pieces of a reply's body go. */
export interface BodySink {
  push(piece: Buffer, controller: Dispatcher.DispatchController): void
  end(controller: Dispatcher.DispatchController): void
  /** The body broke off, for this reason. */
  fail(error: unknown): void
}

/** What a sink may do with the attempt whose body it takes. */
export interface OpenAttempt {
  readonly exchange: Exchange
  settle(outcome: Outcome): void
  /** Ends the request; undici frees or closes its connection. */
  readonly cancel: () => void
  /** The attempt holds nothing any more. */
  readonly release: () => void
}
