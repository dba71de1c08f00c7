import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { startOrdersApi } from "@steadfetch/example-orders-api"
import { openapi } from "@steadfetch/openapi"
import { validation } from "@steadfetch/openapi/validation"
import { ClientError, ConfigurationError, type BodyError } from "steadfetch"
import { expect, onTestFinished, test } from "vitest"
import { description } from "../../examples/recipes/src/openapi.generated.ts"
import { steadfetch } from "../cli/steadfetch-process.ts"

const items = [{ sku: "TEA-250", quantity: 2, unitPriceCents: 450 }]

async function startOrders() {
  const server = await startOrdersApi()
  onTestFinished(() => server.close())
  const document = (await (await fetch(`${server.origin}/openapi.json`)).json()) as object
  return { server, document }
}

async function orders() {
  const { server, document } = await startOrders()
  const mismatches: (BodyError | ConfigurationError)[] = []
  const api = openapi(description, {
    baseUrl: server.origin,
    auth: { bearer: server.tokens.ada.access },
    add: [validation(document, { report: (mismatch) => void mismatches.push(mismatch) })],
  })
  onTestFinished(() => api.client.close())
  return { api, mismatches }
}

test("the committed file of the recipe is that of the document which the API serves", async () => {
  const { document } = await startOrders()
  const folder = await mkdtemp(join(tmpdir(), "steadfetch-openapi-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, "openapi.json"), JSON.stringify(document))
  const file = fileURLToPath(new URL("../../examples/recipes/src/openapi.generated.ts", import.meta.url))
  expect(await steadfetch(["generate", join(folder, "openapi.json"), "-o", file, "--check"])).toMatchObject({
    code: 0,
    stderr: "",
  })
})

test("every operation is called by its types, and every body is what the document says", async () => {
  const { api, mismatches } = await orders()
  const made = await api.post("/orders", { json: { items } })
  const order = await made.json()
  const path = { id: order.id }
  expect(made.created?.location).toMatch(order.id)
  expect((await api.get("/orders", { query: { limit: 5 } }).json()).map(({ id }) => id)).toEqual([order.id])
  expect((await api.put("/orders/{id}", { path, json: { items, note: "soon" } }).json()).note).toBe("soon")
  expect((await api.patch("/orders/{id}", { path, json: { status: "paid" } }).json()).status).toBe("paid")
  expect(await api.delete("/orders/{id}", { path }).json()).toBeUndefined()
  const gone = await api.get("/orders/{id}", { path }).outcome()
  if (gone.status !== 404) throw new Error(`it is there still: ${gone.status}`)
  expect(gone.error.body.title).toBe((await gone.json()).title)
  expect(await api.get("/problems/{name}", { path: { name: "no-such-path" } }).text()).toMatch(/^404/)
  expect(mismatches).toEqual([])
})

test("a key is sent where the document takes one: an order is made once, although its first reply was lost", async () => {
  const { api } = await orders()
  const made = await api.post("/orders", { json: { items }, headers: { Trouble: "drop;times=1" } })
  expect(made.attempts.length).toBe(2)
  expect(await api.get("/orders").json()).toHaveLength(1)
})

test("a request that the document does not allow is found out before the server does", async () => {
  const { server, document } = await startOrders()
  const auth = { bearer: server.tokens.ada.access }
  const strict = openapi(description, { baseUrl: server.origin, auth, add: [validation(document)] })
  const lax = openapi(description, { baseUrl: server.origin, auth })
  const json = { items: [{ sku: "tea", quantity: 0, unitPriceCents: 1 }] }
  const refused: unknown = await strict
    .post("/orders", { json })
    .outcome()
    .catch((error: unknown) => error)
  expect(ConfigurationError.is(refused) && refused).toMatchObject({
    issues: [{ path: "items.0.sku" }, { path: "items.0.quantity", message: "must be >= 1" }],
  })
  const corrected = await lax.post("/orders", { json }).outcome()
  if (corrected.status !== 400) throw new Error(`it was not refused: ${corrected.status}`)
  expect(ClientError.is(corrected.error)).toBe(true)
  expect(corrected.error.body.errors?.map(({ pointer }) => pointer)).toEqual(["#/items/0/sku", "#/items/0/quantity"])
})
