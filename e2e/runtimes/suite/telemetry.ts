import { propagation, trace, type Span, type SpanOptions, type TracerProvider } from "@opentelemetry/api"
import { telemetry } from "@steadfetch/telemetry"
import { dropIn } from "steadfetch"
import { busy, json, type Group } from "./case.ts"
import { equal } from "./check.ts"

/** As little of an SDK as the API asks for, which runs everywhere: it notes spans and what is set on them. */
function noting() {
  const spans: string[] = []
  const provider: TracerProvider = {
    getTracer: () => ({
      startSpan: (name: string, { attributes }: SpanOptions = {}) => {
        const all = { ...attributes }
        const spanId = String(spans.length + 1).padStart(16, "0")
        const span = trace.wrapSpanContext({ traceId: "1".repeat(32), spanId, traceFlags: 1 })
        spans.push("")
        const place = spans.length - 1
        return Object.assign(Object.create(span) as Span, {
          setAttributes: (more: object) => Object.assign(all, more),
          end: () => (spans[place] = `${name}: ${String(all["http.response.status_code"])}`),
        })
      },
      startActiveSpan: () => {},
    }),
  }
  return { spans, provider }
}

const writesParent = {
  inject: (context: Parameters<typeof trace.getSpanContext>[0], carrier: unknown, setter: { set(carrier: unknown, name: string, value: string): void }) =>
    setter.set(carrier, "traceparent", `00-${"1".repeat(32)}-${trace.getSpanContext(context)?.spanId}-01`),
  extract: (context: Parameters<typeof trace.getSpanContext>[0]) => context,
  fields: () => ["traceparent"],
} // prettier-ignore

export const traces: Group = {
  name: "telemetry",
  cases: [
    {
      name: "a call and each of its attempts are told, and each attempt is the parent of what the server does",
      script: { "GET /thing": [busy, json("ok")] },
      async run(stage) {
        const { spans, provider } = noting()
        propagation.setGlobalPropagator(writesParent)
        const propagateTo = [new URL(stage.base).origin]
        await stage.api({ add: [telemetry({ tracerProvider: provider, propagateTo })] }).get("/{what}", { path: { what: "thing" } })
        propagation.disable()
        const path = `${new URL(stage.base).pathname}/{what}`
        equal(spans, [`steadfetch GET ${path}: 200`, `GET ${path}: 503`, `GET ${path}: 200`], "spans")
        const parents = (await stage.over(2)).map(({ headers }) => headers["traceparent"]?.split("-")[2])
        equal(parents, ["0000000000000002", "0000000000000003"], "parents")
      },
    },
    {
      name: "so are those of the drop-in fetch",
      script: { "GET /thing": [busy, json("ok")] },
      async run(stage) {
        const { spans, provider } = noting()
        const policies = [...dropIn({ retry: { baseMs: 0, capMs: 0 } }), telemetry({ tracerProvider: provider })]
        await (await stage.fetch({ policies, retry: undefined })(`${stage.base}/thing`)).text()
        equal(spans, ["steadfetch GET: 200", "GET: 503", "GET: 200"], "spans")
      },
    },
  ],
} // prettier-ignore
