import { status } from "@steadfetch/testing/fault-server"
import { fail, pass, type Case } from "../case.ts"
import { gapsMs, inWords, within, withServer } from "../observation.ts"

/** All waits together: hardly any backoff is that short, jitter included, and three requests without waits take less. */
const LEAST_MS = 300

export const pastRetryAfter: Case = {
  row: 19,
  title: "A Retry-After in the past switches the backoff off",
  mustHold: "After a Retry-After date that has passed the client still backs off.",
  observed: `The server answers 503 three times with a date of last year; the retries must take ${LEAST_MS} ms in all.`,
  needs: ["HTTP rules"],
  observe: (make) => {
    const busy = status(503, { headers: { "retry-after": "Wed, 01 Jan 2025 00:00:00 GMT" } })
    const script = { "GET /first": status(204), "GET /": [busy, busy, busy, status(204)] }
    return withServer(script, async ({ origin, requests }) => {
      const client = make({ origin, retries: 3 })
      // A process's first call takes time of its own.
      await within(client.send({ method: "GET", path: "/first" }), 4000)
      const end = await within(client.send({ method: "GET", path: "/" }), 12_000)
      const waits = gapsMs(requests.slice(1))
      const seen = waits.length === 0 ? `no retry, ${inWords(end?.value)}` : `waits: ${waits.join(", ")} ms`
      const totalMs = waits.reduce((sum, wait) => sum + wait, 0)
      return waits.length > 0 && totalMs < LEAST_MS ? fail(seen) : pass(seen)
    })
  },
}
