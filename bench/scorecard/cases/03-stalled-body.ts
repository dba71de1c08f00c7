import { stall } from "@steadfetch/testing/fault-server"
import { fail, firstProblem, pass, type Case, type Finding } from "../case.ts"
import type { Client, Make } from "../client.ts"
import { inWords, within, withServer } from "../observation.ts"

const TIMEOUT_MS = 500
const LIMIT_MS = 5000

export const stalledBody: Case = {
  row: 3,
  title: "The timeout stops at the headers",
  mustHold: "With a timeout set, a call whose body stalls ends, in each of the ways to read it.",
  observed: `The server sends 10 bytes of a body and no more; with a timeout of ${TIMEOUT_MS} ms the call must end within ${LIMIT_MS / 1000} s.`,
  observe: (make) =>
    firstProblem(
      () => stalled(make, "read at once", ({ send }) => send),
      () => stalled(make, "headers first, then the body", ({ sendThenRead }) => sendThenRead),
    ),
}

function stalled(make: Make, how: string, way: (client: Client) => Client["send"] | undefined): Promise<Finding> {
  return withServer({ "GET /": stall({ afterBytes: 10 }) }, async ({ origin }) => {
    const send = way(make({ origin, retries: 0, timeoutMs: TIMEOUT_MS }))
    if (send === undefined) return pass("ended in the one way that there is")
    const end = await within(send({ method: "GET", path: "/" }), LIMIT_MS)
    if (end === undefined) return fail(`${how}: still waiting after ${LIMIT_MS / 1000} s`)
    return pass(`${how}: ${inWords(end.value)}`)
  })
}
