import { reset, stall, status } from "@steadfetch/testing/fault-server"
import { fail, pass, type Case } from "../case.ts"
import { count, pause, within, withServer } from "../observation.ts"

/** Longer than any client's first wait. */
const WATCHED_MS = 1800

export const retriesOff: Case = {
  row: 17,
  title: "Retries that are switched off are made all the same",
  mustHold: "With retries off each call sends one request.",
  observed:
    "With retries off, calls meet a 503, a reset and a silence beyond the timeout; the server must see one request each.",
  observe: (make) => {
    const paths = { "/503": status(503), "/reset": reset("before-headers"), "/silence": stall("before-headers") }
    const script = Object.fromEntries(Object.entries(paths).map(([path, step]) => [`GET ${path}`, step]))
    return withServer(script, async ({ origin, requests }) => {
      const client = make({ origin, retries: 0, timeoutMs: 700 })
      const calls = Object.keys(paths).map((path) => within(client.send({ method: "GET", path }), 4000))
      await Promise.all(calls)
      await pause(WATCHED_MS)
      const repeated = Object.keys(paths).filter((path) => requests.filter((sent) => sent.path === path).length !== 1)
      const seen = `${count(requests.length, "request")} for ${count(calls.length, "call")}`
      return repeated.length === 0 ? pass(seen) : fail(`${seen}; wrong: ${repeated.join(", ")}`)
    })
  },
}
