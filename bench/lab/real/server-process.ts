/** A server in a process of its own, so that no client takes its time. */
import { answerParent } from "../../speed/answer-parent.ts"
import { watchCpu } from "./cpu.ts"
import { quantile } from "../findings.ts"
import { openFront, type Front } from "./front.ts"
import { runClock } from "./run-clock.ts"
import { serverOf } from "./scene.ts"
import type { ServerTasks } from "./tasks.ts"

let front: Front | undefined
const cpuShare = watchCpu()
const clock = runClock()

answerParent<ServerTasks>({
  async listen(scene) {
    const failure = scene.kind === "failures" ? scene.by : "503"
    front = await openFront(serverOf(scene, clock), failure, () => clock.date())
    return front.origin
  },
  account: async () => ({
    receivedAt: front?.receivedAt ?? [],
    lateMs: quantile(clock.lateMs, 0.99),
    cpuShare: cpuShare(),
  }),
})
