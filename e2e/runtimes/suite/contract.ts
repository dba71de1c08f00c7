import { ClientError, NotFoundError, ServerError } from "steadfetch"
import { json, reply, type Case, type Group } from "./case.ts"
import { check, equal, rejection } from "./check.ts"

const refusals = [400, 401, 403, 404, 405, 409, 410, 418, 422, 429, 451, 499]
const troubles = [500, 501, 502, 503, 504, 507, 599]

const final = refusals.map((status): Case => ({
  name: `${status} comes back at once and is not sent again`,
  script: { "GET /thing": json({ message: `no: ${status}` }, status) },
  async run(stage) {
    const outcome = await stage.api().get("/thing").outcome()
    check(outcome.kind === "client-error", `kind is ${outcome.kind}`)
    check(ClientError.is(outcome.error), "the error is a ClientError")
    equal(outcome.error.serverMessage, `no: ${status}`, "serverMessage")
    equal(outcome.verdict, "correct", "verdict")
    equal((await stage.over(1)).length, 1, "requests")
  },
}))

const temporary = troubles.map((status): Case => ({
  name: `${status} is sent again until it succeeds`,
  script: { "GET /thing": [reply(status), reply(status), json({ well: true })] },
  async run(stage) {
    const outcome = await stage.api().get("/thing").outcome()
    check(outcome.kind === "success", `kind is ${outcome.kind}`)
    equal(
      outcome.attempts.map((attempt) => attempt.status),
      [status, status, 200],
      "statuses",
    )
    equal((await stage.over(3)).length, 3, "requests")
  },
}))

export const contract: Group = {
  name: "contract",
  cases: [
    {
      name: "200 is accepted",
      script: { "GET /thing": json({ id: 7 }) },
      async run(stage) {
        equal(await stage.api().get("/thing").json(), { id: 7 }, "body")
      },
    },
    {
      name: "201 says where the new resource is",
      script: { "POST /things": json({ id: 7 }, 201, { headers: { location: "things/7" } }) },
      async run(stage) {
        const outcome = await stage
          .api()
          .post("/things", { json: { name: "Ada" } })
          .outcome()
        check(outcome.kind === "success", `kind is ${outcome.kind}`)
        equal(outcome.created, { location: `${stage.base}/things/7` }, "created")
        equal(outcome.verdict, "accept", "verdict")
      },
    },
    ...final,
    ...temporary,
    {
      name: "a user's row goes before the documented ones",
      script: { "GET /lock": [reply(423), json("free")], "GET /broken": reply(500) },
      async run(stage) {
        const api = stage.api({ contract: { 423: "retry", 500: "correct" } })
        equal(await api.get("/lock").json(), "free", "body")
        const error = await rejection(api.get("/broken").json())
        check(ServerError.is(error), `threw ${String(error)}`)
        equal((await stage.over(3)).length, 3, "requests")
      },
    },
    {
      name: "the readers throw an error of the status's own class",
      script: { "GET /thing": reply(404) },
      async run(stage) {
        const error = await rejection(stage.api().get("/thing").json())
        check(error instanceof NotFoundError, `threw ${String(error)}`)
        equal(error.name, "NotFoundError", "name")
      },
    },
  ],
}
