import { status } from "@steadfetch/testing/fault-server"
import { fail, pass, type Case } from "../case.ts"
import { gapsMs, succeeded, within, withServer } from "../observation.ts"

const CALLS = 5
/** Above every client's first wait, and far below what five retries in one call come to: 16 times the first wait. */
const LONGEST_MS = 2500

export const inheritedDelay: Case = {
  row: 10,
  title: "Retry state leaks from call to call",
  mustHold: "Each call of a client begins with its first delay and all of its retries.",
  observed: `${CALLS} calls one after another each meet a 503 and then a 200; each must succeed, none waiting above ${LONGEST_MS / 1000} s.`,
  observe: (make) =>
    withServer({ "GET /": { steps: [status(503), status(204)], then: "repeat" } }, async ({ origin, requests }) => {
      const client = make({ origin, retries: 1 })
      const waits: number[] = []
      for (let call = 1; call <= CALLS; call++) {
        const end = await within(client.send({ method: "GET", path: "/" }), 2 * LONGEST_MS)
        const before = `after the waits ${waits.join(", ")} ms`
        if (!succeeded(end?.value)) return fail(`call ${call} did not succeed, ${before}`)
        waits.push(gapsMs(requests.slice(-2))[0] ?? 0)
      }
      const seen = `waits: ${waits.join(", ")} ms`
      return Math.max(...waits) > LONGEST_MS ? fail(seen) : pass(seen)
    }),
}
