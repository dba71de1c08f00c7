import { inspect } from "node:util"
import { json, reset, status } from "@steadfetch/testing/fault-server"
import { fail, pass, type Case } from "../case.ts"
import { within, withServer } from "../observation.ts"

const SECRET = "s3cr3t-of-ada"
const PATHS = { "/400": "a 400", "/503": "a 503", "/reset": "a reset" }

export const shownCredentials: Case = {
  row: 14,
  title: "Errors show credentials",
  mustHold: "Logging an error shows no credentials that the request carried.",
  observed:
    "Calls with a bearer token meet a 400, a 503 and a reset; console.log's and JSON's text of each error must be without the token.",
  observe: (make) => {
    const script = {
      "GET /400": json(400, { message: "no" }),
      "GET /503": status(503),
      "GET /reset": reset("before-headers"),
    }
    return withServer(script, async ({ origin }) => {
      const client = make({ origin, retries: 0, token: SECRET })
      const shown = new Set<string>()
      let errors = 0
      for (const [path, what] of Object.entries(PATHS)) {
        const end = await within(client.send({ method: "GET", path }), 4000)
        if (end === undefined || !("error" in end.value)) continue
        errors += 1
        if (inspect(end.value.error).includes(SECRET)) shown.add(`console.log after ${what}`)
        if (asJson(end.value.error).includes(SECRET)) shown.add(`JSON after ${what}`)
      }
      return shown.size === 0 ? pass(`not in ${errors} errors`) : fail(`shown by ${[...shown].join(", ")}`)
    })
  },
}

/** JSON as loggers write it: all enumerable properties, whatever is circular cut off. */
function asJson(error: unknown): string {
  const seen = new Set<unknown>()
  return (
    JSON.stringify(error, (_, value: unknown) => {
      if (!(value instanceof Object)) return typeof value === "bigint" ? String(value) : value
      if (seen.has(value)) return undefined
      seen.add(value)
      return value
    }) ?? ""
  )
}
