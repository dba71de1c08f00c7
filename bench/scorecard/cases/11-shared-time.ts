import { json, stall, status } from "@steadfetch/testing/fault-server"
import { fail, firstProblem, pass, type Case } from "../case.ts"
import { count, inWords, succeeded, within, withServer } from "../observation.ts"

const TIMEOUT_MS = 1200
const REPLY_MS = 500

export const sharedTime: Case = {
  row: 11,
  title: "All attempts share one timeout, or timeouts are never retried",
  mustHold: "Each attempt has the timeout for itself, and one that ran out is retried.",
  observed: `With a timeout of ${TIMEOUT_MS} ms: replies of 503, 503 and 200, each after ${REPLY_MS} ms, must lead to success; so must silence and then 200.`,
  observe: (make) =>
    firstProblem(
      () => {
        const busy = status(503, { delayMs: REPLY_MS })
        const script = { "GET /": [busy, busy, json(200, { n: 3 }, { delayMs: REPLY_MS })] }
        return withServer(script, async ({ origin, requests }) => {
          const client = make({ origin, retries: 2, timeoutMs: TIMEOUT_MS, backoffMs: 300 })
          const end = await within(client.send({ method: "GET", path: "/" }), 9000)
          const seen = `slow replies: ${count(requests.length, "request")}, ${inWords(end?.value)}`
          return succeeded(end?.value) ? pass(seen) : fail(seen)
        })
      },
      () =>
        withServer({ "GET /": [stall("before-headers"), json(200, { n: 2 })] }, async ({ origin, requests }) => {
          const client = make({ origin, retries: 2, timeoutMs: TIMEOUT_MS, backoffMs: 300 })
          const end = await within(client.send({ method: "GET", path: "/" }), 7000)
          const seen = `after a timeout: ${count(requests.length, "request")}, ${inWords(end?.value)}`
          return succeeded(end?.value) && requests.length === 2 ? pass(seen) : fail(seen)
        }),
    ),
}
