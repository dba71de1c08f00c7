import { json, status } from "@steadfetch/testing/fault-server"
import { fail, pass, type Case } from "../case.ts"
import { count, inWords, succeeded, within, withServer } from "../observation.ts"

export const renewedTwice: Case = {
  row: 15,
  title: "Two 401s at once renew the token twice, and a straggler does so again",
  mustHold: "Calls that a 401 hits at once, and one whose 401 comes later, lead to one renewal of the token.",
  observed:
    "Three calls with an expired token meet 401s, one of them a second later; the server counts the requests for a new token.",
  needs: ["renewal"],
  observe: (make) => {
    const script = {
      "GET /one": [status(401, { delayMs: 100 }), json(200, 1)],
      "GET /two": [status(401, { delayMs: 100 }), json(200, 2)],
      "GET /late": [status(401, { delayMs: 1200 }), json(200, 3)],
      "POST /token": status(201, { body: "token-2", delayMs: 300 }),
    }
    return withServer(script, async ({ origin, requests }) => {
      const renew = async (): Promise<string> => (await fetch(`${origin}/token`, { method: "POST" })).text()
      const client = make({ origin, retries: 1, token: "token-1", renew })
      const calls = ["/one", "/two", "/late"].map((path) => client.send({ method: "GET", path }))
      const ends = await Promise.all(calls.map((call) => within(call, 6000)))
      const renewals = requests.filter(({ path }) => path === "/token").length
      const failed = ends.find((end) => !succeeded(end?.value))
      if (failed !== undefined) return fail(`a call ended with ${inWords(failed.value)}`)
      return renewals === 1 ? pass("1 renewal") : fail(count(renewals, "renewal"))
    })
  },
}
