import { Validator } from "@seriousme/openapi-schema-validator"
import { expect, test } from "vitest"
import { problems } from "./problem.ts"
import { serveForTest } from "./serve-for-test.ts"

interface Operation {
  readonly responses: Record<string, unknown>
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: unknown }[]
  readonly security?: unknown
}

interface Description {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
}

async function describeApi(): Promise<Description> {
  const { call } = await serveForTest()
  const reply = await call("GET", "/openapi.json", { token: null })
  expect(reply.status).toBe(200)
  return (await reply.json()) as Description
}

test("the description is valid OpenAPI 3.1", async () => {
  const description = await describeApi()
  const result = await new Validator().validate(structuredClone(description) as unknown as Record<string, unknown>)
  expect(result).toEqual({ valid: true })
  expect(description.openapi).toMatch(/^3\.1\./)
})

test("every operation on orders needs the bearer token and lists its errors", async () => {
  const { paths } = await describeApi()
  for (const path of ["/orders", "/orders/{id}"]) {
    for (const operation of Object.values(paths[path] ?? {})) {
      expect(operation.security).toEqual([{ bearer: [] }])
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(["401", "429", "500", "502", "503"]))
    }
  }
})

test("the Idempotency-Key is described where it works, and only there", async () => {
  const { paths } = await describeApi()
  const keyed = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { parameters = [] }]) => parameters.some((p) => p.in === "header" && p.name === "Idempotency-Key"))
      .map(([method]) => `${method} ${path}`),
  )
  expect(keyed).toEqual(["post /orders", "patch /orders/{id}"])
})

test("the paging parameters are described as whole numbers", async () => {
  const { paths } = await describeApi()
  const parameters = paths["/orders"]?.["get"]?.parameters?.filter((parameter) => parameter.in === "query")
  expect(parameters).toMatchObject([
    { name: "limit", schema: { type: "integer", minimum: 1, maximum: 100, default: 20 } },
    { name: "after", schema: { type: "integer", minimum: 0, default: 0 } },
  ])
})

test("what the description offers is what Allow says", async () => {
  const { paths } = await describeApi()
  const { call } = await serveForTest()
  for (const [path, operations] of Object.entries(paths)) {
    const described = Object.keys(operations).map((method) => method.toUpperCase())
    const allowed = (await call("OPTIONS", path.replace("{id}", "1").replace("{name}", "x"))).headers.get("allow")
    expect(
      allowed
        ?.split(", ")
        .filter((method) => method !== "HEAD")
        .toSorted(),
    ).toEqual(described.toSorted())
  }
})

test("every problem type leads to a page that says what to do", async () => {
  const { call } = await serveForTest()
  for (const [name, [status, title, remedy]] of Object.entries(problems)) {
    const page = await call("GET", `/problems/${name}`, { token: null })
    expect(await page.text()).toBe(`${status} ${title}\n\n${remedy}\n`)
  }
  expect((await call("GET", "/problems/toString")).status).toBe(404)
})
