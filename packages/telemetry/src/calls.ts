import { context, SpanKind, SpanStatusCode, trace, type Attributes, type Context, type Span } from "@opentelemetry/api"
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
  ERROR_TYPE_VALUE_OTHER,
} from "@opentelemetry/semantic-conventions"
import { redactUrl, type CallRecord, type Clock, type EventMap, type Listeners } from "steadfetch"
import { originalMethod, outcomeAttributes, spanName, type Describer } from "./attributes.ts"
import type { Sinks } from "./sinks.ts"

/** A call under way. */
interface Call {
  readonly span: Span | undefined
  /** What its attempts are children of. */
  readonly context: Context
  readonly attributes: Attributes
  /** The instant of `Clock.now()`. */
  readonly startedAt: number
}

const BREAKER_STATES = ["closed", "open", "half-open"]

const SUMMARY = [ATTR_HTTP_REQUEST_METHOD, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT]

/** The calls under way: a span of its own for each, and what is measured of it. */
export class Calls {
  readonly #sinks: Sinks
  readonly #describer: Describer
  readonly #calls = new WeakMap<CallRecord, Call>()

  constructor(sinks: Sinks, describer: Describer) {
    this.#sinks = sinks
    this.#describer = describer
  }

  /** What an attempt of this call is a child of: the call, or what is active when nobody listened as the call began. */
  contextOf(record: CallRecord): Context {
    return this.#calls.get(record)?.context ?? context.active()
  }

  /** What tells of the calls of one client. */
  listeners(clock: Clock): Listeners {
    return {
      "call-started": ({ call }) => this.#started(call, clock.now()),
      "call-ended": ({ call, outcome }) => this.#ended(call, outcome, clock.now()),
      waiting: ({ call, waitMs, askedMs }) => {
        this.#sinks.instruments?.retries.add(1, this.#summary(call))
        this.#waits(call, waitMs, askedMs > 0 ? "retry-after" : "backoff")
      },
      held: ({ call, waitMs, policy }) => this.#waits(call, waitMs, policy),
      hedged: ({ call }) => {
        this.#sinks.instruments?.hedges.add(1, this.#summary(call))
        this.#note(call, "steadfetch.hedged", {})
      },
      rejected: ({ call, policy }) => {
        const by = { "steadfetch.policy": policy }
        this.#sinks.instruments?.rejections.add(1, { ...this.#summary(call), ...by })
        this.#note(call, "steadfetch.rejected", by)
      },
      budget: ({ policy, key, tokens }) =>
        this.#sinks.instruments?.budget.record(tokens, { "steadfetch.policy": policy, "steadfetch.key": key }),
      changed: (event) => this.#changed(event),
    }
  }

  #started(call: CallRecord, startedAt: number): void {
    const url = call.redact(call.url)
    const attributes = this.#describer.request(call.method, url, call.template)
    const parent = context.active()
    const span = this.#sinks.tracer?.startSpan(
      `steadfetch ${spanName(attributes)}`,
      {
        kind: SpanKind.INTERNAL,
        attributes: { ...attributes, ...originalMethod(attributes, call.method), [ATTR_URL_FULL]: url },
      },
      parent,
    )
    const own = span === undefined ? parent : trace.setSpan(parent, span)
    this.#calls.set(call, { span, context: own, attributes, startedAt })
  }

  #ended(record: CallRecord, outcome: EventMap["call-ended"]["outcome"], endedAt: number): void {
    const call = this.#calls.get(record)
    if (call === undefined) return
    const { span, attributes, startedAt } = call
    const ended: Attributes =
      outcome === undefined ? { [ATTR_ERROR_TYPE]: ERROR_TYPE_VALUE_OTHER } : outcomeAttributes(outcome)
    if (record.verdict !== undefined) ended["steadfetch.verdict"] = record.verdict
    if (record.ending !== undefined) ended["steadfetch.ending"] = record.ending
    if (record.servedBy !== undefined) ended["steadfetch.served_by"] = record.servedBy
    // A 404 that the contract accepts is no error of the call, though it is one of the attempt.
    if (outcome?.kind === "reply" && record.verdict === "accept") delete ended[ATTR_ERROR_TYPE]
    const seconds = (endedAt - startedAt) / 1000
    this.#sinks.instruments?.callDuration.record(seconds, { ...attributes, ...ended }, call.context)
    if (span === undefined) return
    span.setAttributes({ ...ended, "steadfetch.attempts": record.attempts.length })
    if (ended[ATTR_ERROR_TYPE] !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
  }

  #waits(call: CallRecord, waitMs: number, reason: string): void {
    // A breaker that is half-open may let it go any moment.
    const seconds = Math.max(0, waitMs) / 1000
    const why = { "steadfetch.wait.reason": reason }
    this.#sinks.instruments?.waitDuration.record(seconds, { ...this.#summary(call), ...why })
    this.#note(call, "steadfetch.wait", { ...why, "steadfetch.wait.duration": seconds })
  }

  #changed({ policy, key, state }: EventMap["changed"]): void {
    const { instruments } = this.#sinks
    if (policy !== "breaker" || instruments === undefined) return
    for (const each of BREAKER_STATES) {
      const attributes = { "steadfetch.key": redactUrl(key), "steadfetch.breaker.state": each }
      instruments.breakerState.record(each === state ? 1 : 0, attributes)
    }
  }

  #note(record: CallRecord, name: string, attributes: Attributes): void {
    this.#calls.get(record)?.span?.addEvent(name, attributes)
  }

  /** Method and server: enough to tell whose waits and retries they are. */
  #summary(record: CallRecord): Attributes {
    const { attributes = {} } = this.#calls.get(record) ?? {}
    return Object.fromEntries(SUMMARY.flatMap((name) => (name in attributes ? [[name, attributes[name]]] : [])))
  }
}
