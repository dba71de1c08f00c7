import { rehearse } from "@steadfetch/testing"
import {
  BodyError,
  bearer,
  ClientError,
  ConfigurationError,
  paging,
  polling,
  type Call,
  type MethodsOf,
  type SchemaIssue,
} from "steadfetch"
import { describe, expect, test } from "vitest"
import { describe as read, openapi } from "../index.ts"
import { petsDocument } from "../test-document.ts"
import { validation, type ValidationOptions } from "./index.ts"

type Polled = Call & MethodsOf<[typeof polling]>
type Paged = Call & MethodsOf<[typeof paging]>
type Verb = (path: string, options?: object) => Call

function rehearseValidation(document: object = petsDocument, options?: ValidationOptions) {
  const { api: client, server, run } = rehearse({ auth: bearer("secret-token"), add: [validation(document, options)] })
  const api = openapi(read(document), client) as unknown as Record<"get" | "post" | "head" | "patch", Verb>
  return { api, client, server, run }
}

/** A document with one operation, whose bodies have this schema, both ways. */
function documentOf(schema: object, openapi = "3.0.3", components: object = {}) {
  const content = { "application/json": { schema } }
  const post = { requestBody: { content }, responses: { 200: { description: "", content } } }
  return { openapi, info: {}, components, paths: { "/x": { post } } }
}

type Mismatch = (BodyError | ConfigurationError) & { readonly issues: readonly SchemaIssue[] }

async function mismatch(promise: PromiseLike<unknown>): Promise<Mismatch> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!BodyError.is(error) && !ConfigurationError.is(error)) throw error ?? new Error("it matched")
  return error as Mismatch
}

/** What is wrong with this body: as a request, and as a reply. */
async function issuesOf(document: object, body: unknown): Promise<{ request: SchemaIssue[]; reply: SchemaIssue[] }> {
  const found: SchemaIssue[][] = []
  const report = (error: BodyError | ConfigurationError) => void found.push([...(error as Mismatch).issues])
  const { api, server, run } = rehearseValidation(document, { report })
  server.replies(200, { body: { json: body } })
  await run(api.post("/x", { json: body }))
  const [request = [], reply = []] = found
  return found.length === 1 ? { request, reply: request } : { request, reply }
}

describe("a reply", () => {
  test("that matches is handed over", async () => {
    const { api, server, run } = rehearseValidation()
    server.replies(200, { body: { json: [{ id: "1", name: "Rex", born: "2020-02-29", parent: null }] } })
    expect(await run(api.get("/pets").json())).toHaveLength(1)
  })

  test("that does not is refused, with the places and what is wrong there, but no values", async () => {
    const { api, server, run } = rehearseValidation()
    server.replies(200, {
      body: {
        json: [
          { id: "1", name: "Rex" },
          { id: "hunter2", name: "", born: "hunter2" },
        ],
      },
    })
    const error = await mismatch(run(api.get("/pets").json()))
    expect(error).toBeInstanceOf(BodyError)
    expect(error).toMatchObject({ status: 200, method: "GET", attempts: [{ status: 200 }] })
    expect(error.issues).toEqual([
      { path: "1.name", message: "must NOT have fewer than 1 characters" },
      { path: "1.born", message: 'must match format "date"' },
    ])
    expect(error.message).toBe(
      'GET https://api.test/pets → 200: the body does not match the document: 1.name: must NOT have fewer than 1 characters; 1.born: must match format "date"',
    )
    expect(JSON.stringify(error)).not.toContain("hunter2")
  })

  test("of an outcome is refused as well", async () => {
    const { api, server, run } = rehearseValidation()
    server.replies(200, { body: { json: {} } })
    expect((await mismatch(run(api.get("/pets").outcome()))).issues).toEqual([{ path: "", message: "must be array" }])
  })

  test("of another media type, another success, or no JSON, is refused", async () => {
    const { api, server, run } = rehearseValidation()
    server.replies(200, { body: "<html>", headers: { "content-type": "text/html; charset=utf-8" } })
    expect((await mismatch(run(api.get("/pets")))).message).toMatch(
      "it is text/html; charset=utf-8, and the document declares application/json",
    )
    server.replies(206, { body: { json: [] } })
    expect((await mismatch(run(api.get("/pets")))).message).toMatch("the document declares 200 alone")
    server.replies(200, { body: "[", headers: { "content-type": "application/json" } })
    expect((await mismatch(run(api.get("/pets")))).message).toMatch("it is not JSON")
  })

  test("that is an error keeps its own explanation", async () => {
    const { api, server, run } = rehearseValidation()
    server.replies(422, { body: { json: { message: "no such name" } } })
    const error = await run(api.post("/pets", { json: { name: "x" } }).json()).catch((reason: unknown) => reason)
    expect(ClientError.is(error) && error.message).toMatch("no such name")
  })

  test("without a body, or read as a stream, is not looked at", async () => {
    const { api, client, server, run } = rehearseValidation()
    server.replies(204).replies(200, { body: { json: "wrong" } })
    await run(api.patch("/pets/{id}", { path: { id: 1 }, json: {} }))
    expect(await run(api.get("/pets").stream())).toBeInstanceOf(ReadableStream)
    server.replies(200, { body: { json: "wrong" } })
    expect(await run(client.get("/pets").json())).toBe("wrong")
  })

  test("of a monitor that the operation led to is not the operation's", async () => {
    const responses = { 202: { description: "Begun" } }
    const jobs = { get: { responses }, post: { responses } }
    const document = { openapi: "3.1.0", paths: { "/jobs": jobs, "/ü b/{id}:go": jobs } }
    const { api: client, server, run } = rehearse({ abilities: [polling], add: [validation(document)] })
    const api = openapi(read(document), client) as unknown as Record<"get" | "post", (...given: unknown[]) => Polled>
    const polled = (call: Polled): Promise<unknown> => {
      server.replies(202, { headers: { location: "/done/1" } }).replies(200, { body: { json: "done" } })
      return run(call.poll().json())
    }
    expect(await polled(api.post("/jobs"))).toBe("done")
    expect(await polled(api.get("/jobs"))).toBe("done")
    server.replies(200, { body: { json: {} } })
    expect((await mismatch(run(api.get("/ü b/{id}:go", { path: { id: "ä/b" } })))).message).toMatch("202 alone")
  })

  test("of a further page is checked like the first", async () => {
    const { api: client, server, run } = rehearse({ abilities: [paging], add: [validation(petsDocument)] })
    const api = openapi(read(petsDocument), client) as unknown as { get(path: string): Paged }
    server
      .replies(200, { body: { json: [{ id: "1", name: "Rex" }] }, headers: { link: '<?page=2>; rel="next"' } })
      .replies(200, { body: { json: [{ id: "2" }] } })
    const names: string[] = []
    const list = async (): Promise<void> => {
      for await (const { name } of api.get("/pets").pages().items<{ name: string }>()) names.push(name)
    }
    expect((await mismatch(run(list()))).issues).toMatchObject([{ path: "0" }])
    expect(names).toEqual(["Rex"])
  })

  test("names no secret: a member that is called like one is not shown", async () => {
    const { api, server, run } = rehearseValidation(documentOf({ additionalProperties: { type: "number" } }))
    server.replies(200, { body: { json: { "secret-token": "x" } } })
    const error = await mismatch(run(api.post("/x", { json: {} })))
    expect(error.issues).toEqual([{ path: "REDACTED", message: "must be number" }])
    expect(JSON.stringify([error, error.message])).not.toContain("secret-token")
  })

  test("that is wrong in a thousand places tells of the first hundred", async () => {
    const { api, server, run } = rehearseValidation(documentOf({ type: "array", items: { type: "string" } }))
    server.replies(200, { body: { json: Array.from({ length: 1000 }, (_, index) => index) } })
    const error = await mismatch(run(api.post("/x", { json: [] })))
    expect(error.issues).toHaveLength(100)
    expect(error.message).toMatch(/4: must be string; and 995 more$/)
  })
})

describe("a request", () => {
  test("that does not match is not sent", async () => {
    const { api, server, run } = rehearseValidation()
    const error = await mismatch(run(api.post("/pets", { json: { name: "", born: "hunter2" } })))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.issues).toEqual([
      { path: "name", message: "must NOT have fewer than 1 characters" },
      { path: "born", message: 'must match format "date"' },
    ])
    expect(error.message).toMatch(/^the body of POST https:\/\/api.test\/pets does not match .*; nothing was sent$/)
    expect([server.requests, error.message.includes("hunter2")]).toEqual([[], false])
  })

  test("is looked at as it is written", async () => {
    const { api, server, run } = rehearseValidation(
      documentOf({ properties: { at: { type: "string", format: "date-time" }, none: { type: "string" } } }),
    )
    server.replies(200, { body: { json: {} } })
    await run(api.post("/x", { json: { at: new Date(0), none: undefined } }))
    expect(server.requests).toHaveLength(1)
  })

  test("need not bring what is read-only", async () => {
    const { api, server, run } = rehearseValidation()
    server.replies(201, { body: { json: { id: "1", name: "Rex" } } })
    await run(api.post("/pets", { json: { name: "Rex" } }))
    server.replies(201, { body: { json: { name: "Rex" } } })
    expect((await mismatch(run(api.post("/pets", { json: { name: "Rex" } })))).issues).toEqual([
      { path: "", message: "must have required property 'id'" },
    ])
  })

  test("is the same on every attempt, and checked once", async () => {
    const { api, server, run } = rehearseValidation()
    server.replies(503).replies(201, { body: { json: { id: "1", name: "Rex" } } })
    await run(api.post("/pets", { json: { name: "Rex" } }))
    expect(server.requests.map((request) => request.text())).toEqual(['{"name":"Rex"}', '{"name":"Rex"}'])
  })
})

test("a body that can be sent once is not used up by looking at it", async () => {
  const { api, server, run } = rehearseValidation()
  server.replies(201, { body: { json: { id: "1", name: "Rex" } } })
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"name":"Rex"}'))
      controller.close()
    },
  })
  await run(api.post("/pets", { body, headers: { "content-type": "application/json" } }))
  expect(server.requests[0]?.text()).toBe('{"name":"Rex"}')
})

test("a report is told instead, also of what errors look like", async () => {
  const told: string[] = []
  const { api, server, run } = rehearseValidation(petsDocument, { report: ({ message }) => void told.push(message) })
  server.replies(422, { body: { json: { detail: 7 } }, headers: { "content-type": "application/problem+json" } })
  expect(await run(api.post("/pets", { json: { name: 7 } }).outcome())).toMatchObject({ status: 422 })
  server.replies(503, { body: "down" })
  server.replies(200, { body: { json: {} } })
  expect(await run(api.get("/pets").json())).toEqual({})
  expect(told).toEqual([
    expect.stringMatching(/^the body of POST .* name: must be string/),
    expect.stringMatching(/^POST .* → 422: .* detail: must be string/),
    expect.stringMatching(/^GET .* → 200: .* must be array/),
  ])
})

const wrong = expect.arrayContaining([expect.objectContaining({ path: "" })])

describe("the dialect of OpenAPI 3.0", () => {
  const ref = {
    schemas: { N: { type: "object", properties: { next: { $ref: "#/components/schemas/N" } }, required: ["v"] } },
  }
  test.each([
    [{ type: "string", nullable: true }, null, []],
    [{ type: "string" }, null, wrong],
    [{ enum: ["a"], nullable: true }, null, []],
    [{ type: "string", enum: ["a"], nullable: true }, null, []],
    [{ type: "string", enum: ["a"], nullable: true }, "b", wrong],
    [{ nullable: true, allOf: [{ type: "object" }] }, null, []],
    [{ nullable: true, allOf: [{ type: "object" }] }, 7, wrong],
    [{ minimum: 3, exclusiveMinimum: true }, 3, wrong],
    [{ minimum: 3, exclusiveMinimum: false }, 3, []],
    [{ maximum: 3, exclusiveMaximum: true }, 3, wrong],
    [{ pattern: "^[a-z\\-]+$" }, "a-b", []],
    [{ pattern: "^[a-z\\-]+$" }, "7", wrong],
    [{ pattern: "^\\p{L}+$" }, "é", []],
    [{ pattern: "\\Ano\\z" }, "yes", []],
    [{ pattern: "(" }, "(", []],
    [{ type: "integer", format: "int32" }, 2 ** 31, wrong],
    [{ type: "string", format: "no-such-format" }, "x", []],
    [{ $ref: "#/components/schemas/N" }, { v: 1, next: { v: 2 } }, []],
    [{ $ref: "#/components/schemas/N" }, { v: 1, next: {} }, [expect.objectContaining({ path: "next" })]],
    [
      { type: "object", properties: { example: { type: "string" } } },
      { example: 7 },
      [expect.objectContaining({ path: "example" })],
    ],
    [{ type: "array", items: { not: { type: "string" } } }, ["x"], [expect.objectContaining({ path: "0" })]],
  ])("%j takes %j as it should", async (schema, body, issues) => {
    expect((await issuesOf(documentOf(schema, "3.0.3", ref), body)).reply).toEqual(issues)
  })
})

describe("the dialect of OpenAPI 3.1", () => {
  test.each([
    [{ type: ["string", "null"] }, null, []],
    [{ type: "string" }, null, wrong],
    [{ exclusiveMinimum: 3 }, 3, wrong],
    [{ const: "a" }, "b", wrong],
    [{ prefixItems: [{ type: "string" }], items: false }, ["a", 1], wrong],
    [{ $ref: "#/components/schemas/S", minLength: 3 }, "ab", wrong],
    [{ if: { type: "string" }, then: { minLength: 3 } }, "ab", wrong],
    [true, "anything", []],
  ])("%j takes %j as it should", async (schema, body, issues) => {
    const document = documentOf(schema as object, "3.1.0", { schemas: { S: { type: "string" } } })
    expect((await issuesOf(document, body)).reply).toEqual(issues)
  })
})

test.each(["writeOnly", "readOnly"])("a member that is %s is needed one way only", async (flag) => {
  const told: string[] = []
  const report = ({ name }: Error) => void told.push(name)
  const schema = { type: "object", required: ["a"], properties: { a: { [flag]: true } } }
  const { api, server, run } = rehearseValidation(documentOf(schema), { report })
  server.replies(200, { body: { json: {} } })
  await run(api.post("/x", { json: {} }))
  expect(told).toEqual([flag === "writeOnly" ? "ConfigurationError" : "BodyError"])
})

test.each([
  [{}, undefined, "not an OpenAPI 3.0 or 3.1 document"],
  [{ openapi: "3.2.0" }, undefined, "not an OpenAPI 3.0 or 3.1 document"],
  [petsDocument, { report: 7 }, "validation.report: 7; give a function"],
  [petsDocument, { nope: 7 }, 'validation: no option "nope"'],
])("validation(%#) is refused", (document, options, message) => {
  expect(() => validation(document, options as never)).toThrow(message)
})

test("a schema that cannot be used is named", async () => {
  const { api, run } = rehearseValidation(documentOf({ type: "nope" }))
  await expect(run(api.post("/x", { json: 1 }))).rejects.toThrow(
    "the document's schema for the body of POST https://api.test/x cannot be used",
  )
  const { api: other, run: running } = rehearseValidation(documentOf({ $ref: "#/components/schemas/Nope" }))
  await expect(running(other.post("/x", { json: 1 }))).rejects.toThrow('$ref "#/components/schemas/Nope" leads nowhere')
})
