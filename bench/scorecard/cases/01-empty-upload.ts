import { reset, status, type Step } from "@steadfetch/testing/fault-server"
import { fail, firstProblem, pass, type Case, type Finding } from "../case.ts"
import type { Make } from "../client.ts"
import { count, inWords, oneShot, succeeded, within, withServer } from "../observation.ts"

const BODY = "all of the upload"

export const emptyUpload: Case = {
  row: 1,
  title: "A stream is sent again empty, and the call succeeds",
  mustHold: "A call that uploads a stream succeeds only when a request that was accepted carried all of it.",
  observed:
    "A PUT with a one-shot stream meets a 503, or a reset, and then a 201; the server counts the bytes of each request.",
  observe: (make) =>
    firstProblem(
      () => upload(make, "a 503", status(503)),
      () => upload(make, "a reset", reset("before-headers")),
    ),
}

function upload(make: Make, after: string, step: Step): Promise<Finding> {
  return withServer({ "PUT /": [step, status(201)] }, async ({ origin, requests }) => {
    const call = make({ origin, retries: 1 }).send({ method: "PUT", path: "/", body: oneShot(BODY) })
    const end = await within(call, 6000)
    const sizes = requests.map(({ body }) => body.lengthBytes)
    const seen = `after ${after}: ${inWords(end?.value)}, ${count(requests.length, "request")} with ${sizes.join(" and ")} of ${BODY.length} bytes`
    return succeeded(end?.value) && sizes.at(-1) !== BODY.length ? fail(seen) : pass(seen)
  })
}
