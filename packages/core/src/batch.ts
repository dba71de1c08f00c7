import type { NoReply, Refusal, ServerFailure, Success } from "./call-outcome.ts"
import type { Signal } from "./cancellation.ts"
import type { ClientError, NoReplyError, ServerError } from "./errors.ts"

/** How a call of a batch ended. */
export type BatchEnd<Item, Value> = {
  /** Its place, from 0. */
  readonly index: number
  /** What it was made for; the call itself where calls were given. */
  readonly item: Item
} & (
  | {
      readonly kind: "success"
      readonly outcome: Success
      /** What `read` made of it. */
      readonly value: Value
    }
  | { readonly kind: "client-error"; readonly outcome: Refusal; readonly error: ClientError }
  | { readonly kind: "server-error"; readonly outcome: ServerFailure; readonly error: ServerError }
  | { readonly kind: "no-reply"; readonly outcome: NoReply; readonly error: NoReplyError }
  | {
      /** The reason of a signal, a mistake in the call, or what `read` threw of a success. */
      readonly kind: "thrown"
      readonly outcome: Success | undefined
      readonly error: unknown
    }
  | {
      /** The batch was stopped before its turn. */
      readonly kind: "not-sent"
      readonly outcome: undefined
      readonly error: undefined
    }
)

/** How many calls ended in which way. */
export type BatchCounts = Readonly<Record<BatchEnd<unknown, unknown>["kind"], number>>

/** What became of a batch. It holds all replies: of millions of items make several batches. */
export interface Batch<Item, Value> {
  /** How each call ended, in the order given. */
  readonly ends: readonly BatchEnd<Item, Value>[]
  /** How many ended in which way. */
  readonly counts: BatchCounts
  /** Whether it was stopped, by `stopWhen` or the signal, before it was through. */
  readonly isStopped: boolean
}

/** How far a batch has come. */
export interface BatchProgress<Item, Value> {
  /** What has just ended. */
  readonly end: BatchEnd<Item, Value>
  /** How many calls have ended. */
  readonly done: number
  /** How many there are; undefined where the items are not in a list. */
  readonly total: number | undefined
  /** How many ended in which way, so far. */
  readonly counts: BatchCounts
}

/** Options of `all()`. */
export interface BatchOptions<Item, Value> {
  /** The most calls at a time. Default 6: what browsers open to one origin, so that none waits while its deadline runs. */
  readonly concurrency?: number | undefined
  /** Reads each success, `(reply) => reply.json(User)`: its `value`. */
  readonly read?: ((reply: Success, item: Item) => Value | Promise<Value>) | undefined
  /** Asked about each end: true begins no further call. Those under way are waited for. */
  readonly stopWhen?: ((end: BatchEnd<Item, Value>, counts: BatchCounts) => boolean) | undefined
  /** Told of each end. */
  readonly onProgress?: ((progress: BatchProgress<Item, Value>) => void) | undefined
  /** Stops the batch, and ends the calls under way, at once. */
  readonly signal?: Signal | undefined
}
