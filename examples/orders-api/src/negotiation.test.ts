import { expect, test } from "vitest"
import { acceptsJson } from "./negotiation.ts"
import { serveForTest, tea } from "./serve-for-test.ts"

test.each([
  [undefined, true],
  ["", true],
  ["*/*", true],
  ["application/*", true],
  ["text/html, Application/JSON;q=0.1", true],
  ["text/html", false],
  ["application/problem+json", false],
  ["application/json;q=0, */*", false],
  ["application/*;q=0.5, */*;q=0", true],
])("Accept: %s admits JSON: %s", (accept, admitted) => {
  expect(acceptsJson(accept)).toBe(admitted)
})

test("who excludes JSON gets 406, yet may delete, since a 204 has no content", async () => {
  const { call } = await serveForTest()
  const { id } = (await (await call("POST", "/orders", { body: { items: [tea] } })).json()) as { id: string }
  const refused = await call("GET", "/orders", { headers: { accept: "text/html" } })
  expect(refused.status).toBe(406)
  expect(refused.headers.get("content-type")).toBe("application/problem+json")
  expect((await call("DELETE", `/orders/${id}`, { headers: { accept: "text/html" } })).status).toBe(204)
})

test.each([
  ["POST", "/orders", "Accept", "application/json"],
  ["PUT", "/orders/x", "Accept", "application/json"],
  ["PATCH", "/orders/x", "Accept-Patch", "application/json, application/merge-patch+json"],
])("%s of a text gets 415, and %s's %s names the types", async (method, path, field, types) => {
  const { call } = await serveForTest()
  const reply = await call(method, path, { body: "items", headers: { "content-type": "text/plain" } })
  expect(reply.status).toBe(415)
  expect(reply.headers.get(field)).toBe(types)
  expect(await reply.json()).toMatchObject({ detail: `A ${method} takes a body of ${types}, but got text/plain.` })
})
