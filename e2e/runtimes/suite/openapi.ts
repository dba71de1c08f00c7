import { openapi, type Description } from "@steadfetch/openapi"
import { busy, json, reply, type Group } from "./case.ts"
import { equal } from "./check.ts"

interface Paths {
  readonly "/things/{id}": {
    readonly get: {
      readonly parameters: { readonly path: { readonly id: string }; readonly query?: { readonly tags?: string[] } }
      readonly responses: {
        readonly 200: { readonly content: { readonly "application/json": "ok" } }
        readonly 404: { readonly content: { readonly "application/json": { readonly detail: string } } }
      }
    }
    readonly post: {
      readonly parameters: { readonly path: { readonly id: string } }
      readonly requestBody: { readonly content: { readonly "multipart/form-data": { readonly file: string } } }
      readonly responses: { readonly 204: { readonly content?: never } }
    }
  }
}

const description: Description<Paths, { token: "bearer" }> = {
  servers: [{ url: "/" }],
  schemes: { token: { kind: "bearer" } },
  security: [["token"]],
  idempotencyKey: "X-Once",
  operations: {
    "GET /things/{id}": { queryStyles: { tags: "brackets" } },
    "POST /things/{id}": { security: [], takesKey: true, form: "multipart/form-data" },
  },
}

export const typed: Group = {
  name: "OpenAPI",
  cases: [
    {
      name: "a status gives the body that the document says, and the document what is sent",
      script: {
        "GET /things/a%2Fb": json("ok"),
        "GET /things/none": reply(404, { body: { json: { detail: "gone" } } }),
      },
      async run(stage) {
        const api = openapi(description, { baseUrl: stage.base, auth: { token: "t" } })
        equal(await api.get("/things/{id}", { path: { id: "a/b" }, query: { tags: ["x"] } }).json(), "ok", "body")
        const outcome = await api.get("/things/{id}", { path: { id: "none" } }).outcome()
        equal(outcome.status === 404 && outcome.error.body.detail, "gone", "detail")
        const [first] = await stage.over(2)
        equal(first?.headers["authorization"], "Bearer t", "Authorization")
        equal(first?.target.endsWith("/things/a%2Fb?tags%5B0%5D=x"), true, "target")
      },
    },
    {
      name: "a form with a file is sent again with the same key, and without credentials where none are asked for",
      script: { "POST /things/1": [busy, reply(204)] },
      async run(stage) {
        const retry = { attempts: 3, baseMs: 0, capMs: 0, budget: false } as const
        const idempotencyKey = { header: "X-Once", crossOrigin: true }
        const api = openapi(description, { baseUrl: stage.base, auth: { token: "t" }, retry, idempotencyKey })
        await api.post("/things/{id}", { path: { id: "1" }, form: { file: new Blob(["bytes"]) } })
        const sent = await stage.over(2)
        equal(new Set(sent.map(({ headers }) => headers["x-once"])).size, 1, "keys")
        equal(sent[1]?.text.includes("bytes"), true, "file")
        equal(sent[1]?.headers["authorization"], undefined, "Authorization")
      },
    },
  ],
}
