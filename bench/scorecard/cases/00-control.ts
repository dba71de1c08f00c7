import { json, stall, status } from "@steadfetch/testing/fault-server"
import { fail, firstProblem, pass, type Case } from "../case.ts"
import { count, inWords, oneShot, succeeded, within, withServer } from "../observation.ts"

/** Keeps the card honest: a broken adapter fails here, and not as if its client did. */
export const control: Case = {
  row: 0,
  title: "Control",
  mustHold: "The adapter reads a reply, has a 503 retried, uploads a stream, times out and aborts.",
  observed: "By results and by what the server received.",
  observe: (make) =>
    firstProblem(
      () =>
        withServer({ "GET /": [status(503), json(200, { n: 2 })] }, async ({ origin, requests }) => {
          const end = await within(make({ origin, retries: 1 }).send({ method: "GET", path: "/" }), 6000)
          const isRead = end !== undefined && succeeded(end.value) && end.value.reply?.body.includes('"n":2') === true
          if (isRead && requests.length === 2) return pass("retried")
          return fail(`retry of a 503: ${inWords(end?.value)}, ${count(requests.length, "request")}`)
        }),
      () =>
        withServer({ "PUT /": status(201) }, async ({ origin, requests }) => {
          const end = await within(make({ origin }).send({ method: "PUT", path: "/", body: oneShot("whole") }), 4000)
          const [first] = requests
          if (succeeded(end?.value) && Buffer.from(first?.body.kept ?? []).toString() === "whole") return pass("sent")
          return fail(`upload of a stream: ${inWords(end?.value)}, ${first?.body.lengthBytes} bytes received`)
        }),
      () =>
        withServer({ "GET /": stall("before-headers") }, async ({ origin }) => {
          const client = make({ origin, retries: 0, timeoutMs: 500 })
          const end = await within(client.send({ method: "GET", path: "/" }), 6000)
          return end !== undefined && !succeeded(end.value) ? pass("timed out") : fail("its timeout does not work")
        }),
      () =>
        withServer({ "GET /": stall("before-headers") }, async (server) => {
          const controller = new AbortController()
          const call = make({ origin: server.origin, retries: 0 }).send({
            method: "GET",
            path: "/",
            signal: controller.signal,
          })
          await server.received(1)
          controller.abort()
          const end = await within(call, 4000)
          return end !== undefined && "error" in end.value ? pass("all works") : fail("its abort does not work")
        }),
    ),
}
