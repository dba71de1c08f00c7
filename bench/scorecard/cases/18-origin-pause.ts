import { status } from "@steadfetch/testing/fault-server"
import { fail, pass, type Case } from "../case.ts"
import { pause, within, withServer } from "../observation.ts"

const ASKED_S = 2
/** The server has answered some milliseconds before a client has read the answer. */
const READ_BY_THEN_MS = 100

export const originPause: Case = {
  row: 18,
  title: "One throttled request does not pause the others to its origin",
  mustHold: "While a server has asked for a pause, no other request is sent to it.",
  observed: `One call gets 429 with Retry-After: ${ASKED_S}; another call made right after it must not reach the server before that.`,
  excuses: "origin pause",
  observe: (make) => {
    const throttled = status(429, { headers: { "retry-after": String(ASKED_S) } })
    return withServer({ "GET /one": [throttled, status(204)], "GET /two": status(204) }, async (server) => {
      const client = make({ origin: server.origin, retries: 1, pausesOrigin: true })
      const one = client.send({ method: "GET", path: "/one" })
      await server.finished(1)
      await pause(READ_BY_THEN_MS)
      const two = client.send({ method: "GET", path: "/two" })
      await Promise.all([within(one, 5000), within(two, 5000)])
      const [first] = server.requests
      const second = server.requests.find(({ path }) => path === "/two")
      if (first === undefined || second === undefined) return pass("the other call was held back")
      const afterMs = Math.round(second.arrivedAtMs - first.arrivedAtMs)
      const seen = `the other call was sent ${afterMs} ms after the first`
      return afterMs >= ASKED_S * 1000 - 50 ? pass(seen) : fail(seen)
    })
  },
}
