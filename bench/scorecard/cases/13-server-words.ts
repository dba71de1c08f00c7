import { json } from "@steadfetch/testing/fault-server"
import { fail, firstProblem, notApplicable, pass, type Case, type Finding } from "../case.ts"
import type { Make } from "../client.ts"
import { inWords, within, withServer } from "../observation.ts"

const SAID = "amount must be below 100"

export const serverWords: Case = {
  row: 13,
  title: "The server's own words are not in the error's message",
  mustHold: "The message of the error for a 4xx holds what the server says is wrong.",
  observed: `A 400 says "${SAID}" in an error object and in problem details (RFC 9457); the message must hold these words.`,
  needs: ["status errors"],
  observe: (make) =>
    firstProblem(
      () => refused(make, { error: { message: SAID } }, "application/json"),
      () => refused(make, { title: "Bad Request", detail: SAID }, "application/problem+json"),
    ),
}

function refused(make: Make, body: object, type: string): Promise<Finding> {
  return withServer({ "GET /": json(400, body, { headers: { "content-type": type } }) }, async ({ origin }) => {
    const end = await within(make({ origin, retries: 0 }).send({ method: "GET", path: "/" }), 4000)
    if (end === undefined || !("error" in end.value)) return notApplicable(`no error: ${inWords(end?.value)}`)
    const { error } = end.value
    return error instanceof Error && error.message.includes(SAID) ? pass(inWords(end.value)) : fail(inWords(end.value))
  })
}
