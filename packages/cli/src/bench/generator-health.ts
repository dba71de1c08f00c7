import { monitorEventLoopDelay, performance } from "node:perf_hooks"

/** How often it looks whether the event loop comes round in time. */
const RESOLUTION_MS = 10

/** From these on the command itself was the limit, and not the server alone. */
const BUSY_SHARE = 0.9
const LATE_MS = 20

/** How the process fared that made the calls. */
export interface GeneratorHealth {
  /** The share of the time, from 0 to 1, in which its event loop had work. */
  readonly busyShare: number
  /** How late its event loop came round: in 99 of 100 looks no later than this. */
  readonly delayP99Ms: number
}

/** Begins to watch this process; returns how to end that, and what it saw. */
export function watchGenerator(): () => GeneratorHealth {
  const before = performance.eventLoopUtilization()
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  return () => {
    delay.disable()
    // What is measured is the time between two looks.
    const delayP99Ms = delay.count === 0 ? 0 : Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS)
    return { busyShare: performance.eventLoopUtilization(before).utilization, delayP99Ms }
  }
}

/** Whether it had no time to send more. */
export function isBusy({ busyShare }: GeneratorHealth): boolean {
  return busyShare >= BUSY_SHARE
}

/** Whether latencies hold much of its own. */
export function isLate({ delayP99Ms }: GeneratorHealth): boolean {
  return delayP99Ms >= LATE_MS
}
