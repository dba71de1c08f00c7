import { endless, json } from "@steadfetch/testing/fault-server"
import { fail, pass, type Case } from "../case.ts"
import { count, inWords, succeeded, within, withServer } from "../observation.ts"

const LIMIT_MS = 6000

export const hangingCancel: Case = {
  row: 16,
  title: "Waiting for a cancelled body hangs",
  mustHold: "The retry comes although the cancellation of the failed attempt's body never ends.",
  observed: `Over a fetch whose bodies never finish their cancellation, a 503 with a body without end is followed by 200; the call must succeed within ${LIMIT_MS / 1000} s.`,
  needs: ["own fetch"],
  observe: (make) =>
    withServer({ "GET /": [{ ...endless(), status: 503 }, json(200, { n: 2 })] }, async ({ origin, requests }) => {
      const client = make({ origin, retries: 1, fetch: neverCancelled })
      const end = await within(client.send({ method: "GET", path: "/" }), LIMIT_MS)
      const seen = `${count(requests.length, "request")}, ${inWords(end?.value)}`
      return succeeded(end?.value) ? pass(seen) : fail(`${seen} after ${LIMIT_MS / 1000} s`)
    }),
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
