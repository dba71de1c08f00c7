/** A server in a process of its own, so that no client takes its time. */
import { systemClock } from "steadfetch"
import { answerParent } from "../../speed/answer-parent.ts"
import { watchCpu } from "./cpu.ts"
import { openFront, type Front } from "./front.ts"
import { serverOf } from "./scene.ts"
import type { ServerTasks } from "./tasks.ts"

let front: Front | undefined
const cpuShare = watchCpu()

answerParent<ServerTasks>({
  async listen(scene) {
    const failure = scene.kind === "failures" ? scene.by : "503"
    front = await openFront(serverOf(scene, systemClock), failure, () => systemClock.date())
    return front.origin
  },
  account: async () => ({ receivedAt: front?.receivedAt ?? [], cpuShare: cpuShare() }),
})
