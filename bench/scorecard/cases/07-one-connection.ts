import { json, status } from "@steadfetch/testing/fault-server"
import { fail, pass, type Case } from "../case.ts"
import { limitConnections } from "../connections.ts"
import { count, inWords, succeeded, within, withServer } from "../observation.ts"

const LIMIT_MS = 8000

export const oneConnection: Case = {
  row: 7,
  title: "The failed attempt's body is left unread: with one connection the retry deadlocks",
  mustHold: "A client with a single connection can retry after an error page.",
  observed: `The server answers 503 with a page of 200 kB, then 200; with one connection the call must succeed within ${LIMIT_MS / 1000} s.`,
  observe: (make) =>
    withServer(
      { "GET /": [status(503, { body: { bytes: 200_000 } }), json(200, { n: 2 })] },
      async ({ origin, requests }) => {
        await limitConnections(1)
        const client = make({ origin, retries: 1, connections: 1 })
        const end = await within(client.send({ method: "GET", path: "/" }), LIMIT_MS)
        const seen = `${count(requests.length, "request")}, ${inWords(end?.value)}`
        return succeeded(end?.value) ? pass(seen) : fail(`${seen} after ${LIMIT_MS / 1000} s`)
      },
    ),
}
