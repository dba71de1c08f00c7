import { createHash } from "node:crypto"
import type { FieldLines, RequestHead } from "./request-head.ts"

/** What arrived of a request's body. Grows while it arrives. */
export interface ReceivedBody {
  readonly lengthBytes: number
  /** Whether all of it arrived. A body that a step does not read counts as incomplete. */
  readonly complete: boolean
  /** SHA-256, in hex, of what arrived; undefined while it is arriving. */
  readonly sha256: string | undefined
  /** The first bytes, as many as the server's `limits.keptBodyBytes`. */
  readonly kept: Uint8Array
}

/** A request that the server received, from the moment its head was complete. */
export interface ReceivedRequest {
  /** From 1, over all connections. */
  readonly sequence: number
  /** The connection's number, from 1. */
  readonly connection: number
  /** When its head was complete, by the clock's `now`, in milliseconds. */
  readonly arrivedAtMs: number
  readonly method: string
  /** The request target as sent. */
  readonly target: string
  /** The path of the target, without its query. */
  readonly path: string
  /** Field lines as sent: order and case kept. */
  readonly headers: FieldLines
  /** The route that was played, and which of its steps (from 1); undefined when no script had an answer. */
  readonly played: { readonly route: string; readonly step: number } | undefined
  readonly body: ReceivedBody
  /** "answered": all of the reply was sent. "cut": the server broke it off. "abandoned": the client left before. */
  readonly end: "open" | "answered" | "cut" | "abandoned"
}

/** Takes in a body: counts, digests and keeps its beginning. */
export class BodyRecord implements ReceivedBody {
  lengthBytes = 0
  complete = false
  sha256: string | undefined
  readonly #hash = createHash("sha256")
  readonly #mostKeptBytes: number
  readonly #kept: Uint8Array[] = []
  #keptBytes = 0

  constructor(mostKeptBytes: number) {
    this.#mostKeptBytes = mostKeptBytes
  }

  get kept(): Uint8Array {
    return Buffer.concat(this.#kept)
  }

  add(bytes: Uint8Array): void {
    this.lengthBytes += bytes.length
    this.#hash.update(bytes)
    const room = this.#mostKeptBytes - this.#keptBytes
    if (room <= 0) return
    this.#kept.push(Uint8Array.from(bytes.subarray(0, room)))
    this.#keptBytes += Math.min(room, bytes.length)
  }

  /** Nothing more of it will come. Returns its digest. */
  finish(complete: boolean): string {
    this.complete = complete
    this.sha256 ??= this.#hash.digest("hex")
    return this.sha256
  }
}

/** A record in the making. */
export class RequestRecord implements ReceivedRequest {
  readonly sequence: number
  readonly connection: number
  readonly arrivedAtMs: number
  readonly method: string
  readonly target: string
  readonly path: string
  readonly headers: FieldLines
  readonly played: ReceivedRequest["played"]
  readonly body: BodyRecord
  end: ReceivedRequest["end"] = "open"

  constructor(
    head: RequestHead,
    facts: Pick<ReceivedRequest, "sequence" | "connection" | "arrivedAtMs" | "played"> & {
      readonly keptBodyBytes: number
    },
  ) {
    this.sequence = facts.sequence
    this.connection = facts.connection
    this.arrivedAtMs = facts.arrivedAtMs
    this.method = head.method
    this.target = head.target
    this.path = head.path
    this.headers = head.headers
    this.played = facts.played
    this.body = new BodyRecord(facts.keptBodyBytes)
    if (head.framing !== "chunked" && head.framing.lengthBytes === 0) this.body.finish(true)
  }
}
