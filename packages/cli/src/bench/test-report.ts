import type { Report } from "./report.ts"

const latency = { mean: 2, p50: 1.234, p90: 2.345, p99: 45.67, p999: 512.3, max: 1234 }

/** A thousand calls that all went well, but for what is given. */
export function reportOf(given: Partial<Report> = {}): Report {
  return {
    method: "GET",
    url: "http://localhost:3000/orders",
    load: {
      model: "closed",
      concurrency: 10,
      perSecond: null,
      durationMs: 10_000,
      requests: null,
      warmUpMs: 1000,
      retries: true,
    },
    end: "complete",
    elapsedMs: 10_004,
    calls: { count: 1000, perSecond: 99.96, cut: 0 },
    attempts: { count: 1000, perCall: 1 },
    bytes: { count: 1_500_000, perSecond: 150_000 },
    latencyMs: { calls: latency, attempts: latency },
    accepted: { atOnce: 1000, afterRetry: 0, statuses: { 200: 1000 } },
    correct: [],
    exhausted: [],
    noReply: [],
    endings: {},
    waits: { count: 0, totalMs: 0, askedByServer: 0 },
    pausedMs: 0,
    schedule: null,
    generator: { busyShare: 0.2, delayP99Ms: 1, wasTheLimit: false },
    ...given,
  }
}

/** The same with some of all kinds of ends. */
export const mixed: Report = reportOf({
  calls: { count: 1000, perSecond: 99.96, cut: 3 },
  attempts: { count: 1060, perCall: 1.06 },
  accepted: { atOnce: 960, afterRetry: 21, statuses: { 200: 981 } },
  correct: [{ status: 404, count: 12, messages: ["no such order", "no such\u001b[2J item"] }],
  exhausted: [{ status: 503, count: 5, messages: ["Down for maintenance."] }],
  noReply: [{ reason: "reset", count: 2, messages: ["read ECONNRESET"] }],
  endings: { budget: 4, attempts: 3 },
  waits: { count: 60, totalMs: 31_000, askedByServer: 8 },
})
