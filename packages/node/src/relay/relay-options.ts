import type { Exchange } from "steadfetch"
import type { FlatFields } from "./relayed-fields.ts"

/** How {@link undiciTransport} serves who hands replies on. */
export interface RelayOptions {
  /**
   * A reply whose Content-Length is no more than this many bytes arrives inside its attempt, so that one that breaks off
   * is a failed attempt. Default 0: every reply but an error is a stream.
   */
  readonly wholeBytes?: number | undefined
  /** Told of interim replies (1xx) as they come. */
  readonly onInterim?: ((exchange: Exchange, status: number, fields: FlatFields) => void) | undefined
}
