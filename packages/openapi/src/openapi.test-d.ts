import { expectTypeOf, test } from "vitest"
import {
  steadfetch,
  type Call,
  type CallOutcome,
  type ClientError,
  type NoReplyError,
  type ServerError,
} from "steadfetch"
import {
  clientOptions,
  describe,
  openapi,
  type Description,
  type Given,
  type OpenApi,
  type Operation,
  type PathsWith,
  type TypedCall,
} from "./index.ts"

interface Pet {
  readonly id: string
  readonly name: string
}
interface Problem {
  readonly detail: string
}
interface Json<Body> {
  readonly headers: Record<string, unknown>
  readonly content: { readonly "application/json": Body }
}
interface ProblemReply {
  readonly headers: Record<string, unknown>
  readonly content: { readonly "application/problem+json": Problem }
}
interface Empty {
  readonly headers: Record<string, unknown>
  readonly content?: never
}
interface None {
  readonly query?: never
  readonly header?: never
  readonly path?: never
  readonly cookie?: never
}

/** As generators write them. */
interface Paths {
  "/pets": {
    parameters: None
    get: {
      parameters: Omit<None, "query"> & { query?: { limit?: number; sort?: "name" | "born" } }
      requestBody?: never
      responses: { 200: Json<Pet[]>; 304: Empty; 404: Json<Problem>; "4XX": ProblemReply; default: Json<"odd"> }
    }
    post: {
      parameters: Omit<None, "header"> & { header: { "Idempotency-Key": string; "X-Dry"?: boolean } }
      requestBody: { content: { "application/json": { name: string } } }
      responses: { 201: Json<Pet>; 202: Empty; 503: { headers: object; content: { "text/plain": string } } }
    }
    head: { parameters: None; requestBody?: never; responses: { 200: Empty } }
    put?: never
  }
  "/pets/{id}": {
    parameters: None
    get: {
      parameters: Omit<None, "path"> & { path: { id: string } }
      requestBody?: never
      responses: { "2XX": Json<Pet>; "5xx": ProblemReply }
    }
    patch: {
      parameters: Omit<None, "path" | "header"> & { path: { id: string }; header: { "If-Match": string } }
      requestBody?: {
        content: {
          "application/merge-patch+json": { name?: string }
          "application/x-www-form-urlencoded": { name?: string; tags?: string[] }
          "multipart/form-data": { photo: string; photos?: string[]; size: "s" | "l" }
          "image/png": string
        }
      }
      responses: { 204: Empty; default: Json<Problem> }
    }
    delete: {
      parameters: Omit<None, "path" | "query"> & { path: { id: string }; query: { reason: string } }
      requestBody?: never
      responses: { default: Json<Pet> }
    }
  }
  "/spring": {
    parameters: None
    get: {
      parameters: None
      requestBody?: never
      responses: {
        200: { headers: object; content: { "*/*": Pet } }
        400: { headers: object; content: { "*/*": Problem } }
      }
    }
  }
}

declare const description: Description<Paths, { token: "bearer"; user: "basic"; key: "header"; badge: "other" }>
const api = openapi(description, { auth: { token: "t" } })
const path = { id: "1" }

test("the JSON of a call is the union of its declared successes", () => {
  expectTypeOf(api.get("/pets").json()).toEqualTypeOf<Promise<Pet[]>>()
  expectTypeOf(api.post("/pets", { json: { name: "Rex" } }).json()).toEqualTypeOf<Promise<Pet>>()
  expectTypeOf(api.get("/pets/{id}", { path }).json()).toEqualTypeOf<Promise<Pet>>()
  expectTypeOf(api.patch("/pets/{id}", { path, headers: { "If-Match": "e" } }).json()).toEqualTypeOf<
    Promise<undefined>
  >()
  expectTypeOf(api.delete("/pets/{id}", { path, query: { reason: "r" } }).json()).toEqualTypeOf<Promise<Pet>>()
  // @ts-expect-error it is not what the document says
  const wrong: Promise<string> = api.get("/pets").json()
  void wrong
})

test("a type of one's own, said aloud, goes before the document's", () => {
  expectTypeOf(api.get("/pets").json<"mine">()).toEqualTypeOf<Promise<"mine">>()
})

test("awaiting a call gives its success", async () => {
  const reply = await api.get("/pets")
  expectTypeOf(reply.kind).toEqualTypeOf<"success">()
  expectTypeOf(await reply.json()).toEqualTypeOf<Pet[]>()
})

test("a status narrows an outcome: its own, its range's, the default, and no reply", async () => {
  const outcome = await api.get("/pets").outcome()
  switch (outcome.status) {
    case 200:
      expectTypeOf(outcome.kind).toEqualTypeOf<"success">()
      expectTypeOf(await outcome.json()).toEqualTypeOf<Pet[]>()
      break
    case 304:
      expectTypeOf(await outcome.json()).toEqualTypeOf<undefined>()
      break
    case 404:
      expectTypeOf(await outcome.json()).toEqualTypeOf<Problem>()
      expectTypeOf(outcome.error.body).toEqualTypeOf<Problem>()
      expectTypeOf(outcome.error.status).toEqualTypeOf<404>()
      expectTypeOf(outcome.error).toExtend<ClientError>()
      break
    case 422:
      expectTypeOf(await outcome.json()).toEqualTypeOf<Problem>()
      expectTypeOf(outcome.error).toExtend<ClientError>()
      break
    case 503:
      expectTypeOf(await outcome.json()).toEqualTypeOf<"odd">()
      expectTypeOf(outcome.error).toExtend<ServerError>()
      break
    case undefined:
      expectTypeOf(outcome.error).toEqualTypeOf<NoReplyError>()
      expectTypeOf(outcome).not.toHaveProperty("json")
      break
    default:
      expectTypeOf(outcome.kind).toEqualTypeOf<"success" | "client-error" | "server-error">()
  }
})

test("a kind narrows an outcome to what the document says for its statuses", async () => {
  const outcome = await api.get("/pets").outcome()
  expectTypeOf(outcome.kind).toEqualTypeOf<CallOutcome["kind"]>()
  if (outcome.kind === "success") expectTypeOf(await outcome.json()).toEqualTypeOf<Pet[] | undefined>()
  if (outcome.kind === "client-error") expectTypeOf(await outcome.json()).toEqualTypeOf<Problem>()
  if (outcome.kind === "server-error") expectTypeOf(outcome.error.body).toEqualTypeOf<"odd">()
  if (outcome.kind === "no-reply") expectTypeOf(outcome.status).toEqualTypeOf<undefined>()
})

test("a status that the document does not declare has no JSON that it promises", async () => {
  const outcome = await api.post("/pets", { json: { name: "Rex" } }).outcome()
  if (outcome.status === 418) {
    expectTypeOf(await outcome.json()).toBeNever()
    expectTypeOf(outcome.error.body).toBeUnknown()
  }
  if (outcome.status === 503) expectTypeOf(outcome.error.body).toEqualTypeOf<string>()
  if (outcome.kind === "success") expectTypeOf(await outcome.json()).toEqualTypeOf<Pet>()
})

test("a reply that is declared as of any type is taken for JSON", async () => {
  expectTypeOf(api.get("/spring").json()).toEqualTypeOf<Promise<Pet>>()
  const outcome = await api.get("/spring").outcome()
  if (outcome.status === 400) expectTypeOf(outcome.error.body).toEqualTypeOf<Problem>()
})

test("parameters are checked, and what the client sends itself is not asked for", () => {
  const limit = 3 as number | undefined
  const query = { limit, sort: undefined }
  expectTypeOf(api.get("/pets", { query, headers: { "x-any": 1 }, deadline: 100 })).toExtend<Call>()
  void api.post("/pets", { json: { name: "Rex" }, headers: { "X-Dry": true, "Idempotency-Key": "k" } })
  // @ts-expect-error a limit is a number
  void api.get("/pets", { query: { limit: "3" } })
  // @ts-expect-error no such parameter
  void api.get("/pets", { query: { limits: 3 } })
  // @ts-expect-error a path has its values
  void api.get("/pets/{id}")
  // @ts-expect-error there is no such value
  void api.get("/pets/{id}", { path: { id: "1", name: "x" } })
  // @ts-expect-error there is nothing to fill in
  void api.get("/pets", { path: { id: "1" } })
  // @ts-expect-error the query is required
  void api.delete("/pets/{id}", { path })
  // @ts-expect-error a required parameter is not undefined
  void api.delete("/pets/{id}", { path, query: { reason: undefined } })
  // @ts-expect-error the header is required
  void api.patch("/pets/{id}", { path })
  // @ts-expect-error it is true or false
  void api.post("/pets", { json: { name: "Rex" }, headers: { "X-Dry": "yes" } })
  // @ts-expect-error no such option
  void api.get("/pets", { deadlin: 100 })
  // @ts-expect-error no such path
  void api.get("/dogs")
  // @ts-expect-error no such method there
  void api.put("/pets")
})

test("of a wrong path, the path is what the compiler complains of, and not the arguments after it", () => {
  // What a path is taken for that is none of them.
  type Arguments = Given<Operation<Paths, PathsWith<Paths, "get">, "get">>
  expectTypeOf<[]>().toExtend<Arguments>()
  expectTypeOf<[{ deadline: 100 }]>().toExtend<Arguments>()
})

test("bodies are those that the document takes", () => {
  const headers = { "If-Match": "e" }
  expectTypeOf(api.patch("/pets/{id}", { path, headers, json: { name: "Rex" } })).toExtend<Call>()
  void api.patch("/pets/{id}", { path, headers, form: { tags: ["a"] } })
  void api.patch("/pets/{id}", { path, headers, form: { photo: new Blob(), photos: [new Blob()], size: "s" } })
  void api.patch("/pets/{id}", { path, headers, form: new FormData() })
  void api.patch("/pets/{id}", { path, headers, body: new Uint8Array() })
  // @ts-expect-error one body only
  void api.patch("/pets/{id}", { path, headers, json: {}, form: {} })
  // @ts-expect-error no such size
  void api.patch("/pets/{id}", { path, headers, form: { photo: new Blob(), size: "xl" } })
  // @ts-expect-error the body is required
  void api.post("/pets")
  // @ts-expect-error a name is a text
  void api.post("/pets", { json: { name: 7 } })
  // @ts-expect-error a GET has no body
  void api.get("/pets", { json: {} })
})

test("credentials are those of the document's schemes", () => {
  const refresh = (): void => {}
  expectTypeOf(openapi(description, { auth: {} })).toEqualTypeOf<OpenApi<Paths>>()
  openapi(description, { auth: { token: () => "t", user: { user: "u", password: "p" }, key: "k" } })
  openapi(description, { auth: { token: { token: "t", refresh } } })
  openapi(description, { auth: false })
  // @ts-expect-error no such scheme
  openapi(description, { auth: { tokn: "t" } })
  // @ts-expect-error a user has a password
  openapi(description, { auth: { user: { user: "u" } } })
  // @ts-expect-error a key is a text
  clientOptions(description, { auth: { key: 7 } })
})

const counting = { count: (): number => 1 }

test("the methods of abilities are on the calls", () => {
  const able = openapi(description, { abilities: [counting] })
  expectTypeOf(able.get("/pets").count()).toEqualTypeOf<number>()
  expectTypeOf(able.get("/pets").json()).toEqualTypeOf<Promise<Pet[]>>()
  const client = steadfetch({ abilities: [counting] })
  expectTypeOf(openapi(description, client).get("/pets").count()).toEqualTypeOf<number>()
  expectTypeOf(openapi<Paths, typeof client>(client).get("/pets").count()).toEqualTypeOf<number>()
  expectTypeOf(openapi(description, client).client).toEqualTypeOf(client)
  // @ts-expect-error not without the ability
  void api.get("/pets").count
})

test("types alone, and a description that was read, type as much", () => {
  expectTypeOf(openapi<Paths>(steadfetch())).toExtend<OpenApi<Paths>>()
  expectTypeOf(openapi<Paths>(steadfetch()).get("/pets").json()).toEqualTypeOf<Promise<Pet[]>>()
  expectTypeOf(
    openapi(describe<Paths>({}), { auth: { any: "t" } })
      .get("/pets")
      .json(),
  ).toEqualTypeOf<Promise<Pet[]>>()
})

test("a typed call is a call", () => {
  expectTypeOf(api.get("/pets")).toExtend<Call>()
  expectTypeOf(api.get("/pets")).toExtend<TypedCall<Paths["/pets"]["get"]["responses"]>>()
})
