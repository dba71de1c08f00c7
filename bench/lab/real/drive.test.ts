import { testExchange, virtualClock, type VirtualClock } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import type { Client, Ended } from "../../scorecard/client.ts"
import { NO_RETRIES } from "../lineups.ts"
import { spikes } from "../simulation/spike.ts"
import { drive } from "./drive.ts"
import { runClock } from "./run-clock.ts"
import { serverOf, type FailureScene, type SpikeScene } from "./scene.ts"

const failing: FailureScene = { kind: "failures", failureShare: 0, by: "503", perSecond: 50, untilMs: 2000, seed: 1 }

/** Ends every call after so long. */
function client(clock: VirtualClock, takesMs: number, ended: Ended): Client {
  return { send: () => new Promise((resolve) => clock.after(takesMs, () => resolve(ended))) }
}

const replied = (status: number): Ended => ({ reply: { status, header: () => undefined, body: "" } })

describe("calls of a run", () => {
  test("begin at the same instants, however slow the client is", async () => {
    const begun = async (takesMs: number) => {
      const clock = virtualClock()
      const { begunMs } = await clock.runUntil(drive(client(clock, takesMs, replied(200)), failing, runClock(clock)))
      return begunMs
    }
    const quick = await begun(1)
    expect(quick.length).toBeGreaterThan(50)
    expect(await begun(30_000)).toEqual(quick)
  })

  test("succeed with a status below 400 alone", async () => {
    const succeeded = async (ended: Ended) => {
      const clock = virtualClock()
      const { succeededMs } = await clock.runUntil(drive(client(clock, 1, ended), failing, runClock(clock)))
      return succeededMs.length
    }
    expect(await succeeded(replied(200))).toBeGreaterThan(50)
    expect(await succeeded(replied(503))).toBe(0)
    expect(await succeeded({ error: new Error("503"), ...replied(200) })).toBe(0)
  })

  test("that never end are given up on, and counted", async () => {
    const clock = virtualClock()
    const never: Client = { send: () => new Promise(() => {}) }
    const { open, begunMs } = await clock.runUntil(drive(never, failing, runClock(clock)))
    expect(open).toBe(begunMs.length)
  })

  test("of a spike fare on a virtual clock exactly as in the simulation", async () => {
    const clock = virtualClock({ settles: "promises" })
    const scene: SpikeScene = { kind: "spike", perSecond: 40, observedMs: 10_000, seed: 1 }
    const server = serverOf(scene, clock)
    const patient: Client = {
      send: () =>
        new Promise((resolve) => {
          const callOff = clock.after(3000, () => resolve({ error: new Error("too late") }))
          void server.send(testExchange("http://127.0.0.1/")).then(() => {
            callOff()
            resolve(replied(200))
          })
        }),
    }
    const { succeededMs } = await clock.runUntil(drive(patient, scene, runClock(clock)))
    const [simulated] = await spikes({ ...scene, clients: 1, lineup: NO_RETRIES }, [1])
    expect(succeededMs).toEqual(simulated?.successes)
  })
})
