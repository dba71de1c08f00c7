import { json, reply, type Group } from "./case.ts"
import { check, equal } from "./check.ts"

const to = (status: number, location: string) => reply(status, { headers: { location } })

export const redirects: Group = {
  name: "redirects",
  cases: [
    {
      name: "303 after POST becomes GET",
      script: { "POST /form": to(303, "done"), "GET /done": json("thanks") },
      async run(stage) {
        const outcome = await stage.api().post("/form", { body: "x" }).outcome()
        check(outcome.kind === "success", `kind is ${outcome.kind}`)
        equal([await outcome.json(), outcome.url], ["thanks", `${stage.base}/done`], "body and URL")
      },
    },
    {
      name: "307 and 308 repeat method and body",
      script: { "PUT /a": to(307, "b"), "PUT /b": to(308, "c"), "PUT /c": json("stored") },
      async run(stage) {
        equal(await stage.api().put("/a", { body: "the body" }).json(), "stored", "body")
        equal(
          (await stage.over(3)).map(({ text }) => text),
          ["the body", "the body", "the body"],
          "bodies",
        )
      },
    },
    {
      name: "a redirect without end ends the call",
      script: { "GET /loop": to(302, "loop") },
      async run(stage) {
        const outcome = await stage.api({ retry: false }).get("/loop").outcome()
        equal(outcome.kind, "no-reply", "kind")
        equal((await stage.over(21)).length, 21, "requests")
      },
    },
    {
      name: "a client's credentials do not follow to another origin",
      script: { "GET /away": to(302, "{origin:desk}/headers") },
      async run(stage) {
        const api = stage.api({ headers: { authorization: "Bearer secret", "x-api-key": "secret" } })
        const headers = await api.get("/away").json<Record<string, string>>()
        equal(headers["authorization"], undefined, "Authorization")
        equal(headers["x-api-key"], stage.differs("browser-follows") ? "secret" : undefined, "X-API-Key")
      },
    },
    {
      name: "a redirect can be handed over instead",
      script: { "GET /old": to(302, "new"), "GET /new": json("new") },
      async run(stage) {
        const outcome = await stage.api().get("/old", { redirect: "manual" }).outcome()
        if (stage.differs("browser-follows")) {
          check(outcome.kind === "no-reply", `kind is ${outcome.kind}`)
          return equal([outcome.error.code, (await stage.over(1)).length], ["redirect", 1], "code and requests")
        }
        check(outcome.kind === "success", `kind is ${outcome.kind}`)
        equal([outcome.status, outcome.headers.get("location")], [302, "new"], "status and Location")
      },
    },
  ],
}
