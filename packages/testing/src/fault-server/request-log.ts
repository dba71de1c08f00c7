import { Milestone } from "./milestone.ts"
import { RequestRecord, type ReceivedRequest } from "./received.ts"
import type { RequestHead } from "./request-head.ts"

/** How much a log keeps. */
export interface LogLimits {
  readonly keptBodyBytes: number
  readonly keptRequests: number
}

/** What a server received: the newest requests, and how many there were. */
export class RequestLog {
  readonly #limits: LogLimits
  readonly #received = new Milestone()
  readonly #finished = new Milestone()
  readonly #requests: RequestRecord[] = []
  readonly #malformed: string[] = []
  readonly #observe: ((request: ReceivedRequest) => void) | undefined

  constructor(limits: LogLimits, observe: ((request: ReceivedRequest) => void) | undefined) {
    this.#limits = limits
    this.#observe = observe
  }

  get requests(): readonly ReceivedRequest[] {
    return this.#requests
  }

  get malformed(): readonly string[] {
    return this.#malformed
  }

  addMalformed(detail: string): void {
    this.#malformed.push(detail)
    if (this.#malformed.length > this.#limits.keptRequests) this.#malformed.shift()
  }

  add(head: RequestHead, facts: Pick<ReceivedRequest, "connection" | "arrivedAtMs" | "played">): RequestRecord {
    const { keptBodyBytes, keptRequests } = this.#limits
    const sequence = this.#received.count + 1
    const record = new RequestRecord(head, { ...facts, sequence, keptBodyBytes })
    this.#requests.push(record)
    if (this.#requests.length > keptRequests) this.#requests.shift()
    this.#received.set(sequence)
    return record
  }

  finish(record: RequestRecord, end: ReceivedRequest["end"]): void {
    record.body.finish(record.body.complete)
    record.end = end
    this.#finished.set(this.#finished.count + 1)
    this.#observe?.(record)
  }

  /** Resolves once so many requests have arrived. */
  async received(count: number): Promise<ReceivedRequest> {
    await this.#received.reached(count, this.#received.count >= count)
    const request = this.#requests.find(({ sequence }) => sequence === count)
    if (request === undefined) {
      throw new RangeError(`request ${count} is no longer kept; ask for a later one, or raise limits.keptRequests`)
    }
    return request
  }

  /** Resolves once so many requests have come to an end. */
  async finished(count: number): Promise<void> {
    await this.#finished.reached(count, this.#finished.count >= count)
  }

  /** Nothing more will be received. */
  close(): void {
    const counts = `after ${this.#received.count} requests, ${this.#finished.count} of them finished`
    const reason = new Error(`the fault server was closed ${counts}`)
    this.#received.end(reason)
    this.#finished.end(reason)
  }
}
