import { fieldValue, json, reset } from "@steadfetch/testing/fault-server"
import { fail, pass, type Case } from "../case.ts"
import { count, inWords, within, withServer } from "../observation.ts"

export const repeatedPost: Case = {
  row: 8,
  title: "A POST is sent again without any key",
  mustHold: "A POST that may have been processed is sent once, or each time with the same Idempotency-Key.",
  observed: "The server reads a POST, resets the connection and would accept a second one; it compares the keys.",
  needs: ["HTTP rules"],
  observe: (make) =>
    withServer({ "POST /": [reset("before-headers"), json(201, { id: 7 })] }, async ({ origin, requests }) => {
      const end = await within(make({ origin }).send({ method: "POST", path: "/", body: '{"item":"tea"}' }), 6000)
      const keys = requests.map(({ headers }) => fieldValue(headers, "idempotency-key"))
      const seen = `${count(requests.length, "POST")}, ${inWords(end?.value)}`
      if (keys.length < 2) return pass(seen)
      return keys[0] !== undefined && new Set(keys).size === 1 ? pass(`${seen}, one key`) : fail(`${seen}, no key`)
    }),
}
