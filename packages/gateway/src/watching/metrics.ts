import { Counter, Gauge, Histogram, Registry } from "prom-client"
import type { Clock } from "steadfetch"
import { outboxMetrics, type OutboxMetrics } from "../outbox/outbox-metrics.ts"
import type { Visit } from "./visit.ts"

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** The numbers of a gateway, for Prometheus. */
export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  began(): void
  /** @param status Undefined when the caller left before it had a reply. */
  ended(visit: Visit, status: number | undefined): void
  /** A reply to what could not be read. */
  unreadable(code: string): void
  reloaded(succeeded: boolean): void
  readonly outbox: OutboxMetrics
}

export function metrics(clock: Clock): Metrics {
  const registry = new Registry()
  const { requests, seconds, attempts, endings, problems, underWay, reloads } = instruments(registry)
  const outbox = outboxMetrics(registry)
  return {
    contentType: registry.contentType,
    outbox,
    async text() {
      await outbox.refresh()
      return registry.metrics()
    },
    began: () => underWay.inc(),
    unreadable: (code) => problems.inc({ code }),
    reloaded: (succeeded) => reloads.inc({ taken: String(succeeded) }),
    ended({ upstream = "", method, record, problem, startedAt }, status) {
      underWay.dec()
      requests.inc({ upstream, method, status: status ?? 0 })
      seconds.observe({ upstream }, (clock.now() - startedAt) / 1000)
      for (const { status, failure } of record?.attempts ?? []) {
        attempts.inc({ upstream, result: status ?? failure ?? "unfinished" })
      }
      const ending = record?.ending
      if (ending !== undefined && ending !== "answered") endings.inc({ upstream, ending })
      if (problem !== undefined) problems.inc({ code: problem })
    },
  }
}

function instruments(registry: Registry) {
  const registers = [registry]
  const requests = new Counter({
    name: "steadfetch_gateway_requests_total",
    help: "Requests that are over, by what was answered; status 0 is a caller that left.",
    labelNames: ["upstream", "method", "status"],
    registers,
  })
  const seconds = new Histogram({
    name: "steadfetch_gateway_request_seconds",
    help: "Time from a request's head to the end of its reply, attempts and waits included.",
    labelNames: ["upstream"],
    buckets: SECONDS,
    registers,
  })
  const attempts = new Counter({
    name: "steadfetch_gateway_attempts_total",
    help: "Requests to upstreams, by status or, without a reply, by failure.",
    labelNames: ["upstream", "result"],
    registers,
  })
  const endings = new Counter({
    name: "steadfetch_gateway_given_up_total",
    help: "Calls that were not tried again, by reason.",
    labelNames: ["upstream", "ending"],
    registers,
  })
  const problems = new Counter({
    name: "steadfetch_gateway_problems_total",
    help: "Replies of the gateway's own, by code.",
    labelNames: ["code"],
    registers,
  })
  const underWay = new Gauge({
    name: "steadfetch_gateway_requests_under_way",
    help: "Requests that are not over.",
    registers,
  })
  const reloads = new Counter({
    name: "steadfetch_gateway_reloads_total",
    help: "Configurations read anew, by whether they were taken.",
    labelNames: ["taken"],
    registers,
  })
  return { requests, seconds, attempts, endings, problems, underWay, reloads }
}
