import { bearer, CallError, ConflictError, explain, reviveError, StatusError } from "steadfetch"
import { json, reply, type Case, type Group } from "./case.ts"
import { check, equal, rejection } from "./check.ts"

const problem = { type: "about:blank", title: "Conflict", detail: "the name is taken", code: "name_taken" }

const words: readonly (readonly [string, unknown, string])[] = [
  ["problem details", problem, "the name is taken"],
  ["an error object", { error: { message: "no such model" } }, "no such model"],
  ["a list of errors", { errors: [{ message: "name is missing" }] }, "name is missing"],
]

const explained = words.map(([form, body, message]): Case => ({
  name: `the server's own words are in the message: ${form}`,
  script: { "GET /thing": json(body, 409) },
  async run(stage) {
    const error = await rejection(stage.api().get("/thing").json())
    check(StatusError.is(error), `threw ${String(error)}`)
    check(error.message.includes(message), error.message)
    equal(explain(new Headers(), JSON.stringify(body)).message, message, "explain")
  },
}))

export const errors: Group = {
  name: "errors",
  cases: [
    ...explained,
    {
      name: "code, request id and body are fields",
      script: { "GET /thing": json(problem, 409, { headers: { "x-request-id": "r-7" } }) },
      async run(stage) {
        const error = await rejection(stage.api().get("/thing").json())
        check(error instanceof ConflictError, `threw ${String(error)}`)
        equal([error.status, error.code, error.requestId], [409, "name_taken", "r-7"], "fields")
        equal(error.body, problem, "body")
      },
    },
    {
      name: "an error keeps class and fields through JSON",
      script: { "GET /thing": json(problem, 409) },
      async run(stage) {
        const error = await rejection(stage.api().get("/thing").json())
        const revived = reviveError(JSON.parse(JSON.stringify(error)))
        check(revived instanceof ConflictError, `revived ${String(revived)}`)
        equal([revived.message, revived.attempts.length], [(error as CallError).message, 1], "message and attempts")
      },
    },
    {
      name: "an echoed credential is in no message and no field",
      script: { "GET /thing": json({ message: "the token s3cr3t-t0ken is not known" }, 403) },
      async run(stage) {
        const api = stage.api({ auth: bearer("s3cr3t-t0ken"), headers: { "x-api-key": "k3y-of-mine" } })
        const error = await rejection(api.get("/thing", { query: { access_token: "query-s3cret" } }).json())
        check(CallError.is(error), `threw ${String(error)}`)
        const all = `${error.message} ${JSON.stringify(error)} ${String(error.stack)}`
        for (const secret of ["s3cr3t-t0ken", "k3y-of-mine", "query-s3cret"])
          check(!all.includes(secret), `${secret} is in ${all}`)
      },
    },
    {
      name: "no reply is told with the platform's own error as its cause",
      script: { "GET /thing": reply(200) },
      async run(stage) {
        const error = await rejection(stage.api({ baseUrl: stage.refused, retry: false }).get("/thing").json())
        check(CallError.is(error), `threw ${String(error)}`)
        check(error.cause instanceof Error, `cause is ${String(error.cause)}`)
        check(error.message.includes("no reply"), error.message)
      },
    },
  ],
}
