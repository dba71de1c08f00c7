import { json, status } from "@steadfetch/testing/fault-server"
import { fail, firstProblem, pass, type Case, type Finding } from "../case.ts"
import type { Client, Make } from "../client.ts"
import { count, inWords, succeeded, within, withServer } from "../observation.ts"

const LIMIT_MS = 6000

export const hangingCancel: Case = {
  row: 16,
  title: "Waiting for a cancelled body hangs",
  mustHold: "The retry comes although the cancellation of the failed attempt's body never ends.",
  observed: `Over a fetch whose bodies never finish their cancellation, a 503 with a page of 200 kB is followed by 200; in each of the ways to read it the call must succeed within ${LIMIT_MS / 1000} s.`,
  needs: ["own fetch"],
  observe: (make) =>
    firstProblem(
      () => retried(make, "read at once", ({ send }) => send),
      () => retried(make, "headers first, then the body", ({ sendThenRead }) => sendThenRead),
    ),
}

function retried(make: Make, how: string, way: (client: Client) => Client["send"] | undefined): Promise<Finding> {
  const script = { "GET /": [status(503, { body: { bytes: 200_000 } }), json(200, { n: 2 })] }
  return withServer(script, async ({ origin, requests }) => {
    const send = way(make({ origin, retries: 1, fetch: neverCancelled }))
    if (send === undefined) return pass("retried in the one way that there is")
    const end = await within(send({ method: "GET", path: "/" }), LIMIT_MS)
    const seen = `${how}: ${count(requests.length, "request")}, ${inWords(end?.value)}`
    return succeeded(end?.value) ? pass(seen) : fail(`${seen} after ${LIMIT_MS / 1000} s`)
  })
}

/** The platform's fetch, with bodies whose cancellation never comes to an end. */
async function neverCancelled(...request: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(...request)
  const reader = response.body?.getReader()
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
      if (done || value === undefined) controller.close()
      else controller.enqueue(value)
    },
    cancel: () => new Promise<void>(() => {}),
  })
  return new Response(body, response)
}
