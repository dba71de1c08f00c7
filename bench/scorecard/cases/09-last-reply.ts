import { json } from "@steadfetch/testing/fault-server"
import { fail, pass, type Case } from "../case.ts"
import { count, inWords, within, withServer } from "../observation.ts"

const PAGE = json(503, { error: { message: "shedding load" } }, { headers: { "x-request-id": "r-17" } })

export const lastReply: Case = {
  row: 9,
  title: "The last reply is lost when retries end",
  mustHold:
    "After the last retry the caller gets the reply's status, header fields and body, in a result or in the error.",
  observed: "The server always answers 503; the adapter looks for the reply where the client documents it.",
  observe: (make) =>
    withServer({ "GET /": PAGE }, async ({ origin, requests }) => {
      const end = await within(make({ origin, retries: 1 }).send({ method: "GET", path: "/" }), 6000)
      const reply = end?.value.reply
      const lost = [
        reply?.status === 503 ? [] : "status",
        reply?.header("x-request-id") === "r-17" ? [] : "header fields",
        reply?.body.includes("shedding load") === true ? [] : "body",
      ].flat()
      const seen = `${count(requests.length, "request")}, ${inWords(end?.value)}`
      return lost.length === 0 ? pass(seen) : fail(`${seen}; lost: ${lost.join(", ")}`)
    }),
}
