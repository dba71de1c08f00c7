import type { OutboxStatistics } from "@steadfetch/outbox"
import { Counter, Gauge, type Registry } from "prom-client"
import type { DeliveryEnd } from "./gateway-outbox.ts"

/** The numbers of an outbox, for Prometheus. */
export interface OutboxMetrics {
  /** Counts anew; before the numbers are told. */
  refresh(): Promise<void>
  /** From now on there is an outbox. */
  show(statistics: () => Promise<OutboxStatistics | undefined>): void
  readonly ended: (upstream: string, end: DeliveryEnd) => void
}

/** Nothing of an outbox is shown before there is one. */
export function outboxMetrics(registry: Registry): OutboxMetrics {
  const registers = [registry]
  let ends: Counter<"upstream" | "end"> | undefined
  let refresh = async (): Promise<void> => {}
  return {
    refresh: () => refresh(),
    ended: (upstream, end) => ends?.inc({ upstream, end }),
    show(statistics) {
      ends = new Counter({
        name: "steadfetch_gateway_outbox_deliveries_total",
        help: "Deliveries from the outbox that are over, by what became of their entries.",
        labelNames: ["upstream", "end"],
        registers,
      })
      const up = new Gauge({
        name: "steadfetch_gateway_outbox_up",
        help: "Whether the outbox can be read.",
        registers,
      })
      const bytes = new Gauge({
        name: "steadfetch_gateway_outbox_body_bytes",
        help: "Bytes of the bodies of entries that wait or are being sent.",
        registers,
      })
      const entries = new Gauge({
        name: "steadfetch_gateway_outbox_entries",
        help: "Entries of the outbox, by state.",
        labelNames: ["state"],
        registers,
      })
      refresh = async () => {
        const counted = await statistics()
        up.set(counted === undefined ? 0 : 1)
        if (counted === undefined) return
        bytes.set(counted.bodyBytes)
        for (const [state, count] of Object.entries(counted.states)) entries.set({ state }, count)
      }
    },
  }
}
