import { apiKey, basic, bearer } from "steadfetch"
import { json, reply, type Group } from "./case.ts"
import { equal } from "./check.ts"

export const auth: Group = {
  name: "auth",
  cases: [
    {
      name: "a 401 renews the token once and sends the request again",
      script: { "GET /thing": [reply(401), json("ok")] },
      async run(stage) {
        let token = "old"
        const credentials = bearer(() => token, { refresh: () => void (token = "new") })
        equal(await stage.api({ auth: credentials }).get("/thing").json(), "ok", "body")
        const sent = (await stage.over(2)).map(({ headers }) => headers["authorization"])
        equal(sent, ["Bearer old", "Bearer new"], "Authorization")
      },
    },
    {
      name: "calls that are refused together share one renewal",
      script: { "GET /thing": { steps: [reply(401), reply(401), reply(401), json("ok")] } },
      async run(stage) {
        let [token, renewals] = ["old", 0]
        const refresh = async (): Promise<void> => {
          await stage.over(3)
          renewals++
          token = "new"
        }
        const api = stage.api({ auth: bearer(() => token, { refresh }) })
        const bodies = await Promise.all([1, 2, 3].map(() => api.get("/thing").json()))
        equal(bodies, ["ok", "ok", "ok"], "bodies")
        equal(renewals, 1, "renewals")
      },
    },
    {
      name: "a token that is refused again is an error, not a loop",
      script: { "GET /thing": reply(401) },
      async run(stage) {
        let count = 0
        const api = stage.api({ auth: bearer(() => `token-${count}`, { refresh: () => void count++ }) })
        equal((await api.get("/thing").outcome()).kind, "client-error", "kind")
        equal((await stage.over(2)).length, 2, "requests")
      },
    },
    {
      name: "names and passwords go out in UTF-8",
      script: { "GET /thing": json("ok") },
      async run(stage) {
        await stage.api({ auth: basic("Ada", "p:ü") }).get("/thing")
        equal((await stage.over(1))[0]?.headers["authorization"], "Basic QWRhOnA6w7w=", "Authorization")
      },
    },
    {
      name: "an API key goes into its header or query",
      script: { "GET /header": json("ok"), "GET /query": json("ok") },
      async run(stage) {
        await stage.api({ auth: apiKey("k-1") }).get("/header")
        await stage.api({ auth: apiKey("k-2", { query: "key" }) }).get("/query")
        const [first, second] = await stage.over(2)
        equal([first?.headers["x-api-key"], second?.target.split("?")[1]], ["k-1", "key=k-2"], "keys")
      },
    },
  ],
}
