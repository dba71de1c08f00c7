/** One client and its load in a process of its own. */
import { answerParent } from "../../speed/answer-parent.ts"
import type { Client } from "../../scorecard/client.ts"
import { SPIKE } from "../simulation/spike.ts"
import { candidateOf } from "./contenders.ts"
import { watchCpu } from "./cpu.ts"
import { drive } from "./drive.ts"
import { runClock } from "./run-clock.ts"
import type { ClientTasks } from "./tasks.ts"

let client: Client | undefined

answerParent<ClientTasks>({
  async open({ candidate, origin, retries }) {
    const make = await candidateOf(candidate).load()
    client = make({ origin, timeoutMs: SPIKE.attemptMs, ...(retries === undefined ? {} : { retries }) })
  },
  async drive(scene) {
    if (client === undefined) throw new Error(`ask for "open" first`)
    const cpuShare = watchCpu()
    const driven = await drive(client, scene, runClock())
    return { ...driven, cpuShare: cpuShare() }
  },
})
