/** One client and its load in a process of its own. */
import { answerParent } from "../../speed/answer-parent.ts"
import type { Client } from "../../scorecard/client.ts"
import { SPIKE } from "../simulation/spike.ts"
import { candidateOf } from "./contenders.ts"
import { watchCpu } from "./cpu.ts"
import { drive } from "./drive.ts"
import { READY_PATH } from "./front.ts"
import { runClock } from "./run-clock.ts"
import type { ClientTasks } from "./tasks.ts"

let client: Client | undefined

answerParent<ClientTasks>({
  async open({ candidate, origin, retries }) {
    const make = await candidateOf(candidate).load()
    const options = { origin, timeoutMs: SPIKE.attemptMs, ...(retries === undefined ? {} : { retries }) }
    await compile(make(options))
    client = make(options)
  },
  async drive(scene) {
    if (client === undefined) throw new Error(`ask for "open" first`)
    const cpuShare = watchCpu()
    const driven = await drive(client, scene, runClock())
    return { ...driven, cpuShare: cpuShare() }
  },
})

/**
 * Makes calls until the code that the process runs is compiled: else the first calls of a run begin late. It takes another
 * client, whose budget nobody needs.
 */
async function compile(client: Client): Promise<void> {
  for (let round = 0; round < 30; round++) {
    await Promise.all(Array.from({ length: 10 }, () => client.send({ method: "GET", path: READY_PATH })))
  }
}
