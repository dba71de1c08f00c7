import type { Replied } from "../call-outcome.ts"
import { ABORTED, Cancellation, untilAborted } from "../cancellation.ts"
import { CallError } from "../errors.ts"
import type { Exchange, Outgoing } from "../exchange.ts"
import { nativeSignal } from "../fetch-transport.ts"
import { discard, failure, releaseAfter, signalFailure, type Outcome, type Reply } from "../outcome.ts"
import type { Handler, Policy } from "../pipeline.ts"
import { WholeBody } from "../reply-body.ts"
import type { Runtime } from "../runtime.ts"
import { checked, checkFunction, kindOf, knownOptions, refuse } from "../validation.ts"
import { madeUpReply, type FallbackReply } from "./parts/made-up-reply.ts"

/** What answers instead: a reply made up, the reply to another call, or undefined to leave the outcome as it is. */
export type Substitute = FallbackReply | Replied | undefined

/** Options of {@link fallback}. */
export interface FallbackOptions {
  /** Which outcomes are answered for. Default: status 500 and above, and no reply for a reason that may pass. */
  readonly when?: ((outcome: Outcome) => boolean) | undefined
  /**
   * Makes the answer: `() => ({ json: [] })`, or another call: `(_, __, signal) => mirror.get("/rates", { signal })`. The
   * signal fires with the caller's abort and at the deadline, and has fired when the deadline came before.
   */
  readonly with: (outcome: Outcome, request: Outgoing, signal: AbortSignal) => Substitute | PromiseLike<Substitute>
  /**
   * Milliseconds before the deadline at which the call gives up, so that `with` has time to wait for something; never
   * more than half of the call's time. Default 0: once the deadline has come, only an answer that is there at once counts.
   */
  readonly reserveMs?: number | undefined
}

/**
 * Answers a call that failed, after all its attempts, with something else: a default, an older copy, another service.
 * Use it where a worse answer beats none, for reads above all; not where the caller must know that nothing was done.
 * A call that its caller aborts is never answered. Where the other call of `with` fails too, or its body breaks off, the
 * outcome stays as it was; anything else that `with` throws is a defect, and the call rejects with it.
 * @throws ConfigurationError for options that cannot work; per call, for an answer that is none.
 */
export function fallback(options: FallbackOptions): Policy {
  knownOptions("fallback", options, ["when", "with", "reserveMs"])
  const { when = isOutage, with: substitute, reserveMs = 0 } = options
  checkFunction("fallback.when", when)
  if (typeof substitute !== "function") refuse("fallback.with", kindOf(substitute), "a function: () => ({ json: [] })")
  checked("fallback.reserveMs", reserveMs, 0)
  return {
    name: "fallback",
    scope: "call",
    wrap: (next, runtime) => async (exchange) => {
      const outcome = await (reserveMs > 0 ? sendEarly(exchange, next, runtime, reserveMs) : next(exchange))
      const aborted = outcome.kind === "failure" && outcome.code === "aborted"
      if (aborted || !when(outcome)) return outcome
      return answer(exchange, outcome, substitute, runtime)
    },
  }
}

function isOutage(outcome: Outcome): boolean {
  return outcome.kind === "failure" ? outcome.temporary : outcome.status >= 500
}

/** Sends the call under a deadline that comes earlier than its own. */
async function sendEarly(exchange: Exchange, next: Handler, { clock }: Runtime, reserveMs: number): Promise<Outcome> {
  if (exchange.deadlineAt === Number.POSITIVE_INFINITY) return next(exchange)
  const leftMs = exchange.deadlineAt - clock.now()
  const ownMs = leftMs - Math.min(reserveMs, leftMs / 2)
  const deadlineAt = clock.now() + ownMs
  const cancellation = new Cancellation(exchange.signal)
  const disarm = clock.after(ownMs, () => {
    const message = `nothing came within ${ownMs} ms, and the ${leftMs - ownMs} ms that are left belong to fallback()`
    cancellation.cancel(failure("timeout", message, undefined, { limit: "deadline" }))
  })
  const release = (): void => cancellation.release()
  try {
    return releaseAfter(await next({ ...exchange, signal: cancellation, deadlineAt }), release)
  } catch (defect) {
    release()
    throw defect
  } finally {
    disarm()
  }
}

async function answer(
  exchange: Exchange,
  outcome: Outcome,
  substitute: FallbackOptions["with"],
  { events }: Runtime,
): Promise<Outcome> {
  const { record, request, signal } = exchange
  const end = new Cancellation(signal)
  const { native } = nativeSignal(end)
  let reply: Reply | undefined
  try {
    const made = substitute(outcome, request, native)
    const given = isPromise(made) ? await inTime(Promise.resolve(made), exchange) : made
    reply = given === ABORTED || given === undefined ? undefined : await replyOf(given, exchange)
  } catch (error) {
    // An end that the signal asked for, or a call that has found no answer either, is no defect.
    const isExpected = CallError.is(error) || (native.aborted && error === native.reason)
    if (!isExpected) {
      discard(outcome)
      throw error
    }
  } finally {
    end.release()
  }
  const cut = signal?.aborted === true ? signalFailure(signal.reason) : undefined
  if (cut?.code === "aborted") {
    discard(outcome)
    return cut
  }
  if (reply === undefined) return outcome
  discard(outcome)
  record.servedBy = "fallback"
  if (events.heard("served")) events.emit("served", { call: record, policy: "fallback", why: reasonFor(outcome) })
  return reply
}

/** Waits until the signal fires; once it has, only what is there already counts. */
function inTime<T>(made: Promise<T>, { signal }: Exchange): Promise<T | typeof ABORTED> {
  if (signal?.aborted !== true) return untilAborted(made, signal)
  return Promise.race([made, Promise.resolve<typeof ABORTED>(ABORTED)])
}

function isPromise(made: Substitute | PromiseLike<Substitute>): made is PromiseLike<Substitute> {
  return typeof made === "object" && made !== null && "then" in made && typeof made.then === "function"
}

function isReplied(given: FallbackReply | Replied): given is Replied {
  return typeof given === "object" && given !== null && "attempts" in given
}

/** The reply that was given; undefined when its body does not arrive in time. */
async function replyOf(given: FallbackReply | Replied, exchange: Exchange): Promise<Reply | undefined> {
  if (!isReplied(given)) return madeUp(given)
  const { status, url, headers } = given
  const bytes = await inTime(given.bytes(), exchange)
  // Copied: the reply may be one that is held, to answer again.
  return bytes === ABORTED ? undefined : { kind: "reply", status, url, headers, body: new WholeBody(bytes.slice()) }
}

function madeUp(given: FallbackReply): Reply {
  // A Response or a list has no options that could be unknown, and would pass for an empty answer.
  if (typeof given !== "object" || given === null || Object.getPrototypeOf(Object.getPrototypeOf(given)) !== null)
    refuse("the answer of fallback.with", kindOf(given), "{ json: value }, { text } or { bytes }")
  knownOptions("the answer of fallback.with", given, ["status", "json", "text", "bytes", "headers"])
  return madeUpReply("the answer of fallback.with", given)
}

function reasonFor(outcome: Outcome): string {
  return outcome.kind === "reply" ? `the server answered ${outcome.status}` : `no reply: ${outcome.code}`
}
