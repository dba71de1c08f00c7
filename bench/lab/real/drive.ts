import type { Client, Ended } from "../../scorecard/client.ts"
import { quantile } from "../findings.ts"
import type { RunClock } from "./run-clock.ts"
import { lastCallMs, offerCalls, patienceMs, type Scene } from "./scene.ts"

/** What a client's process tells of a run. Instants are milliseconds from its start. */
export interface Drive {
  /** The start, in milliseconds since 1970-01-01 UTC. */
  readonly startDate: number
  /** When each call began, in order. */
  readonly begunMs: readonly number[]
  /** When each success came, in order. */
  readonly succeededMs: readonly number[]
  /** Calls that were still under way when all patience was over. */
  readonly open: number
  /** How late calls began, against the plan: 99 of 100 no later than this. */
  readonly lateMs: number
  /** The share of a core in its busiest 5 s. */
  readonly cpuShare: number
}

/** Begins the scene's calls as planned, however the earlier ones fare, and notes how they end. */
export async function drive(client: Client, scene: Scene, clock: RunClock): Promise<Omit<Drive, "cpuShare">> {
  const begunMs: number[] = []
  const succeededMs: number[] = []
  const open = new Set<Promise<void>>()
  const one = async (): Promise<void> => {
    const ended = await client.send({ method: "GET", path: "/" })
    if (isSuccess(ended)) succeededMs.push(clock.now())
  }
  offerCalls(clock, scene, () => {
    begunMs.push(clock.now())
    const call = one().finally(() => open.delete(call))
    open.add(call)
  })
  await passed(clock, lastCallMs(scene))
  await Promise.race([Promise.all(open), passed(clock, patienceMs(scene))])
  return {
    startDate: clock.startDate,
    begunMs,
    succeededMs,
    open: open.size,
    lateMs: quantile(clock.lateMs, 0.99),
  }
}

function isSuccess(ended: Ended): boolean {
  return !("error" in ended) && ended.reply.status < 400
}

function passed(clock: RunClock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.after(delayMs, resolve))
}
