import {
  createNoopMeter,
  metrics,
  ProxyTracerProvider,
  trace,
  type MeterProvider,
  type Tracer,
  type TracerProvider,
} from "@opentelemetry/api"
import { makeInstruments, type Instruments } from "./instruments.ts"

const SCOPE = "@steadfetch/telemetry"

/** Where spans and measurements go: to the providers given, else to the global ones, whenever they are registered. */
export class Sinks {
  readonly #tracerProvider: TracerProvider | undefined
  readonly #meterProvider: MeterProvider | undefined
  #tracerFrom: TracerProvider | undefined
  #tracer: Tracer | undefined
  #instrumentsFrom: MeterProvider | undefined
  #instruments: Instruments | undefined

  constructor(tracerProvider: TracerProvider | undefined, meterProvider: MeterProvider | undefined) {
    this.#tracerProvider = tracerProvider
    this.#meterProvider = meterProvider
  }

  /** Whether there is anyone to tell. */
  get isHeard(): boolean {
    return this.tracer !== undefined || this.instruments !== undefined
  }

  /** Undefined while no SDK is registered. */
  get tracer(): Tracer | undefined {
    const provider = this.#tracerProvider ?? trace.getTracerProvider()
    if (this.#tracer === undefined || provider !== this.#tracerFrom) {
      this.#tracerFrom = provider
      const isGlobal = provider instanceof ProxyTracerProvider
      this.#tracer = isGlobal ? provider.getDelegateTracer(SCOPE) : provider.getTracer(SCOPE)
    }
    return this.#tracer
  }

  /** Undefined while no SDK is registered. */
  get instruments(): Instruments | undefined {
    const provider = this.#meterProvider ?? metrics.getMeterProvider()
    if (provider !== this.#instrumentsFrom) {
      this.#instrumentsFrom = provider
      const meter = provider.getMeter(SCOPE)
      this.#instruments = meter === createNoopMeter() ? undefined : makeInstruments(meter)
    }
    return this.#instruments
  }
}
