import { expect, test } from "vitest"
import { describe } from "./describe.ts"
import { petsDocument } from "./test-document.ts"

const described = describe(petsDocument)

test("servers, schemes and what operations need by default are read", () => {
  expect(described.servers).toEqual([
    { url: "https://{region}.pets.test/v1", variables: { region: { default: "eu", enum: ["eu", "us"] } } },
  ])
  expect(described.security).toEqual([["token"], ["key", "app"]])
  expect(described.schemes).toEqual({
    token: { kind: "bearer" },
    key: { kind: "header", name: "X-Api-Key" },
    app: { kind: "query", name: "app" },
    user: { kind: "basic" },
    login: { kind: "bearer" },
    badge: { kind: "other" },
  })
})

test("operations are there for what they say otherwise than most, and no others", () => {
  expect(described.idempotencyKey).toBe("Idempotency-Key")
  expect(described.operations).toEqual({
    "GET /pets": { queryStyles: { tags: "comma", sort: "pipe", expand: "brackets" } },
    "POST /pets": { takesKey: true },
    "GET /pets/{id}": { security: [] },
    "PATCH /pets/{id}": { json: "application/merge-patch+json" },
    "PUT /pets/{id}": { takesKey: true, security: [[], ["user"]], formStyles: { tags: "brackets" } },
    "POST /pets/{id}/photo": { server: "https://files.pets.test", form: "multipart/form-data" },
    "PUT /pets/{id}/photo": { server: "https://files.pets.test", body: "image/png" },
  })
})

const post = (operation: object, more: object = {}) =>
  describe({ openapi: "3.0.3", paths: { "/x": { post: { responses: {}, ...operation } } }, ...more })

test.each(["x-idempotent", "x-idempotency", "x-fern-idempotent"])("%s marks an operation that takes a key", (name) => {
  expect(post({ [name]: true })).toMatchObject({
    idempotencyKey: "Idempotency-Key",
    operations: { "POST /x": { takesKey: true } },
  })
  expect(post({ [name]: false })).not.toHaveProperty("idempotencyKey")
})

test("the field of the key is the one that the document names", () => {
  const headers = { "x-fern-idempotency-headers": [{ header: "X-Once" }] }
  expect(post({ "x-fern-idempotent": true }, headers).idempotencyKey).toBe("X-Once")
  expect(post({}, headers)).not.toHaveProperty("idempotencyKey")
  const parameters = [{ in: "header", name: "x-idempotency-key" }]
  expect(post({ parameters }).idempotencyKey).toBe("x-idempotency-key")
})

test.each([
  [{}, "not an OpenAPI 3 document"],
  [{ openapi: "2.0" }, "not an OpenAPI 3 document"],
  [{ swagger: "2.0" }, "not an OpenAPI 3 document"],
  [[], "not an OpenAPI 3 document"],
  [{ openapi: "3.0.0", paths: { "/x": { $ref: "other.yaml" } } }, `$ref "other.yaml" leads nowhere`],
  [{ openapi: "3.0.0", paths: { "/x": { $ref: "#/nope" } } }, "leads nowhere"],
  [{ openapi: "3.0.0", paths: { "/x": { $ref: "#/a%2" } } }, "leads nowhere"],
  [{ openapi: "3.0.0", paths: { "/x": { $ref: "#/a%ff" } } }, "leads nowhere"],
  [{ openapi: "3.0.0", paths: { "/x": { $ref: "#/paths/~1x" } } }, "leads nowhere"],
])("%j is refused", (document, message) => {
  expect(() => describe(document)).toThrow(message)
})

test("a schema that refers to itself is no list", () => {
  const parameters = [{ in: "query", name: "q", explode: false, schema: { $ref: "#/components/schemas/Loop" } }]
  const components = { schemas: { Loop: { anyOf: [{ allOf: [{ $ref: "#/components/schemas/Loop" }] }] } } }
  expect(post({ parameters }, { components }).operations).toEqual({})
})

test("an object in the query is written by its members, unless its style says otherwise", () => {
  const schema = { allOf: [{ type: "object" }] }
  const parameters = [
    { in: "query", name: "usual", schema },
    { in: "query", name: "listed", explode: false, schema },
    { in: "query", name: "deep", style: "deepObject", schema },
    { in: "query", name: "text", schema: { type: "string" } },
    { in: "query", name: "whole", content: { "application/json": { schema } } },
    { in: "header", name: "other", schema },
  ]
  expect(post({ parameters }).operations).toEqual({
    "POST /x": { queryStyles: { usual: "members", listed: "comma" } },
  })
})

test("an encoding of a form that says nothing of style changes nothing", () => {
  const schema = { properties: { a: { type: "object" }, b: { type: "object" } } }
  const encoding = { a: { contentType: "application/json" }, b: { explode: true } }
  const content = { "application/x-www-form-urlencoded": { schema, encoding } }
  expect(post({ requestBody: { content } }).operations).toEqual({ "POST /x": { formStyles: { b: "members" } } })
})

test("a range of media types is none that a body could be sent as", () => {
  expect(post({ requestBody: { content: { "application/*+json": {} } } }).operations).toEqual({})
})

test("an operation's own server has the defaults of its variables; one that says too little is none", () => {
  const server = (url: string, variables?: object): unknown =>
    post({ servers: [{ url, ...(variables === undefined ? {} : { variables }) }] }).operations["POST /x"]?.server
  expect(server("https://{zone}.up.test/", { zone: { default: "eu" } })).toBe("https://eu.up.test")
  expect(server("https://{zone}.up.test")).toBeUndefined()
  expect(server("/v2")).toBeUndefined()
})
