import { status } from "@steadfetch/testing/fault-server"
import { fail, pass, type Case } from "../case.ts"
import { count, pause, within, withServer } from "../observation.ts"

const BACKOFF_MS = 4000
const LIMIT_MS = 1500

export const abortInBackoff: Case = {
  row: 4,
  title: "An abort between two attempts waits out the backoff",
  mustHold: "An abort during the wait between two attempts ends the call there and then, and nothing more is sent.",
  observed: `The wait is ${BACKOFF_MS / 1000} s; after 0.4 s the signal aborts, and the call must have rejected within ${LIMIT_MS / 1000} s of it.`,
  observe: (make) =>
    withServer({ "GET /": status(503, { headers: { "retry-after": String(BACKOFF_MS / 1000) } }) }, async (server) => {
      const controller = new AbortController()
      const client = make({ origin: server.origin, retries: 1, backoffMs: BACKOFF_MS })
      const call = client.send({ method: "GET", path: "/", signal: controller.signal })
      await server.finished(1)
      await pause(400)
      controller.abort(new Error("the user left"))
      const end = await within(call, LIMIT_MS)
      if (end !== undefined && server.requests.length === 1) return pass(`rejected after ${end.afterMs} ms`)
      const late = await within(call, BACKOFF_MS + LIMIT_MS)
      const sent = count(server.requests.length, "request")
      if (late === undefined) return fail(`never ended after the abort, ${sent}`)
      return fail(`ended ${((late.afterMs + (end?.afterMs ?? LIMIT_MS)) / 1000).toFixed(1)} s after the abort, ${sent}`)
    }),
}
