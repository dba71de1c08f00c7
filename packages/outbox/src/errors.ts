import { nameErrors, SteadfetchError } from "steadfetch"

/** What went wrong, for programs. */
export type OutboxErrorCode =
  /** As many entries or bytes wait as are allowed; try later. */
  | "full"
  /** Another request has this key. */
  | "conflict"
  /** There is no such entry. */
  | "unknown"
  /** The entry is not in a state in which this can be done, or someone changed it at the same time. */
  | "state"
  /** The store cannot be written or read: its disk is full, read-only or broken, its server is away. */
  | "store"
  /** The store was written by a newer version. */
  | "newer"
  /** The store is configured so that it would lose data. */
  | "unsafe"
  /** What is stored cannot be opened: no key or a wrong one, or it was damaged. */
  | "sealed"

/** The outbox could not do what it was asked. What was acknowledged before is not affected. */
export class OutboxError extends SteadfetchError {
  static {
    nameErrors(this, "OutboxError")
  }

  readonly code: OutboxErrorCode

  constructor(code: OutboxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export function closedOutbox(): OutboxError {
  return new OutboxError("store", "the outbox is closed; open it anew")
}
