import { all, BodyError, OperationError, polling, steadfetch, type StandardSchema } from "steadfetch"
import { json, reply, silence, type Group } from "./case.ts"
import { check, equal, rejection } from "./check.ts"

/** A schema of no library: the length of a text. */
const Length: StandardSchema<number> = {
  "~standard": {
    version: 1,
    vendor: "suite",
    validate: async (value) =>
      typeof value === "string" ? { value: value.length } : { issues: [{ message: "no text", path: ["at", 0] }] },
  },
}

/** Schemas, long operations and batches. */
export const operations: Group = {
  name: "operations",
  cases: [
    {
      name: "A schema checks a reply and a request",
      script: { "GET /text": json("abc"), "GET /number": json(7), "POST /": reply(201) },
      async run(stage) {
        const api = stage.api()
        equal(await api.get("/text").json(Length), 3, "what the schema makes of it")
        const error = await rejection(api.get("/number").json(Length))
        check(BodyError.is(error) && error.message.endsWith("at.0: no text"), `the error is ${String(error)}`)
        await api.post("/", { json: "abcd", requestSchema: Length })
        await rejection(api.post("/", { json: 7, requestSchema: Length }))
        equal((await stage.over(3)).map(({ text }) => text), ["", "", "4"], "the requests' bodies")
      },
    },
    {
      name: "A long operation is followed to its result",
      script: {
        "POST /exports": reply(202, { headers: { "operation-location": "jobs/7" } }),
        "GET /jobs/7": [json({ status: "Running" }), reply(202), json({ status: "Succeeded" }, 200, { headers: { location: "../files/7" } })],
        "GET /files/7": json({ rows: 3 }),
      },
      async run(stage) {
        const api = steadfetch({ baseUrl: stage.base, abilities: [polling] })
        equal(await api.post("/exports").poll({ baseMs: 1 }).json(), { rows: 3 }, "the result")
      },
    },
    {
      name: "The deadline of a long operation ends a request for its monitor",
      script: { "POST /exports": reply(202, { headers: { location: "jobs/7" } }), "GET /jobs/7": silence },
      async run(stage) {
        const api = steadfetch({ baseUrl: stage.base, abilities: [polling] })
        const error = await rejection(api.post("/exports").poll({ baseMs: 1, deadline: 500 }))
        check(OperationError.is(error) && error.reason === "deadline", `the error is ${String(error)}`)
        equal((await stage.over(2)).length, 2, "requests, none of them open")
      },
    },
    {
      name: "A batch ends in order, and an abort ends it at once",
      script: { "GET /0": json(0, 200, { delayMs: 40 }), "GET /1": reply(404), "GET /2": json(2), "GET /3": silence },
      async run(stage) {
        const api = stage.api()
        const controller = new AbortController()
        const batch = all([0, 1, 2, 3, 4], (id) => api.get(`/${id}`), { concurrency: 1, signal: controller.signal })
        await stage.arrived(4)
        controller.abort("enough")
        const { ends } = await batch
        equal(ends.map(({ kind }) => kind), ["success", "client-error", "success", "thrown", "not-sent"], "how they ended")
      },
    },
  ],
} // prettier-ignore
