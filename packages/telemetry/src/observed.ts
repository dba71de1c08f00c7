import { context, propagation, SpanStatusCode, type Attributes } from "@opentelemetry/api"
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks"
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core"
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type DataPoint,
  type MetricData,
} from "@opentelemetry/sdk-metrics"
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
  type TracerProviderOptions,
} from "@opentelemetry/sdk-trace"

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
propagation.setGlobalPropagator(
  new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
)

/** An SDK whose exports stay in memory, for tests. */
export function observed(options: Pick<TracerProviderOptions, "sampler"> = {}) {
  const spanExporter = new InMemorySpanExporter()
  const tracerProvider = new TracerProvider({
    ...options,
    spanProcessors: [new SimpleSpanProcessor({ exporter: spanExporter })],
  })
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 2 ** 31 - 1 })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const metrics = async (): Promise<MetricData[]> => {
    metricExporter.reset()
    await reader.forceFlush()
    const [exported] = metricExporter.getMetrics()
    return (exported?.scopeMetrics ?? []).flatMap((scope) => scope.metrics)
  }
  return {
    providers: { tracerProvider, meterProvider },
    tracer: tracerProvider.getTracer("test"),
    /** In the order in which they ended. */
    spans: (): ReadableSpan[] => spanExporter.getFinishedSpans(),
    metrics,
    /** The points of one metric: attributes, and a number or a histogram. */
    points: async (name: string): Promise<readonly DataPoint<unknown>[]> =>
      (await metrics()).find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [],
  }
}

export const isError = ({ status }: ReadableSpan): boolean => status.code === SpanStatusCode.ERROR

/** The attributes of spans, without those that say the same of all. */
export function told(span: ReadableSpan, ...names: readonly string[]): Attributes {
  return Object.fromEntries(names.map((name) => [name, span.attributes[name]]))
}

export const isChildOf = (child: ReadableSpan | undefined, parent: ReadableSpan | undefined): boolean =>
  parent !== undefined &&
  child?.parentSpanContext?.spanId === parent.spanContext().spanId &&
  child.spanContext().traceId === parent.spanContext().traceId
