import { rehearse, type Rehearsal } from "@steadfetch/testing"
import { type } from "arktype"
import * as fc from "fast-check"
import * as v from "valibot"
import { describe, expect, test } from "vitest"
import { z } from "zod"
import {
  bearer,
  BodyError,
  ConfigurationError,
  reviveError,
  type RequestOptions,
  type StandardSchema,
} from "./index.ts"

/** A client whose server always answers with this JSON. */
function answering(value: unknown, status = 200, options: Parameters<typeof rehearse>[0] = {}): Rehearsal {
  const stage = rehearse(options)
  stage.server.otherwise.replies(status, value === undefined ? {} : { body: { json: value } })
  return stage
}

/** What a promise is rejected with. */
async function reason<E = BodyError>(promise: PromiseLike<unknown>): Promise<E> {
  return promise.then(() => { throw new Error("resolved") }, (error: unknown) => error as E) // prettier-ignore
}

/** A schema of nobody's library. */
function schemaOf<T>(validate: StandardSchema<T>["~standard"]["validate"]): StandardSchema<T> {
  return { "~standard": { version: 1, vendor: "test", validate } }
}

const refusing = (...issues: { message: string; path?: readonly (PropertyKey | { key: PropertyKey })[] }[]) =>
  schemaOf<never>(() => ({ issues }))

const libraries: readonly (readonly [string, StandardSchema<{ name: string; items: { price: number }[] }>])[] = [
  ["zod", z.object({ name: z.string(), items: z.array(z.object({ price: z.number() })) })],
  ["valibot", v.object({ name: v.string(), items: v.array(v.object({ price: v.number() })) })],
  ["arktype", type({ name: "string", items: type({ price: "number" }).array() })],
]

describe.each(libraries)("a schema of %s", (_, Order) => {
  test("gives the reply's body when that conforms", async () => {
    const body = { name: "Ada", items: [{ price: 3 }] }
    const { api, run } = answering(body)
    expect(await run(api.get("/").json(Order))).toEqual(body)
    expect(await run(api.get("/").then((reply) => reply.json(Order)))).toEqual(body)
  })

  test("refuses another body with an error that names each place", async () => {
    const { api, server, run } = answering({ name: 7, items: [{ price: 3 }, { price: "x" }] })
    const error = await run(reason(api.get("/orders/7").json(Order)))
    expect(BodyError.is(error)).toBe(true)
    expect(error).toMatchObject({ name: "BodyError", status: 200, method: "GET", url: "https://api.test/orders/7" })
    expect(error.message).toMatch(/^GET https:\/\/api\.test\/orders\/7 → 200 OK: the body does not match the schema: /)
    expect(error.issues?.map(({ path }) => path).toSorted()).toEqual(["items.1.price", "name"])
    for (const { message } of error.issues ?? []) expect(error.message).toContain(message)
    expect(server.requests).toHaveLength(1)
  })

  test("checks the request's body before anything is sent", async () => {
    const { api, server, run } = answering(undefined, 201)
    const body = { name: "Ada", items: [{ price: 3 }] }
    await run(api.post("/", { json: body, requestSchema: Order }))
    expect(await server.requests[0]?.json()).toEqual(body)
    const json = { name: "Ada", items: [{ price: "3" }] }
    const error = await run(reason<ConfigurationError>(api.post("/", { json, requestSchema: Order })))
    expect(ConfigurationError.is(error)).toBe(true)
    expect(error.message).toMatch(/^"json" does not match the schema: .*items.*price/)
    expect(error.issues).toMatchObject([{ path: "items.0.price" }])
    expect(server.requests).toHaveLength(1)
  })
})

describe("json(schema)", () => {
  test("gives what the schema makes of the body: defaults, transforms, coercion", async () => {
    const { api, run } = answering({ at: "2026-01-01" })
    const Event = z.object({ at: z.coerce.date(), tags: z.array(z.string()).default([]) })
    expect(await run(api.get("/").json(Event))).toEqual({ at: new Date("2026-01-01"), tags: [] })
  })

  test("waits for a schema that is asynchronous", async () => {
    const { api, run } = answering("a")
    const Known = z.string().refine(async (name) => Promise.resolve(name === "a"), "unknown")
    expect(await run(api.get("/").json(Known))).toBe("a")
    const other = answering("b")
    expect((await other.run(reason(other.api.get("/").json(Known)))).issues).toEqual([{ path: "", message: "unknown" }])
  })

  test("asks for JSON, and reads one reply with many schemas", async () => {
    const { api, server, run } = answering({ a: 1 })
    const call = api.get("/")
    expect(await run(call.json(z.object({ a: z.number() })))).toEqual({ a: 1 })
    expect(await run(call.json(z.object({ a: z.number().transform(String) })))).toEqual({ a: "1" })
    expect(BodyError.is(await run(reason(call.json(z.string()))))).toBe(true)
    expect(await run(call.json())).toEqual({ a: 1 })
    expect(server.requests.map((request) => request.header("accept"))).toEqual(["application/json"])
  })

  test.each([204, 205])("checks undefined for %i, which has no body", async (status) => {
    const { api, run } = answering(undefined, status)
    expect(await run(api.get("/").json(z.object({}).optional()))).toBeUndefined()
    expect((await run(reason(api.get("/").json(z.object({}))))).message).toContain("received undefined")
  })

  test("reads a reply that is no success, and a body that is still a stream", async () => {
    const Problem = z.object({ detail: z.string() })
    const { api, run } = answering({ detail: "No such user" }, 404)
    const outcome = await run(api.get("/").outcome())
    expect(outcome.kind === "client-error" && (await outcome.json(Problem))).toEqual({ detail: "No such user" })
    const streamed = answering({ detail: 1 })
    const under = await streamed.run(streamed.api.get("/").outcome({ reading: "stream" }))
    if (under.kind !== "success") throw new Error(under.kind)
    expect((await streamed.run(reason(under.json(Problem)))).issues).toMatchObject([{ path: "detail" }])
  })

  test("does not ask the schema about an error, nor about what is not JSON", async () => {
    const asked: unknown[] = []
    const schema = schemaOf((value) => ({ value: asked.push(value) }))
    const { api, run } = answering({}, 404)
    expect(await run(reason(api.get("/").json(schema)))).toMatchObject({ name: "NotFoundError" })
    const page = rehearse()
    page.server.replies(200, { body: "<html>" })
    const error = await page.run(reason(page.api.get("/").json(schema)))
    expect([error.name, error.issues, asked]).toEqual(["BodyError", undefined, []])
  })

  test("passes on what a schema throws", async () => {
    const { api, run } = answering({})
    const defect = new RangeError("a defect")
    const schema = schemaOf(() => { throw defect }) // prettier-ignore
    expect(await run(reason(api.get("/").json(schema)))).toBe(defect)
  })

  test.each<[string, unknown, string]>([
    ["null", null, "null"],
    ["a JSON schema", { type: "object" }, "an object (Object)"],
    ["a function", () => true, "a function"],
    ["a text", "user", "a string"],
  ])("refuses %s, and sends nothing", async (_, schema, shown) => {
    const { api, server, run } = answering({})
    const message = `schema: ${shown}; give a Standard Schema`
    expect(await run(reason(api.get("/").json(schema as StandardSchema)))).toMatchObject({ message })
    const options = { json: 1, requestSchema: schema } as RequestOptions
    expect(await run(reason(api.post("/", options)))).toMatchObject({ name: "ConfigurationError", message })
    expect(server.requests).toEqual([])
    const reply = await run(api.get("/"))
    expect(await reason(reply.json(schema as StandardSchema))).toMatchObject({ message })
  })
})

describe("an error of a schema", () => {
  test("has one line, however much is wrong, and at most 100 issues", async () => {
    const { api, run } = answering({})
    const many = Array.from({ length: 1000 }, (_, index) => ({ message: `no\n\u001b[31m ${"x".repeat(600)}`, path: [index] }))
    const error = await run(reason(api.get("/").json(refusing(...many))))
    expect(error.issues).toHaveLength(100)
    expect(error.message.length).toBeLessThan(600)
    // oxlint-disable-next-line no-control-regex
    expect(error.message + JSON.stringify(error.issues)).not.toMatch(/[\n\u001b]/)
  }) // prettier-ignore

  test("writes paths in whatever way they come, and none twice", async () => {
    const { api, run } = answering({})
    const sign = Symbol("sign")
    const schema = refusing(
      { message: "whole" },
      { message: "keys", path: [{ key: "a" }, { key: 0 }, "b", 1, sign] },
      { message: "name must be a string", path: ["name"] },
    )
    expect((await run(reason(api.get("/").json(schema)))).message).toBe(
      "GET https://api.test/ → 200 OK: the body does not match the schema: whole; a.0.b.1.Symbol(sign): keys; name must be a string",
    )
  })

  test("says nothing of values of members that are named like credentials", async () => {
    const secret = "pl4nted-s3cret"
    const { api, run } = answering({ access_token: secret, user: { apiKey: secret }, name: 7 })
    const schema = v.object({
      access_token: v.number(),
      user: v.object({ apiKey: v.number() }),
      name: v.string(),
    })
    const error = await run(reason(api.get("/").json(schema)))
    expect(error.message).toContain("access_token: is wrong; user.apiKey: is wrong; name: Invalid type")
    expect(JSON.stringify(error) + error.stack).not.toContain(secret)
    const json = { access_token: secret, user: { apiKey: secret }, name: "Ada" }
    const refused = await run(reason<ConfigurationError>(api.post("/", { json, requestSchema: schema })))
    expect(refused.message).toBe('"json" does not match the schema: access_token: is wrong; user.apiKey: is wrong')
    expect(JSON.stringify(refused)).not.toContain(secret)
  })

  test("says nothing of the credentials of its call, in messages and paths", async () => {
    const secret = "pl4nted-s3cret"
    const { api, run } = answering({ echo: secret, [secret]: 1 }, 200, { auth: bearer(secret) })
    const Echo = v.strictObject({ echo: v.number() })
    const error = await run(reason(api.get("/").json(Echo)))
    expect(error.issues).toHaveLength(2)
    expect(error.message).toContain('echo: Invalid type: Expected number but received "REDACTED"')
    expect(JSON.stringify(error) + error.message).not.toContain(secret)
  })

  test("comes back from JSON", async () => {
    const { api, run } = answering({ name: 7 })
    const error = await run(reason(api.get("/").json(z.object({ name: z.string() }))))
    const revived = reviveError(JSON.parse(JSON.stringify(error)))
    expect(BodyError.is(revived) && revived.issues).toEqual(error.issues)
    expect(structuredClone(error.toJSON())).toEqual(error.toJSON())
  })

  test("can be made whatever a schema says", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ message: fc.string(), path: fc.array(fc.oneof(fc.string(), fc.nat(), fc.record({ key: fc.string() }))) }, { requiredKeys: ["message"] }),
        ),
        async (issues) => {
          const { api, run } = answering({})
          const error = await run(reason(api.get("/").json(refusing(...issues))))
          expect(error.name).toBe("BodyError")
          expect(error.message.split("\n")).toHaveLength(1)
        },
      ),
      { numRuns: 100 },
    )) // prettier-ignore
})

describe("requestSchema", () => {
  test("sends what the schema makes of the body, the same on every attempt", async () => {
    const { api, server, run } = rehearse({ retry: { baseMs: 0 } })
    server.replies(503).replies(201)
    let asked = 0
    const Draft = z.object({ name: z.string().trim(), at: z.date().transform((date) => { asked++; return date.getTime() }) }) // prettier-ignore
    await run(api.post("/", { json: { name: " Ada ", at: new Date(5), left: "out" }, requestSchema: Draft }))
    const sent = await Promise.all(server.requests.map((request) => request.json()))
    expect([sent, asked]).toEqual([[{ name: "Ada", at: 5 }, { name: "Ada", at: 5 }], 1]) // prettier-ignore
  })

  test("takes values that JSON has no form for, and tells what is wrong with them", async () => {
    const { api, server, run } = answering(undefined, 201)
    const schema = z.object({ id: z.bigint().transform(String), name: z.string() })
    await run(api.post("/", { json: { id: 7n, name: "a" }, requestSchema: schema }))
    expect(await server.requests[0]?.json()).toEqual({ id: "7", name: "a" })
    const error = await run(reason<ConfigurationError>(api.post("/", { json: { id: 7n }, requestSchema: schema })))
    expect(error.issues).toMatchObject([{ path: "name" }])
  })

  test("is about the body: without one it is asked about undefined", async () => {
    const { api, server, run } = answering({})
    const error = await run(reason<ConfigurationError>(api.get("/", { requestSchema: z.object({}) })))
    expect(error).toMatchObject({ name: "ConfigurationError", issues: [{ path: "" }] })
    expect(server.requests).toEqual([])
  })

  test("that takes its time is left at once when the call is aborted", async () => {
    const { api, server, run, clock } = answering({})
    const controller = new AbortController()
    const never = schemaOf(() => new Promise(() => {}))
    clock.after(50, () => controller.abort("left"))
    expect(await run(reason(api.post("/", { json: 1, requestSchema: never, signal: controller.signal })))).toBe("left")
    expect([clock.now(), server.requests]).toEqual([50, []])
  })

  test("is heard once, however often the call is asked", async () => {
    const { api, run } = answering({})
    let asked = 0
    const schema = schemaOf((value) => ({ value: (asked++, value) }))
    const call = api.post("/", { json: 1, requestSchema: schema })
    await run(Promise.all([call, call.json(), call.outcome()]))
    expect(asked).toBe(1)
  })
})
