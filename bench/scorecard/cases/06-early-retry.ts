import { status } from "@steadfetch/testing/fault-server"
import { fail, firstProblem, pass, type Case, type Finding } from "../case.ts"
import { gapsMs, inWords, within, withServer } from "../observation.ts"
import type { Client } from "../client.ts"

/** Clocks and timers may be off by this much. */
const TOLERANCE_MS = 50

export const earlyRetry: Case = {
  row: 6,
  title: "A Retry-After above the client's cap makes it come back early",
  mustHold: "No request comes earlier than the server asked, whatever the longest wait of the client's own backoff is.",
  observed:
    "The server asks for 2 s where the backoff's cap is set to 1 s, and for 100 s where it is left alone; no request may come before that.",
  needs: ["HTTP rules"],
  observe: (make) =>
    firstProblem(
      () => comesBack(2, 4000, (origin) => make({ origin, retries: 1, capMs: 1000 })),
      () => comesBack(100, 3000, (origin) => make({ origin, retries: 1 })),
    ),
}

function comesBack(askedS: number, watchedMs: number, make: (origin: string) => Client): Promise<Finding> {
  const script = { "GET /": [status(503, { headers: { "retry-after": String(askedS) } }), status(204)] }
  return withServer(script, async ({ origin, requests }) => {
    const end = await within(make(origin).send({ method: "GET", path: "/" }), watchedMs)
    const [gapMs] = gapsMs(requests)
    if (gapMs === undefined) return pass(`no second request within ${watchedMs / 1000} s, ${inWords(end?.value)}`)
    const seen = `asked for ${askedS} s, back after ${gapMs} ms`
    return gapMs < askedS * 1000 - TOLERANCE_MS ? fail(seen) : pass(seen)
  })
}
