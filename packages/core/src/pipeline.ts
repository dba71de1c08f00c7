import { attemptRecord } from "./call-record.ts"
import { ABORTED, untilAborted } from "./cancellation.ts"
import type { Exchange } from "./exchange.ts"
import { discard, signalFailure, type Outcome } from "./outcome.ts"
import type { Runtime } from "./runtime.ts"
import { ConfigurationError } from "./steadfetch-error.ts"
import { kindOf, refuse, shown } from "./validation.ts"

/** Carries out an exchange. Resolves with how it ended, a failure included; rejects for defects only. */
export type Handler = (exchange: Exchange) => Promise<Outcome>

/** Sends one attempt. */
export interface Transport {
  readonly send: Handler
  /** Whether `send` itself settles the moment that the signal fires, whatever it waits for; else the pipeline sees to it. */
  readonly isPrompt?: boolean | undefined
  /** Frees what it holds open. */
  close(): Promise<void>
}

/**
 * Where a policy belongs, from the outside in. "call": once around all attempts. "repeater": makes the attempts.
 * "endpoint": chooses where an attempt goes. "gate": decides whether and when it goes out. "attempt": around the attempt
 * that does. "wire": around each of its requests, after redirects and authentication, as it goes out.
 */
export type Scope = "call" | "repeater" | "endpoint" | "gate" | "attempt" | "wire"

/** Wraps what comes next in the pipeline. */
export interface Policy {
  readonly name: string
  readonly scope: Scope
  /** The longest that an attempt, or the whole call, may take under this policy; the pipeline checks that they agree. */
  readonly bounds?: { readonly attemptMs?: number | undefined; readonly callMs?: number | undefined } | undefined
  /** Refuses a client's base URL where it could do nothing for it. @throws ConfigurationError when it does. */
  checkBase?(base: string): void
  wrap(next: Handler, runtime: Runtime): Handler
}

const ORDER: readonly Scope[] = ["call", "repeater", "endpoint", "gate", "attempt", "wire"]

/**
 * Adds policies to a list, each at the end of those of its scope.
 * @throws ConfigurationError for what is no policy.
 */
export function arrange(policies: readonly Policy[], added: readonly Policy[]): Policy[] {
  const list = [...policies]
  if (!Array.isArray(added)) refuse("add", kindOf(added), "a list of policies: [breaker()]")
  for (const policy of added) {
    if (typeof policy?.wrap !== "function") refuse("add", shown(policy), "a list of policies: [breaker()]")
    const place = ORDER.indexOf(policy.scope)
    const end = list.findLastIndex(({ scope }) => ORDER.indexOf(scope) <= place)
    list.splice(end + 1, 0, policy)
  }
  return list
}

const LIST = "a list of policies: [...standard(), mine]"

/**
 * Folds policies, outermost first, around a transport.
 * @throws ConfigurationError for what is no policy or transport, an order that cannot work, a policy listed twice, or
 * bounds that contradict each other.
 */
export function pipeline(policies: readonly Policy[], transport: Transport, runtime: Runtime): Handler {
  checkList(policies)
  if (typeof transport?.send !== "function")
    refuse("transport", kindOf(transport), "fetchTransport({ fetch }), or another { send, close }")
  const handler = policies.reduceRight<Handler>(
    (next, policy) => policy.wrap(next, runtime),
    onTheWire(transport, runtime),
  )
  return wholeCall(handler, runtime)
}

function checkList(policies: readonly Policy[]): void {
  if (!Array.isArray(policies)) refuse("policies", kindOf(policies), LIST)
  policies.forEach((policy, index) => {
    if (typeof policy?.wrap !== "function") refuse("policies", shown(policy), LIST)
    const { name, scope, bounds } = policy
    if (!ORDER.includes(scope)) refuse(`the scope of ${name}()`, shown(scope), ORDER.join(", "))
    for (const outer of policies.slice(0, index)) {
      if (outer.name === name || ORDER.indexOf(outer.scope) > ORDER.indexOf(scope)) {
        throw new ConfigurationError(
          `policies: ${name}() (${scope}) after ${outer.name}() (${outer.scope}); list each once, in the order ${ORDER.join(", ")}`,
        )
      }
      const attemptMs = bounds?.attemptMs ?? 0
      const callMs = outer.bounds?.callMs ?? attemptMs
      if (attemptMs > callMs)
        throw new ConfigurationError(`timeout.attemptMs (${attemptMs}) is above the deadline (${callMs} ms)`)
    }
  })
}

/** The outermost handler: tells of the call, and lets go of a body that was never sent. */
function wholeCall(next: Handler, { events }: Runtime): Handler {
  const told = async (exchange: Exchange): Promise<Outcome> => {
    const { record, request } = exchange
    if (events.heard("call-started")) events.emit("call-started", { call: record })
    let outcome: Outcome | undefined
    try {
      outcome = await next(exchange)
      return outcome
    } finally {
      request.body?.discard?.()
      if (events.heard("call-ended")) events.emit("call-ended", { call: record, outcome })
    }
  }
  return (exchange) => {
    const isHeard = events.heard("call-started") || events.heard("call-ended")
    return isHeard || exchange.request.body !== null ? told(exchange) : next(exchange)
  }
}

/** The innermost handler: records the attempt, tells of it, and ends it at once when its signal fires. */
export function onTheWire(transport: Pick<Transport, "send" | "isPrompt">, runtime: Runtime): Handler {
  const { clock, events } = runtime
  return async (exchange) => {
    const { record, request, signal } = exchange
    if (signal?.aborted === true) return signalFailure(signal.reason)
    const startedAt = clock.now()
    const isPlain = exchange.secrets?.length === 0
    const attempt = attemptRecord(record, request.method, request.url, clock.date(), isPlain)
    record.attempts.push(attempt)
    if (events.heard("attempt-started")) events.emit("attempt-started", { call: record, attempt })
    exchange.watch?.sending()
    const settled = await untilAborted(
      transport.send(exchange),
      transport.isPrompt === true ? undefined : signal,
      discard,
    )
    const outcome = settled === ABORTED ? signalFailure(signal?.reason) : settled
    attempt.durationMs = clock.now() - startedAt
    if (outcome.kind === "reply") attempt.status = outcome.status
    else {
      attempt.failure = outcome.code
      attempt.message = record.redact(outcome.message)
    }
    if (events.heard("attempt-ended")) events.emit("attempt-ended", { call: record, attempt, outcome })
    return outcome
  }
}
