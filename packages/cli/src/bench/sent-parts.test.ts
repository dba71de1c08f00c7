import { expect, test } from "vitest"
import { testSurroundings } from "../test-surroundings.ts"
import { sentParts } from "./sent-parts.ts"

const { surroundings } = testSurroundings()
const asked = { headers: [["a", "b"]], query: [["c", "d"]] } as const
const text = (body: unknown): string => new TextDecoder().decode(body as ArrayBuffer)

test("JSON is kept in memory, with its type unless another is given", async () => {
  const { body, headers } = await sentParts({ ...asked, bodyOptions: { json: '{"item":7}' } }, surroundings)
  expect([body instanceof ArrayBuffer, text(body)]).toEqual([true, '{"item":7}'])
  expect(headers).toEqual([
    ["a", "b"],
    ["content-type", "application/json"],
  ])
  const own = [["Content-Type", "application/vnd.api+json"]] as const
  expect((await sentParts({ ...asked, headers: own, bodyOptions: { json: "{}" } }, surroundings)).headers).toEqual(own)
})

test("a file is read once", async () => {
  const { body, headers } = await sentParts(
    { ...asked, bodyOptions: { data: `@${import.meta.filename}` } },
    surroundings,
  )
  expect([text(body).includes("a file is read once"), headers]).toEqual([true, asked.headers])
})

test("forms, texts and nothing go as they are", async () => {
  expect(await sentParts({ ...asked, bodyOptions: { data: "text" } }, surroundings)).toEqual({ ...asked, body: "text" })
  const { form, body } = await sentParts({ ...asked, bodyOptions: { form: ["e=f"] } }, surroundings)
  expect([form, body]).toEqual([new URLSearchParams("e=f"), undefined])
  expect(await sentParts({ ...asked, bodyOptions: {} }, surroundings)).toEqual(asked)
})
