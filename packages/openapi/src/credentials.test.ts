import { rehearse } from "@steadfetch/testing"
import { apiKey, type Call } from "steadfetch"
import { expect, test } from "vitest"
import { describe, openapi, type OpenApiOptions } from "./index.ts"
import { petsDocument } from "./test-document.ts"

type Verb = (path: string, options?: object) => Call
const described = describe(petsDocument)

function rehearseAuth(auth: OpenApiOptions["auth"], more: OpenApiOptions = {}) {
  const { server, run, runtime } = rehearse()
  server.otherwise.replies(204)
  const api = openapi(described, { ...more, auth, transport: server, runtime }) as unknown as Record<
    "get" | "put" | "post",
    Verb
  >
  return { api, server, run }
}

/** What a call of this operation proves itself with. */
async function proof(auth: OpenApiOptions["auth"], make: (api: Record<"get" | "put" | "post", Verb>) => Call) {
  const { api, server, run } = rehearseAuth(auth)
  await run(make(api))
  const [request] = server.requests
  return {
    bearer: request?.header("authorization"),
    key: request?.header("x-api-key"),
    app: new URL(request?.url ?? "").searchParams.get("app"),
  }
}

const none = { bearer: undefined, key: undefined, app: null }

test("an operation gets the first alternative of which all credentials were given", async () => {
  const get = (api: Record<"get", Verb>) => api.get("/pets")
  expect(await proof({ token: "t" }, get)).toEqual({ ...none, bearer: "Bearer t" })
  expect(await proof({ key: "k", app: "a" }, get)).toEqual({ ...none, key: "k", app: "a" })
  expect(await proof({ key: "k", app: "a", token: () => "t" }, get)).toEqual({ ...none, bearer: "Bearer t" })
})

test("an operation that is open to everybody gets none", async () => {
  expect(await proof({ token: "t" }, (api) => api.get("/pets/{id}", { path: { id: 1 } }))).toEqual(none)
})

test("an operation of which the document says nothing gets none", async () => {
  const { security: _, ...silent } = petsDocument
  const { server, run, runtime } = rehearse()
  server.otherwise.replies(204)
  const api = openapi(describe(silent), { auth: { token: "t" }, transport: server, runtime }) as unknown as Record<
    "get",
    Verb
  >
  await run(api.get("/pets"))
  expect(server.requests[0]?.header("authorization")).toBeUndefined()
})

test("an operation with credentials that are optional gets them where there are any", async () => {
  const put = (api: Record<"put", Verb>) => api.put("/pets/{id}", { path: { id: 1 } })
  expect(await proof({ user: { user: "u", password: "p" } }, put)).toEqual({ ...none, bearer: "Basic dTpw" })
  expect(await proof({ token: "t" }, put)).toEqual(none)
})

test("an operation whose credentials are missing is not sent: the error names the schemes", async () => {
  const { api, server, run } = rehearseAuth({ key: "k" })
  const message =
    'GET /pets needs credentials for "token", or for "key" and "app"; give auth: { token: … }, or auth: false for this call'
  await expect(run(api.get("/pets"))).rejects.toThrow(message)
  await expect(run(rehearseAuth(undefined).api.get("/pets"))).rejects.toThrow(message)
  expect(server.requests).toEqual([])
})

test("auth: false sends none, for a call and for a client", async () => {
  expect(await proof({ token: "t" }, (api) => api.get("/pets", { auth: false }))).toEqual(none)
  expect(await proof(false, (api) => api.get("/pets"))).toEqual(none)
})

test("what a call, or its client, brings itself counts as given", async () => {
  const headers = { "X-API-Key": "own" }
  expect(await proof({ app: "a" }, (api) => api.get("/pets", { headers }))).toEqual({ ...none, key: "own", app: "a" })
  const { api, server, run } = rehearseAuth({}, { headers: { authorization: "Bearer own" } })
  await run(api.get("/pets"))
  expect(server.requests[0]?.headers).toContainEqual(["authorization", "Bearer own"])
})

test("a token is renewed after a 401, once for all calls", async () => {
  let token = "old"
  let renewals = 0
  const refresh = () => {
    renewals += 1
    token = "new"
  }
  const { api, server, run } = rehearseAuth({ token: { token: () => token, refresh } })
  server.replies(401).replies(401)
  await run(Promise.all([api.get("/pets"), api.post("/pets", { json: {} })]))
  expect(renewals).toBe(1)
  expect(server.requests.slice(2).map((request) => request.header("authorization"))).toEqual([
    "Bearer new",
    "Bearer new",
  ])
})

test("credentials do not follow a redirect to another origin", async () => {
  const { api, server, run } = rehearseAuth({ token: "t" })
  server.replies(307, { headers: { location: "https://elsewhere.test/pets" } })
  await run(api.get("/pets"))
  expect(server.requests.map((request) => request.header("authorization"))).toEqual(["Bearer t", undefined])
})

test("a scheme of another kind takes a policy", async () => {
  const all = describe({ ...petsDocument, security: [{ badge: [] }] })
  const { server, run, runtime } = rehearse()
  server.otherwise.replies(204)
  const api = openapi(all, {
    auth: { badge: apiKey("b", { header: "x-badge" }) },
    transport: server,
    runtime,
  }) as unknown as Record<"get", Verb>
  await run(api.get("/pets"))
  expect(server.requests[0]?.headers).toContainEqual(["x-badge", "b"])
})
