import { context, createContextKey, type MeterProvider, type TracerProvider } from "@opentelemetry/api"
import {
  knownOptions,
  refuse,
  shown,
  type Events,
  type Exchange,
  type Handler,
  type Outcome,
  type Policy,
  type Runtime,
} from "steadfetch"
import { Describer, KNOWN_METHODS } from "./attributes.ts"
import { Calls } from "./calls.ts"
import { carrying, mayCarry } from "./propagation.ts"
import { RequestTrace } from "./request-trace.ts"
import { Sinks } from "./sinks.ts"

/** Options of {@link telemetry}. */
export interface TelemetryOptions {
  /** Where spans go. Default: the global provider, once one is registered. */
  readonly tracerProvider?: TracerProvider | undefined
  /** Where measurements go. Default: the global provider, once one is registered. */
  readonly meterProvider?: MeterProvider | undefined
  /**
   * The origins that trace context and baggage are sent to: `["https://api.example.com"]`, or `[]` for none. Default: those
   * that calls go to, but no other one that a reply leads to; in web pages the page's own.
   */
  readonly propagateTo?: readonly string[] | undefined
  /** The methods whose names appear in `http.request.method`; others are `_OTHER`. Default: those of RFC 9110, PATCH and QUERY. */
  readonly knownMethods?: readonly string[] | undefined
}

const NAMES: readonly (keyof TelemetryOptions)[] = ["tracerProvider", "meterProvider", "propagateTo", "knownMethods"]

/** By this the SDK, its propagators and other instrumentations know that a request is traced already. */
const SUPPRESSED = createContextKey("OpenTelemetry SDK Context Key SUPPRESS_TRACING")

/**
 * OpenTelemetry for a client or a drop-in fetch: a span per call and, within it, a CLIENT span per request by the stable
 * semantic conventions for HTTP, `http.client.request.duration` and metrics of what the client does besides, and trace
 * context on each request. Without a registered SDK it costs next to nothing. No bodies, header fields or messages are
 * exported, and URLs without credentials.
 * @throws ConfigurationError for options that are unknown or of the wrong kind.
 */
export function telemetry(options: TelemetryOptions = {}): Policy {
  knownOptions("telemetry", options, NAMES)
  const { tracerProvider, meterProvider, knownMethods = KNOWN_METHODS } = options
  if (tracerProvider !== undefined && typeof tracerProvider?.getTracer !== "function")
    refuse("telemetry.tracerProvider", shown(tracerProvider), "an SDK's tracer provider")
  if (meterProvider !== undefined && typeof meterProvider?.getMeter !== "function")
    refuse("telemetry.meterProvider", shown(meterProvider), "an SDK's meter provider")
  if (!Array.isArray(knownMethods)) refuse("telemetry.knownMethods", shown(knownMethods), 'a list: ["GET", "PURGE"]')
  const mayGo = mayCarry(options.propagateTo)
  const sinks = new Sinks(tracerProvider, meterProvider)
  const describer = new Describer(knownMethods)
  const calls = new Calls(sinks, describer)
  // Clients may share their events; each is to be counted once.
  const attended = new WeakSet<Events>()

  const attend = ({ events, clock }: Runtime): void => {
    if (attended.has(events)) return
    attended.add(events)
    events.onAll(calls.listeners(clock))
  }

  const send = (exchange: Exchange, next: Handler, runtime: Runtime): Promise<Outcome> => {
    const request = new RequestTrace(exchange, calls.contextOf(exchange.record), sinks, describer, runtime.clock)
    if (!request.isTraced) return request.around(() => next(exchange))
    const sent = mayGo(exchange, runtime.pageOrigin) ? carrying(exchange, request.context) : exchange
    return request.around(() => context.with(request.context.setValue(SUPPRESSED, true), next, undefined, sent))
  }

  return {
    name: "telemetry",
    scope: "wire",
    wrap: (next, runtime) => {
      if (sinks.isHeard) attend(runtime)
      return (exchange) => {
        // What was aborted before does not go out.
        if (!sinks.isHeard || exchange.signal?.aborted === true) return next(exchange)
        // An SDK that was registered after the client was made.
        attend(runtime)
        return send(exchange, next, runtime)
      }
    },
  }
}
