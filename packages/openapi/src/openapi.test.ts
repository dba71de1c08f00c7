import { rehearse } from "@steadfetch/testing"
import { basic, bearer, steadfetch, uploads, type Call, type MethodsOf } from "steadfetch"
import { expect, test } from "vitest"
import {
  clientOptions,
  describe as read,
  openapi,
  type Description,
  type OpenApi,
  type OpenApiOptions,
} from "./index.ts"
import { petsDocument } from "./test-document.ts"

type Uploadable = Call & MethodsOf<[typeof uploads]>
type AnyCall = Call & Record<string, never>
type Verb = (path: string, options?: object) => AnyCall
type Untyped = Readonly<Record<"get" | "post" | "put" | "patch" | "delete" | "head", Verb>>

const described = read(petsDocument)

/** The types are the compiler's to test: here any path goes. */
function rehearseOpenapi(options: OpenApiOptions = {}, description: Description = described) {
  const { server, run, runtime } = rehearse()
  server.otherwise.replies(204)
  const api = openapi(description, { ...options, transport: server, runtime }) as unknown as Untyped &
    Pick<OpenApi<unknown>, "client">
  return { api, server, run }
}

/** The one request of a call. */
async function sent(
  make: (api: Untyped) => PromiseLike<unknown>,
  options: OpenApiOptions = {},
  description?: Description,
) {
  const { api, server, run } = rehearseOpenapi({ auth: { token: "t" }, ...options }, description)
  await run(make(api))
  const [request] = server.requests
  if (request === undefined || server.requests.length > 1) throw new Error("there were other requests")
  return request
}

test("calls go to the document's server, with its variables", async () => {
  expect((await sent((api) => api.get("/pets"))).url).toBe("https://eu.pets.test/v1/pets")
  const us = await sent((api) => api.get("/pets"), { serverVariables: { region: "us" } })
  expect(us.url).toBe("https://us.pets.test/v1/pets")
})

test("baseUrl goes before the document's servers, also those of operations", async () => {
  const baseUrl = "http://localhost:8080/mock"
  expect((await sent((api) => api.get("/pets"), { baseUrl })).url).toBe("http://localhost:8080/mock/pets")
  const photo = await sent((api) => api.post("/pets/{id}/photo", { path: { id: 1 } }), { baseUrl })
  expect(photo.url).toBe("http://localhost:8080/mock/pets/1/photo")
  expect(photo.header("authorization")).toBe("Bearer t")
})

test("an operation with a server of its own goes there, with the credentials that the document asks for", async () => {
  const photo = await sent((api) => api.post("/pets/{id}/photo", { path: { id: "a/b" } }))
  expect(photo.url).toBe("https://files.pets.test/pets/a%2Fb/photo")
  expect(photo.header("authorization")).toBe("Bearer t")
})

test("queries are written as the document says", async () => {
  const query = { tags: ["a", "b"], ids: [1, 2], sort: ["x", "y"], expand: ["p"], born: { gte: 1 }, none: undefined }
  const { url } = await sent((api) => api.get("/pets", { query }))
  expect(decodeURIComponent(new URL(url).search)).toBe("?tags=a,b&ids=1&ids=2&sort=x|y&expand[0]=p&born[gte]=1")
})

test("forms are urlencoded, in the document's styles", async () => {
  const form = { tags: ["a"], owner: { name: "Ada" }, n: 1 }
  const request = await sent((api) => api.put("/pets/{id}", { path: { id: 1 }, form }))
  expect(decodeURIComponent(request.text())).toBe("tags[0]=a&owner[name]=Ada&n=1")
  expect(request.header("content-type")).toMatch("application/x-www-form-urlencoded")
})

test("forms with files are multipart where the document says so", async () => {
  const form = { photo: new Blob(["x"]), title: "Rex" }
  const request = await sent((api) => api.post("/pets/{id}/photo", { path: { id: 1 }, form }))
  expect(request.header("content-type")).toMatch("multipart/form-data")
})

test("a body has the document's media type, unless the call names another", async () => {
  const patch = await sent((api) => api.patch("/pets/{id}", { path: { id: 1 }, json: {} }))
  expect(patch.header("content-type")).toBe("application/merge-patch+json")
  const headers = { "Content-Type": "application/json" }
  const named = await sent((api) => api.patch("/pets/{id}", { path: { id: 1 }, json: {}, headers }))
  expect(named.header("content-type")).toBe("application/json")
  const png = await sent((api) => api.put("/pets/{id}/photo", { path: { id: 1 }, body: new Uint8Array(2) }))
  expect(png.header("content-type")).toBe("image/png")
  const post = await sent((api) => api.post("/pets", { json: {} }))
  expect(post.header("content-type")).toBe("application/json")
})

test("a query, fields and a form that a client takes are taken as they are, and what it refuses is refused", async () => {
  const query = new URLSearchParams([["a", "1"], ["a", "2"]]) // prettier-ignore
  const request = await sent((api) => api.get("/pets", { query, headers: new Headers({ "x-own": "1" }) }))
  expect([new URL(request.url).search, request.header("x-own")]).toEqual(["?a=1&a=2", "1"])
  const pairs = await sent((api) => api.get("/pets", { query: [["b", "1"]], headers: [["x-own", "2"]] }))
  expect([new URL(pairs.url).search, pairs.header("x-own")]).toEqual(["?b=1", "2"])
  const refused = (options: unknown) =>
    sent((api) => api.put("/pets/{id}", { path: { id: 1 }, ...(options as object) }))
  await expect(refused({ query: "a=1" })).rejects.toThrow("query: a string; give { name: value }")
  await expect(refused({ headers: "a: 1" })).rejects.toThrow("headers: a string; give { name: value }")
  await expect(sent((api) => api.get("/pets", null as never))).rejects.toThrow("the call: null")
})

test("header values of any type are sent, and absent ones are not", async () => {
  const headers = { "X-Dry": true, "X-List": [1, 2], "X-None": undefined }
  const request = await sent((api) => api.get("/pets", { headers }))
  expect(["x-dry", "x-list", "x-none"].map((name) => request.header(name))).toEqual(["true", "1,2", undefined])
})

test("the operations that take the key have one, and no others", async () => {
  const key = async (make: (api: Untyped) => PromiseLike<unknown>) => (await sent(make)).header("idempotency-key")
  expect(await key((api) => api.post("/pets", { json: {} }))).toEqual(expect.any(String))
  expect(await key((api) => api.patch("/pets/{id}", { path: { id: 1 }, json: {} }))).toBeUndefined()
  expect(await key((api) => api.put("/pets/{id}", { path: { id: 1 } }))).toEqual(expect.any(String))
  expect(await key((api) => api.get("/pets"))).toBeUndefined()
  const own = { path: { id: 1 }, json: {}, idempotencyKey: "mine" }
  expect(await key((api) => api.patch("/pets/{id}", own))).toBe("mine")
})

test("a key is the same on every attempt", async () => {
  const { api, server, run } = rehearseOpenapi({ auth: { token: "t", user: { user: "u", password: "p" } } })
  server.replies(503)
  await run(api.put("/pets/{id}", { path: { id: 1 } }))
  const [first, second] = server.requests.map((request) => request.header("idempotency-key"))
  expect(first).toEqual(expect.any(String))
  expect(second).toBe(first)
})

test("an operation that takes no key is not sent again where that could apply it twice", async () => {
  const { api, server, run } = rehearseOpenapi({ auth: { token: "t" } })
  server.replies(500)
  expect(await run(api.patch("/pets/{id}", { path: { id: 1 }, json: {} }).outcome())).toMatchObject({ status: 500 })
  expect(server.requests.length).toBe(1)
})

test("a document that says nothing of keys leaves them to the client, in the field that the client has", async () => {
  const silent = read({ openapi: "3.0.0", servers: petsDocument.servers, paths: {} })
  expect((await sent((api) => api.post("/x"), { auth: {} }, silent)).header("idempotency-key")).toEqual(
    expect.any(String),
  )
  const named = { ...silent, idempotencyKey: "X-Once", operations: { "POST /x": { takesKey: true } } } as const
  expect((await sent((api) => api.post("/x"), { auth: {} }, named)).header("x-once")).toEqual(expect.any(String))
})

test("a client of one's own is used as it is, and gets no credentials where the document wants none", async () => {
  const { api: client, server, run } = rehearse({ auth: bearer("own") })
  server.otherwise.replies(204)
  const api = openapi(described, client) as unknown as Untyped
  await run(api.get("/pets"))
  await run(api.get("/pets/{id}", { path: { id: 1 } }))
  await run(api.post("/pets/{id}/photo", { path: { id: 1 } }))
  expect(server.requests.map((request) => [request.url, request.header("authorization")])).toEqual([
    ["https://api.test/pets", "Bearer own"],
    ["https://api.test/pets/1", undefined],
    ["https://api.test/pets/1/photo", "Bearer own"],
  ])
})

test("with types alone, what is sent is as usual", async () => {
  const { api: client, server, run } = rehearse()
  server.otherwise.replies(204)
  const api = openapi(client) as unknown as Untyped
  await run(api.post("/pets", { json: {}, query: { a: [1, 2] } }))
  expect(server.requests[0]?.url).toBe("https://api.test/pets?a=1&a=2")
})

test("abilities are on its calls, and their further calls are the same operation's", async () => {
  const twice = {
    async twice(this: Call) {
      const { method, url, options } = this.context
      await this.context.request(method, url, { ...options })
      return this
    },
  }
  const { api, server, run } = rehearseOpenapi({
    abilities: [twice],
    auth: { token: "t", user: { user: "u", password: "p" } },
  })
  const call = api.put("/pets/{id}", { path: { id: 1 } }) as unknown as { twice(): Promise<unknown> }
  await run(call.twice())
  expect(server.requests.map((request) => request.header("authorization"))).toEqual(["Basic dTpw", "Basic dTpw"])
})

test("clientOptions() makes the same of any client's options", async () => {
  const { server, run, runtime } = rehearse()
  server.otherwise.replies(204)
  const options = clientOptions(described, { auth: { token: "t" }, deadline: 1000 })
  expect(options).toMatchObject({ baseUrl: "https://eu.pets.test/v1", deadline: 1000 })
  const client = steadfetch({ ...options, transport: server, runtime })
  await run((openapi(described, client) as unknown as Untyped).get("/pets"))
  expect(server.requests[0]?.header("authorization")).toBe("Bearer t")
})

test("credentials that are no scheme's are the client's", async () => {
  const bare = read({ openapi: "3.0.0", servers: petsDocument.servers, paths: {} })
  expect((await sent((api) => api.get("/x"), { auth: basic("u", "p") }, bare)).header("authorization")).toBe(
    "Basic dTpw",
  )
})

test("credentials that are no scheme's go to an operation's own server, too, and to no other", async () => {
  const servers = [{ url: "https://uploads.test/v1" }]
  const described = { openapi: "3.0.0", servers: petsDocument.servers, paths: { "/x": { post: { servers } } } }
  const { api, server, run } = rehearseOpenapi({ auth: bearer("t") }, read(described))
  server.replies(204).replies(307, { headers: { location: "https://elsewhere.test/x" } })
  await run(api.get("/x"))
  await run(api.post("/x"))
  expect(server.requests.map(({ url, headers }) => [new URL(url).host, new Map(headers).get("authorization")])).toEqual(
    [
      ["eu.pets.test", "Bearer t"],
      ["uploads.test", "Bearer t"],
      ["elsewhere.test", undefined],
    ],
  )
})

test("an upload has the credentials of its operation, also for what follows its creation", async () => {
  const { server, run, runtime } = rehearse()
  server
    .replies(201, { headers: { location: "/files/1", "tus-resumable": "1.0.0" } })
    .replies(204, { headers: { "upload-offset": "3", "tus-resumable": "1.0.0" } })
  const post = { servers: [{ url: "https://uploads.test" }], security: [{ up: [] }] }
  const securitySchemes = {
    all: { type: "http", scheme: "bearer" },
    up: { type: "apiKey", in: "header", name: "x-up" },
  }
  const document = {
    ...petsDocument,
    components: { securitySchemes },
    security: [{ all: [] }],
    paths: { "/f": { post } },
  }
  const options = { auth: { all: "t", up: "key" }, transport: server, runtime, abilities: [uploads] } as const
  const api = openapi(read(document), options as never) as unknown as { post(path: string): Uploadable }
  await run(api.post("/f").upload(new Uint8Array(3)))
  expect(server.requests.map(({ method, headers }) => [method, new Map(headers).get("x-up")])).toEqual([
    ["POST", "key"],
    ["PATCH", "key"],
  ])
})

test.each([
  [{ serverVariables: { zone: "x" } }, 'has no variable "zone"; there is region'],
  [{ serverVariables: {}, baseUrl: "http://h" }, "baseUrl goes before it; give one"],
  [{ serverVariables: { region: "mars" } }, 'is "mars"; give eu, us'],
  [{ auth: { tokn: "x" } }, 'no security scheme "tokn"; there is token, key, app, user, login, badge'],
  [{ auth: { constructor: "x" } }, 'no security scheme "constructor"'],
  [{ auth: { token: 7 } }, "auth.token: a number; give a token"],
  [{ auth: { user: "u:p" } }, "auth.user: a string; give { user, password }"],
  [{ auth: { key: { key: "x" } } }, "auth.key: an object (Object); give a key"],
  [{ auth: { badge: "x" } }, "auth.badge: a string; give a function (origin) => policy"],
  [{ nope: 1 }, 'no option "nope"'],
])("%j is refused", (options, message) => {
  expect(() => rehearseOpenapi(options as OpenApiOptions)).toThrow(message)
})

test("a file makes a form multipart, also where nobody says so", async () => {
  const { api: client, server, run } = rehearse()
  server.otherwise.replies(204)
  const api = openapi(client) as unknown as Untyped
  await run(api.post("/pets", { form: { photos: [new Blob(["x"])], title: "Rex" } }))
  expect(server.requests[0]?.header("content-type")).toMatch("multipart/form-data")
})

test("a whole list of policies is left as it is", () => {
  const named = { ...described, idempotencyKey: "X-Once" }
  expect(clientOptions(named, {})).toHaveProperty("idempotencyKey", { header: "X-Once" })
  expect(clientOptions(named, { policies: [] })).not.toHaveProperty("idempotencyKey")
  expect(clientOptions(named, { idempotencyKey: false })).toHaveProperty("idempotencyKey", false)
  expect(clientOptions(described, {})).not.toHaveProperty("idempotencyKey")
})

test.each([
  [undefined, "undefined"],
  [{}, "an object (Object)"],
  ["openapi.yaml", "a string"],
])("openapi(%j) is refused", (given, what) => {
  expect(() => openapi(given as never)).toThrow(
    `openapi: ${what}; give the description that steadfetch generate wrote, or a client`,
  )
})

test("a document without an absolute server needs a baseUrl", () => {
  const relative = read({ openapi: "3.1.0", servers: [{ url: "/v1" }], paths: {} })
  expect(() => rehearseOpenapi({}, relative)).toThrow('its server is "/v1"; give "baseUrl"')
  expect(() => rehearseOpenapi({}, read({ openapi: "3.1.0" }))).toThrow('its server is "/"; give "baseUrl"')
})
