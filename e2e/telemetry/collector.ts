import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"

type Value = { readonly stringValue?: string; readonly intValue?: number | string; readonly doubleValue?: number }
type KeyValues = readonly { readonly key: string; readonly value: Value }[]

interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly attributes: KeyValues
  readonly status: { readonly code: number; readonly message?: string }
}

interface OtlpPoint {
  readonly attributes: KeyValues
  readonly count?: number | string
  readonly asInt?: number | string
  readonly asDouble?: number
}

interface OtlpMetric {
  readonly name: string
  readonly unit: string
  readonly histogram?: { readonly dataPoints: readonly OtlpPoint[] }
  readonly sum?: { readonly dataPoints: readonly OtlpPoint[] }
  readonly gauge?: { readonly dataPoints: readonly OtlpPoint[] }
}

interface Scoped<What> {
  readonly scope: { readonly name: string }
  readonly spans?: readonly What[]
  readonly metrics?: readonly What[]
}

/** A span as it arrived, with the name of who made it. */
export interface Span extends Omit<OtlpSpan, "attributes"> {
  readonly scope: string
  readonly attributes: Readonly<Record<string, string | number | undefined>>
}

/** A point of a metric as it arrived: how often something happened, or a number. */
export interface Point {
  readonly scope: string
  readonly name: string
  readonly attributes: Readonly<Record<string, string | number | undefined>>
  readonly value: number
}

/** An OTLP/HTTP receiver on loopback that keeps what it is sent as JSON. */
export class Collector implements AsyncDisposable {
  readonly #server = createServer((request, response) => {
    void this.#receive(request).then(() => response.setHeader("content-type", "application/json").end("{}"))
  })
  readonly #spans: Span[] = []
  #points: Point[] = []
  /** All that arrived, as it was sent. */
  received = ""

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Those of one trace; all without. */
  spans(traceId?: string): readonly Span[] {
    return this.#spans.filter((span) => traceId === undefined || span.traceId === traceId)
  }

  /** The latest points of a metric. */
  points(name: string): readonly Point[] {
    return this.#points.filter((point) => point.name === name)
  }

  async #receive(request: IncomingMessage): Promise<void> {
    const body = await text(request)
    this.received += body
    const message = JSON.parse(body) as Record<string, readonly Record<string, readonly Scoped<never>[]>[]>
    if (request.url === "/v1/traces") {
      for (const { scope, spans = [] } of scoped<OtlpSpan>(message, "resourceSpans", "scopeSpans"))
        for (const span of spans) this.#spans.push({ ...span, scope: scope.name, attributes: plain(span.attributes) })
    } else if (request.url === "/v1/metrics") {
      this.#points = scoped<OtlpMetric>(message, "resourceMetrics", "scopeMetrics").flatMap(({ scope, metrics = [] }) =>
        metrics.flatMap(
          ({ name, histogram, sum, gauge }) =>
            (histogram ?? sum ?? gauge)?.dataPoints.map((point) => ({
              scope: scope.name,
              name,
              attributes: plain(point.attributes),
              value: Number(point.count ?? point.asInt ?? point.asDouble),
            })) ?? [],
        ),
      )
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

function scoped<What>(
  message: Record<string, readonly Record<string, readonly Scoped<never>[]>[]>,
  resources: string,
  scopes: string,
): readonly Scoped<What>[] {
  return message[resources]?.flatMap((resource) => resource[scopes] ?? []) ?? []
}

function plain(attributes: KeyValues): Record<string, string | number | undefined> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? (value.intValue === undefined ? value.doubleValue : Number(value.intValue)),
    ]),
  )
}
