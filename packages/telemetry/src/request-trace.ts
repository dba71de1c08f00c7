import { SpanKind, SpanStatusCode, trace, type Attributes, type Context, type Span } from "@opentelemetry/api"
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_URL_FULL,
  ERROR_TYPE_VALUE_OTHER,
} from "@opentelemetry/semantic-conventions"
import { redactUrl, type Clock, type Exchange, type Outcome } from "steadfetch"
import { originalMethod, outcomeAttributes, spanName, type Describer } from "./attributes.ts"
import type { Sinks } from "./sinks.ts"

/** One request on the wire: its span and its duration. */
export class RequestTrace {
  /** With its span, which is the parent of what the server does. */
  readonly context: Context
  readonly #exchange: Exchange
  readonly #sinks: Sinks
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #attributes: Attributes
  readonly #span: Span | undefined

  constructor(exchange: Exchange, parent: Context, sinks: Sinks, describer: Describer, clock: Clock) {
    const { request, record, redirectedFrom } = exchange
    const url = record.redact(redactUrl(request.url))
    // Where a redirect leads has no template.
    const template = redirectedFrom === undefined ? record.template : undefined
    const attributes = describer.request(request.method, url, template)
    const resends = record.attempts.length
    this.#exchange = exchange
    this.#sinks = sinks
    this.#clock = clock
    this.#attributes = attributes
    this.#span = sinks.tracer?.startSpan(
      spanName(attributes),
      {
        kind: SpanKind.CLIENT,
        attributes: {
          ...attributes,
          ...originalMethod(attributes, request.method),
          [ATTR_URL_FULL]: url,
          ...(resends === 0 ? {} : { [ATTR_HTTP_REQUEST_RESEND_COUNT]: resends }),
        },
      },
      parent,
    )
    this.context = this.#span === undefined ? parent : trace.setSpan(parent, this.#span)
    this.#startedAt = clock.now()
  }

  /** Whether it has an identity that can be propagated, sampled or not: false where tracing is suppressed. */
  get isTraced(): boolean {
    return this.#span !== undefined && trace.isSpanContextValid(this.#span.spanContext())
  }

  /** Sends the request, and ends with it: at the headers, or at the end of a body that is buffered. */
  async around(send: () => Promise<Outcome>): Promise<Outcome> {
    try {
      const outcome = await send()
      this.#over(this.#isGivenUp(outcome) ? { "steadfetch.given_up": true } : outcomeAttributes(outcome))
      return outcome
    } catch (defect) {
      this.#over({ [ATTR_ERROR_TYPE]: defect instanceof Error ? defect.name : ERROR_TYPE_VALUE_OTHER })
      throw defect
    }
  }

  /** A hedge, or what was hedged, when the other one was answered first: that is no error. */
  #isGivenUp(outcome: Outcome): boolean {
    return outcome.kind === "failure" && outcome.code === "aborted" && outcome === this.#exchange.signal?.reason
  }

  #over(ended: Attributes): void {
    const seconds = (this.#clock.now() - this.#startedAt) / 1000
    this.#sinks.instruments?.requestDuration.record(seconds, { ...this.#attributes, ...ended }, this.context)
    if (this.#span === undefined) return
    this.#span.setAttributes(ended)
    if (ended[ATTR_ERROR_TYPE] !== undefined) this.#span.setStatus({ code: SpanStatusCode.ERROR })
    this.#span.end()
  }
}
