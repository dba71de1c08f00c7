import { seededRandom } from "../algorithms/seeded-random.ts"
import type { AttemptRecord } from "../call-record.ts"
import { pause } from "../cancellation.ts"
import type { Exchange, Outgoing, Watch } from "../exchange.ts"
import { failure, isFailure, signalFailure, type Failure, type Outcome, type Reply } from "../outcome.ts"
import { onTheWire, type Handler, type Policy } from "../pipeline.ts"
import { StreamedBody } from "../reply-body.ts"
import type { Clock, Runtime } from "../runtime.ts"
import { checkFunction, knownOptions, refuse, shown } from "../validation.ts"
import { preparedFaults, type Fault } from "./parts/fault.ts"

/** Options of {@link chaos}. */
export interface ChaosOptions {
  /** What may happen to an attempt: one of them at most. What their probabilities leave of 1 passes untouched. */
  readonly faults: readonly Fault[]
  /** An integer: the same seed gives the same faults. Default: the randomness of the runtime. */
  readonly seed?: number | undefined
  /** Which requests may meet a fault. Default: all. */
  readonly when?: ((request: Outgoing) => boolean) | undefined
}

/**
 * Lets attempts meet faults, at random: latency, statuses, connections that are refused or break, bodies that break off.
 * For tests of your own program, on a client made for them; what stands above it sees what a real server would show.
 * Injected replies carry `server: steadfetch-chaos`, and messages of injected failures begin with `chaos():`.
 * @throws ConfigurationError for faults that there are not, and for probabilities that add up to more than 1.
 */
export function chaos(options: ChaosOptions): Policy {
  knownOptions("chaos", options, ["faults", "seed", "when"])
  const { seed, when } = options
  checkFunction("chaos.when", when)
  if (seed !== undefined && !Number.isInteger(seed)) refuse("chaos.seed", shown(seed), "an integer")
  const faults = preparedFaults(options.faults)
  return {
    name: "chaos",
    scope: "attempt",
    wrap(next, runtime) {
      const random = seed === undefined ? runtime.random : seededRandom(seed)
      return (exchange) => {
        if (when?.(exchange.request) === false) return next(exchange)
        // Always two numbers, so that what one attempt meets does not depend on what another one met.
        const [chance, share] = [random(), random()]
        const fault = faults.find(({ upTo }) => chance < upTo)
        if (fault === undefined) return next(exchange)
        const delayMs = fault.leastMs + share * (fault.mostMs - fault.leastMs)
        const { outcome } = fault
        return outcome === undefined
          ? disturbed(exchange, next, runtime, delayMs, fault.kind === "broken-body")
          : inPlace(outcome(), exchange, runtime, delayMs)
      }
    },
  }
}

/** An attempt that the server is not asked for: recorded and told of like one on the wire. */
function inPlace(outcome: Outcome, exchange: Exchange, runtime: Runtime, delayMs: number): Promise<Outcome> {
  const send: Handler = async ({ request, signal, watch }) => {
    if (outcome.kind === "reply" || outcome.processed) takeBody(request)
    if (delayMs > 0) await pause(runtime.clock, delayMs, signal)
    const ended = cutShort(exchange) ?? outcome
    if (ended.kind === "reply") watch?.arrived()
    return ended
  }
  return onTheWire({ send, isPrompt: true }, runtime)(exchange)
}

/** Takes the beginning of the body, as whoever was sent it would: a stream that was read cannot be sent again. */
function takeBody({ body }: Outgoing): void {
  const content = body?.open()
  if (content === undefined || typeof content === "string" || !(Symbol.asyncIterator in content)) return
  const iterator = content[Symbol.asyncIterator]()
  const ignore = (): void => {}
  iterator.next().catch(ignore)
  iterator.return?.().catch(ignore)
}

function cutShort({ signal }: Exchange): Failure | undefined {
  return signal?.aborted === true ? signalFailure(signal.reason) : undefined
}

function note(attempt: AttemptRecord, outcome: Outcome, { record }: Exchange): void {
  const failed = outcome.kind === "failure" ? outcome : undefined
  attempt.status = outcome.kind === "reply" ? outcome.status : undefined
  attempt.failure = failed?.code
  attempt.message = failed === undefined ? undefined : record.redact(failed.message)
}

/** An attempt whose reply is held back, or breaks off. The server has it at once: it may well be processed. */
async function disturbed(
  exchange: Exchange,
  next: Handler,
  { clock }: Runtime,
  delayMs: number,
  breaksOff: boolean,
): Promise<Outcome> {
  const watch = new HeldWatch(exchange, clock, delayMs)
  try {
    const outcome = await next({ ...exchange, watch })
    if (outcome.kind === "failure") return outcome
    const arrivedAt = clock.now()
    const leftMs = watch.leftMs()
    if (leftMs > 0) await pause(clock, leftMs, exchange.signal)
    const ended = cutShort(exchange) ?? (breaksOff ? brokenOff(outcome, exchange) : outcome)
    if (ended.kind === "failure") outcome.body.discard()
    else watch.letGo()
    const { attempt } = watch
    if (attempt?.durationMs !== undefined) {
      attempt.durationMs += clock.now() - arrivedAt
      note(attempt, ended, exchange)
    }
    return ended
  } finally {
    watch.end()
  }
}

const BROKEN = failure("broken-body", "chaos(): the body broke off")

/** The reply, with a body that ends in the middle of its first piece; without it, where it had arrived whole. */
function brokenOff(reply: Reply, exchange: Exchange): Outcome {
  if (reply.body.bytes !== undefined) return BROKEN
  const reader = reply.body.stream((failed: Failure) => failed).getReader()
  const source = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value } = await reader.read()
        reader.cancel().catch(() => {})
        if (value !== undefined) controller.enqueue(value.subarray(0, value.length >> 1))
        controller.error(BROKEN)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  const broken = (error: unknown): Failure => (isFailure(error) ? error : { ...BROKEN, cause: error })
  return { ...reply, body: new StreamedBody(source, exchange.watch, broken) }
}

/** Knows the attempt's record, and tells of its headers only after a delay: the limit on them goes on until then. */
class HeldWatch implements Watch {
  readonly #exchange: Exchange
  readonly #clock: Clock
  readonly #delayMs: number
  /** The instant of `Clock.now()` until which the headers are held; undefined before they have arrived. */
  #heldUntil: number | undefined
  #isLetGo = false
  /** Whether a piece of the body is being waited for, behind the headers that are held. */
  #isWaiting = false
  #disarm: (() => void) | undefined
  attempt: AttemptRecord | undefined

  constructor(exchange: Exchange, clock: Clock, delayMs: number) {
    this.#exchange = exchange
    this.#clock = clock
    this.#delayMs = delayMs
  }

  sending(): void {
    this.#disarm?.()
    this.#heldUntil = undefined
    this.#isLetGo = false
    this.attempt = this.#exchange.record.attempts.at(-1)
    this.#exchange.watch?.sending()
  }

  waiting(): void {
    this.#isWaiting = true
    if (this.#isLetGo) this.#exchange.watch?.waiting()
  }

  arrived(): void {
    this.#isWaiting = false
    if (this.#isLetGo) this.#exchange.watch?.arrived()
    else if (this.#heldUntil === undefined) this.#hold()
  }

  /** Milliseconds for which the reply, which is there, is still held. */
  leftMs(): number {
    const heldUntil = this.#heldUntil ?? this.#hold()
    return heldUntil - this.#clock.now()
  }

  letGo(): void {
    if (this.#isLetGo) return
    this.end()
    this.#exchange.watch?.arrived()
    if (this.#isWaiting) this.#exchange.watch?.waiting()
  }

  /** Holds nothing any more, nor what comes late. */
  end(): void {
    this.#disarm?.()
    this.#isLetGo = true
  }

  #hold(): number {
    const heldUntil = this.#clock.now() + this.#delayMs
    this.#heldUntil = heldUntil
    if (this.#delayMs > 0) this.#disarm = this.#clock.after(this.#delayMs, () => this.letGo())
    else this.letGo()
    return heldUntil
  }
}
