import { close, status, type ReplyStep, type Step } from "@steadfetch/testing/fault-server"
import { fail, firstProblem, pass, type Case, type Finding } from "../case.ts"
import type { Make } from "../client.ts"
import { inWords, within, withServer } from "../observation.ts"

const WHOLE = "b".repeat(500)
const REST = "b".repeat(400)
const RANGE = { "content-range": "bytes 100-499/500" }

export const mixedBody: Case = {
  row: 20,
  title: "A body that broke off is continued with another representation",
  mustHold: "A caller never gets bytes of two representations as one body.",
  observed:
    "A body breaks off after 100 bytes; the next reply is another representation, whole, as a range with another ETag, and as a range where there are no ETags.",
  observe: (make) =>
    firstProblem(
      () =>
        continued(make, "a whole one", first({ etag: '"a"' }), status(200, { headers: { etag: '"b"' }, body: WHOLE })),
      () => continued(make, "a range with another ETag", first({ etag: '"a"' }), range({ ...RANGE, etag: '"b"' })),
      () => continued(make, "a range without ETag", first({}), range(RANGE)),
    ),
}

function first(headers: Record<string, string>): Step {
  return close({ afterBytes: 100 }, { headers, body: "a".repeat(500) })
}

function range(headers: Record<string, string>): ReplyStep {
  return status(206, { headers, body: REST })
}

function continued(make: Make, how: string, broken: Step, next: Step): Promise<Finding> {
  return withServer({ "GET /": [broken, next] }, async ({ origin }) => {
    const end = await within(make({ origin, retries: 1 }).send({ method: "GET", path: "/" }), 6000)
    const isMixed = end !== undefined && "reply" in end.value && /^a+b/.test(end.value.reply?.body ?? "")
    const seen = `after ${how}: ${isMixed ? "one body of both" : inWords(end?.value)}`
    return isMixed ? fail(seen) : pass(seen)
  })
}
