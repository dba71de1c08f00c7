import { seededRandom } from "@steadfetch/testing"
import type { Clock } from "steadfetch"
import { REPLY_MS } from "../simulation/failing.ts"
import { offer } from "../simulation/load.ts"
import { failingServer, slowingServer, type Server } from "../simulation/servers.ts"
import { offerCalm, offerSpike, SPIKE, type SpikeLoad } from "../simulation/spike.ts"

/** Experiment A: the simulation's spike, call for call. */
export interface SpikeScene extends SpikeLoad {
  readonly kind: "spike"
  readonly seed: number
}

/** Experiment B: a steady load on a server that fails a share of the requests. */
export interface FailureScene {
  readonly kind: "failures"
  readonly failureShare: number
  /** What a failure is: a reply of 503 without Retry-After, or the end of the connection. */
  readonly by: "503" | "reset"
  readonly perSecond: number
  /** Calls begin from 0 to here. All of them are awaited. */
  readonly untilMs: number
  readonly seed: number
}

/** What happens in a run. It goes from the parent to the processes as JSON. */
export type Scene = SpikeScene | FailureScene

/** The simulation's server for this scene, on whatever clock. */
export function serverOf(scene: Scene, clock: Clock): Server {
  if (scene.kind === "spike") return slowingServer(clock, SPIKE.idleMs, SPIKE.perConcurrentMs)
  return failingServer(clock, scene.failureShare, REPLY_MS, seededRandom(scene.seed * 1000 + 1))
}

/** Begins the scene's calls, at the same instants for every client. */
export function offerCalls(clock: Clock, scene: Scene, begin: () => void): void {
  if (scene.kind === "failures") {
    const { perSecond, untilMs } = scene
    return offer(clock, { fromMs: 0, untilMs, perSecond }, seededRandom(scene.seed * 1000), begin)
  }
  offerCalm(clock, scene, scene.seed, begin)
  offerSpike(clock, scene, scene.seed, begin)
}

/** When the last call has begun. */
export function lastCallMs(scene: Scene): number {
  return scene.kind === "spike" ? SPIKE.endsMs + scene.observedMs : scene.untilMs
}

/** How long calls are waited for after that; those of a spike are counted as they stand, as in the simulation. */
export function patienceMs(scene: Scene): number {
  return scene.kind === "spike" ? 0 : 45_000
}
