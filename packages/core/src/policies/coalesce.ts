import { ABORTED, Cancellation, untilAborted } from "../cancellation.ts"
import type { Exchange } from "../exchange.ts"
import { signalFailure, type Failure, type Outcome, type ReplyBody } from "../outcome.ts"
import type { Handler, Policy } from "../pipeline.ts"
import { SECRET_HEADER } from "../redaction.ts"
import { WholeBody } from "../reply-body.ts"
import type { KeyOf } from "../request-key.ts"
import type { Runtime } from "../runtime.ts"
import { checkFunction, knownOptions } from "../validation.ts"

/** Options of {@link coalesce}. */
export interface CoalesceOptions {
  /**
   * What two calls must have in common besides their method, their credentials and their options. Default: the URL and
   * all header fields but those of tracing, which differ from call to call.
   */
  readonly key?: KeyOf | undefined
}

/** Fields that name the call and say nothing about what it asks for. */
const TRACING: readonly string[] = [
  "traceparent", "tracestate", "baggage", "b3", "x-request-id", "x-correlation-id", "x-amzn-trace-id", "request-id",
] // prettier-ignore

/**
 * Lets identical reads (GET and HEAD) that are under way at the same time share the attempts of the first one. Use it
 * where many parts of a program ask for the same thing at once; not where each call must reach the server.
 * Each caller can abort for itself: the work goes on until the last one has left. Calls with other credentials or other
 * options of their own are never put together, and bodies that are read as streams are left alone.
 * @throws ConfigurationError for a key that is no function.
 */
export function coalesce(options: CoalesceOptions = {}): Policy {
  knownOptions("coalesce", options, ["key"])
  checkFunction("coalesce.key", options.key)
  return {
    name: "coalesce",
    scope: "call",
    wrap: (next, runtime) => {
      const flights = new Map<string, Flight>()
      return (exchange) =>
        isShareable(exchange) ? share(exchange, keyOf(exchange, options.key), flights, next, runtime) : next(exchange)
    },
  }
}

/** A stream has one reader, who sets its pace: shared, the slowest would stop all, or all of it be kept in memory. */
function isShareable({ request, reading }: Exchange): boolean {
  return reading === "buffer" && (request.method === "GET" || request.method === "HEAD") && request.body === null
}

/** All that the outcome depends on, credentials included: it stays in memory, and in no message. */
function keyOf({ request, options, maxBodyBytes }: Exchange, own: KeyOf | undefined): string {
  const { method, url, headers } = request
  const { retry, timeout, deadline, contract, auth, redirect } = options
  const kept = headers.filter(([name]) => (own === undefined ? !TRACING.includes(name) : SECRET_HEADER.test(name)))
  const ofCall = [retry, timeout, deadline, contract, auth, redirect, maxBodyBytes].map((option) => option ?? null)
  return JSON.stringify([method, own === undefined ? url : own(request), kept, ofCall], written)
}

/** JSON has no Infinity, and would write null: as if there was no such option. */
function written(_name: string, value: unknown): unknown {
  return typeof value === "number" ? String(value) : value
}

async function share(
  exchange: Exchange,
  key: string,
  flights: Map<string, Flight>,
  next: Handler,
  { clock, events }: Runtime,
): Promise<Outcome> {
  const { record, deadlineAt } = exchange
  for (;;) {
    const known = flights.get(key)
    const flight: Flight =
      known ??
      new Flight(exchange, next, () => {
        if (flights.get(key) === flight) flights.delete(key)
      })
    flights.set(key, flight)
    const outcome = await flight.join(exchange)
    if (known === undefined) return outcome
    if (outcome.kind === "failure") {
      if (outcome.code === "aborted") return outcome
      // The first one's deadline has ended the work: who has time left goes on.
      const isOthersEnd = outcome.limit === "deadline" && flight.leader.deadlineAt <= clock.now()
      if (isOthersEnd && clock.now() < deadlineAt) continue
    }
    record.servedBy = "coalesce"
    const why = "an identical call was under way"
    if (events.heard("served")) events.emit("served", { call: record, policy: "coalesce", why })
    return outcome
  }
}

/** One call's attempts, under way for all who wait for them. */
class Flight {
  readonly leader: Exchange
  readonly #next: Handler
  readonly #over: () => void
  readonly #cancellation = new Cancellation(undefined)
  /** Where in the leader's record this story begins: it may have shared another one's before. */
  readonly #storyFrom: number
  #work: Promise<Outcome> | undefined = undefined
  #callers = 0
  #isShared = false

  constructor(leader: Exchange, next: Handler, over: () => void) {
    this.leader = leader
    this.#next = next
    this.#over = over
    this.#storyFrom = leader.record.attempts.length
  }

  /** Waits for the work, which the leader begins: until its end, or the caller's own. */
  async join(exchange: Exchange): Promise<Outcome> {
    const { signal } = exchange
    const isFollower = exchange !== this.leader
    if (isFollower) this.#isShared = true
    this.#callers++
    this.#work ??= this.#run()
    const settled = await untilAborted(this.#work, signal)
    const outcome = settled === ABORTED ? await this.#leave(this.#work, signal?.reason) : settled
    if (isFollower) this.#tell(exchange)
    return this.#isShared && outcome.kind === "reply" ? { ...outcome, body: new CopiedBody(outcome.body) } : outcome
  }

  async #run(): Promise<Outcome> {
    try {
      return await this.#next({ ...this.leader, signal: this.#cancellation })
    } finally {
      this.#over()
    }
  }

  /** An abort is the caller's alone. A deadline ends the work, which knows the last reply: no one else's comes earlier. */
  #leave(work: Promise<Outcome>, reason: unknown): Outcome | Promise<Outcome> {
    const cut = signalFailure(reason)
    this.#callers--
    if (cut.code === "aborted" && this.#callers > 0) return cut
    this.#over()
    this.#cancellation.cancel(reason)
    return cut.code === "aborted" ? cut : work
  }

  /** What the work has met is the follower's story, too, and what it has sent must not be shown to anyone. */
  #tell({ record, secrets }: Exchange): void {
    const { record: story, secrets: sent = [] } = this.leader
    record.attempts.push(...story.attempts.slice(this.#storyFrom))
    record.ending = story.ending
    record.retryAt = story.retryAt
    for (const secret of sent) if (secrets?.includes(secret) === false) secrets.push(secret)
  }
}

/** A body that several have: each gets bytes of its own, once it asks for them. */
class CopiedBody implements ReplyBody {
  readonly isGivenUp: boolean | undefined
  readonly #original: ReplyBody
  #copy: Uint8Array<ArrayBuffer> | undefined = undefined

  constructor(original: ReplyBody) {
    this.isGivenUp = original.isGivenUp
    this.#original = original
  }

  get bytes(): Uint8Array<ArrayBuffer> | undefined {
    this.#copy ??= this.#original.bytes?.slice()
    return this.#copy
  }

  stream(describe: (failure: Failure) => unknown): ReadableStream<Uint8Array> {
    const { bytes } = this
    return bytes === undefined ? this.#original.stream(describe) : new WholeBody(bytes).stream()
  }

  retryAfterMs(): number | undefined {
    return this.#original.retryAfterMs?.()
  }

  discard(): void {
    this.#original.discard()
  }

  onEnd(release: () => void): void {
    this.#original.onEnd(release)
  }
}
