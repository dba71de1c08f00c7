import { json, stall } from "@steadfetch/testing/fault-server"
import { fail, pass, type Case } from "../case.ts"
import { count, inWords, succeeded, within, withServer } from "../observation.ts"

export const poisonedTimeout: Case = {
  row: 2,
  title: "An attempt that timed out poisons the retries",
  mustHold: "After an attempt that timed out the next one is sent, with a time of its own.",
  observed:
    "The server stays silent twice and then answers; it must have seen three requests, and the call must succeed.",
  needs: ["timeout retry"],
  observe: (make) =>
    withServer(
      { "GET /": [stall("before-headers"), stall("before-headers"), json(200, { n: 3 })] },
      async ({ origin, requests }) => {
        const call = make({ origin, retries: 3, timeoutMs: 500 }).send({ method: "GET", path: "/" })
        const end = await within(call, 9000)
        const seen = `${count(requests.length, "request")}, ${inWords(end?.value)}`
        return succeeded(end?.value) && requests.length === 3 ? pass(seen) : fail(seen)
      },
    ),
}
