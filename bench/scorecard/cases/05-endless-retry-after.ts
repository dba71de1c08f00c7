import { status } from "@steadfetch/testing/fault-server"
import { fail, pass, type Case } from "../case.ts"
import { count, gapsMs, inWords, within, withServer } from "../observation.ts"

const ASKED_S = 2_592_000
const WATCHED_MS = 3000

export const endlessRetryAfter: Case = {
  row: 5,
  title: "A Retry-After beyond what a timer holds makes the client hammer the server",
  mustHold: "A server that asks for a pause of thirty days, more than 2^31 ms, is not called again at once.",
  observed: `The server answers 503 with Retry-After: ${ASKED_S}; within ${WATCHED_MS / 1000} s it must see no second request.`,
  needs: ["HTTP rules", "Retry-After"],
  observe: (make) =>
    withServer(
      { "GET /": status(503, { headers: { "retry-after": String(ASKED_S) } }) },
      async ({ origin, requests }) => {
        const end = await within(make({ origin }).send({ method: "GET", path: "/" }), WATCHED_MS)
        if (requests.length === 1) return pass(`1 request, ${inWords(end?.value)}`)
        return fail(`${count(requests.length, "request")} in 3 s, the second after ${gapsMs(requests)[0]} ms`)
      },
    ),
}
