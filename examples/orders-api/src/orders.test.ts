import { expect, test } from "vitest"
import { serveForTest, tea } from "./serve-for-test.ts"

interface Made {
  readonly id: string
}

test("POST makes an order: 201, Location and the order", async () => {
  const { call } = await serveForTest()
  const reply = await call("POST", "/orders", { body: { items: [tea], note: "ring twice" } })
  const order = (await reply.json()) as Made
  expect(reply.status).toBe(201)
  expect(reply.headers.get("location")).toBe(`/orders/${order.id}`)
  expect(order).toEqual({
    id: order.id,
    status: "open",
    items: [tea],
    note: "ring twice",
    totalCents: 900,
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
  })
  const read = await call("GET", `/orders/${order.id}`)
  expect(read.status).toBe(200)
  expect(await read.json()).toEqual(order)
})

test("a list comes in pages which Link fields join, and HEAD has the same fields without a body", async () => {
  const { call, api } = await serveForTest()
  const ids: string[] = []
  for (let made = 0; made < 5; made += 1) {
    ids.push(((await (await call("POST", "/orders", { body: { items: [tea] } })).json()) as Made).id)
  }
  await call("POST", "/orders", { token: api.tokens.grace.access, body: { items: [tea] } })
  const seen: string[][] = []
  let path: string | undefined = "/orders?limit=2"
  while (path !== undefined) {
    const reply = await call("GET", path)
    seen.push(((await reply.json()) as Made[]).map((order) => order.id))
    path = /<([^>]*)>; rel="next"/.exec(reply.headers.get("link") ?? "")?.[1]
  }
  expect(seen).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])

  const head = await call("HEAD", "/orders?limit=2")
  expect(head.status).toBe(200)
  expect(head.headers.get("link")).toBe('</orders?limit=2>; rel="first", </orders?limit=2&after=2>; rel="next"')
  expect(await head.text()).toBe("")
})

test.each(["limit=0", "limit=101", "limit=two", "limit=1.5", "after=-1"])(
  "a list with %s is refused",
  async (query) => {
    const { call } = await serveForTest()
    const reply = await call("GET", `/orders?${query}`)
    const parameter = query.split("=", 1)[0]
    expect(reply.status).toBe(400)
    expect(await reply.json()).toMatchObject({
      errors: [{ parameter, detail: expect.stringMatching(/^\w+ must be/) as string }],
    })
  },
)

test("an unknown order is 404, another customer's 403, each with an explanation", async () => {
  const { call, api } = await serveForTest()
  const { id } = (await (await call("POST", "/orders", { body: { items: [tea] } })).json()) as Made
  for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
    const body = method === "PUT" || method === "PATCH" ? { body: { items: [tea] } } : {}
    const unknown = await call(method, "/orders/no-such", body)
    expect(unknown.status).toBe(404)
    expect(await unknown.json()).toMatchObject({ detail: 'There is no order "no-such".' })
    const foreign = await call(method, `/orders/${id}`, { token: api.tokens.grace.access, ...body })
    expect(foreign.status).toBe(403)
    expect(await foreign.json()).toMatchObject({ detail: `The order "${id}" belongs to another customer.` })
  }
  expect((await call("GET", `/orders/${id}`)).status).toBe(200)
})

test("PUT replaces items and note, and keeps what the server decides", async () => {
  const { call, clock } = await serveForTest()
  const { id } = (await (await call("POST", "/orders", { body: { items: [tea], note: "soon" } })).json()) as Made
  clock.nowMs += 1000
  const reply = await call("PUT", `/orders/${id}`, { body: { items: [{ ...tea, quantity: 1 }] } })
  expect(reply.status).toBe(200)
  expect(await reply.json()).toEqual({
    id,
    status: "open",
    items: [{ ...tea, quantity: 1 }],
    totalCents: 450,
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:01.000Z",
  })
})

test("PATCH changes what it names, and null removes the note", async () => {
  const { call } = await serveForTest()
  const { id } = (await (await call("POST", "/orders", { body: { items: [tea], note: "soon" } })).json()) as Made
  const paid = await call("PATCH", `/orders/${id}`, { body: { status: "paid" } })
  expect(await paid.json()).toMatchObject({ status: "paid", note: "soon", items: [tea] })
  const headers = { "content-type": "application/merge-patch+json" }
  const removed = await call("PATCH", `/orders/${id}`, { headers, body: { note: null } })
  expect(removed.status).toBe(200)
  expect(await removed.json()).not.toHaveProperty("note")
})

test("DELETE is 204 without a body, and then the order is gone", async () => {
  const { call } = await serveForTest()
  const { id } = (await (await call("POST", "/orders", { body: { items: [tea] } })).json()) as Made
  const reply = await call("DELETE", `/orders/${id}`)
  expect(reply.status).toBe(204)
  expect(await reply.text()).toBe("")
  expect((await call("DELETE", `/orders/${id}`)).status).toBe(404)
})

test("wrong fields are 400, all listed by pointer, and the detail is a sentence", async () => {
  const { call } = await serveForTest()
  const body = { items: [{ sku: "tea", quantity: 0 }], note: 7, colour: "red" }
  const reply = await call("POST", "/orders", { body })
  expect(reply.status).toBe(400)
  expect(reply.headers.get("content-type")).toBe("application/problem+json")
  const sku = "items[0].sku must be 2 to 32 capital letters, digits or hyphens, such as TEA-250"
  const quantity = "items[0].quantity must be a whole number from 1 to 999"
  expect(await reply.json()).toEqual({
    type: "/problems/invalid-request",
    title: "The request is invalid",
    status: 400,
    detail: `The request was not accepted: ${sku}; ${quantity}; items[0].unitPriceCents is required; note must be text of at most 500 characters; colour is not a known field.`,
    instance: `urn:uuid:${reply.headers.get("x-request-id")}`,
    errors: [
      { pointer: "#/items/0/sku", detail: sku },
      { pointer: "#/items/0/quantity", detail: quantity },
      { pointer: "#/items/0/unitPriceCents", detail: "items[0].unitPriceCents is required" },
      { pointer: "#/note", detail: "note must be text of at most 500 characters" },
      { pointer: "#/colour", detail: "colour is not a known field" },
    ],
  })
  expect(await (await call("GET", "/orders")).json()).toEqual([])
})

test.each([
  [[], "#", "the body must be an object with items"],
  [{}, "#/items", "items is required"],
  [{ items: [] }, "#/items", "items must be a list of 1 to 50 items"],
  [{ items: [tea], "a/b~é": 1 }, "#/a~1b~0%C3%A9", "a/b~é is not a known field"],
])("the body %j is refused at %s", async (body, pointer, detail) => {
  const { call } = await serveForTest()
  const reply = await call("POST", "/orders", { body })
  expect(reply.status).toBe(400)
  expect(await reply.json()).toMatchObject({ errors: [{ pointer, detail }] })
})

test.each(["{", ""])("a body that is not JSON (%j) is refused with 400", async (body) => {
  const { call } = await serveForTest()
  const reply = await call("POST", "/orders", { body })
  expect(reply.status).toBe(400)
  expect(await reply.json()).toMatchObject({
    type: "/problems/malformed-json",
    detail: "The body is not well-formed JSON.",
  })
})

test.each([
  ["DELETE", "/orders", "GET, HEAD, POST"],
  ["POST", "/orders/1", "GET, HEAD, PUT, PATCH, DELETE"],
  ["GET", "/token", "POST"],
  ["PUT", "/openapi.json", "GET, HEAD"],
])("%s %s is 405 and Allow names the methods, as OPTIONS does", async (method, path, allow) => {
  const { call } = await serveForTest()
  const reply = await call(method, path)
  expect(reply.status).toBe(405)
  expect(reply.headers.get("allow")).toBe(allow)
  expect(reply.headers.get("content-type")).toBe("application/problem+json")
  const options = await call("OPTIONS", path, { token: null })
  expect([options.status, options.headers.get("allow")]).toEqual([204, allow])
})

test("an unknown path is 404 and says so", async () => {
  const { call } = await serveForTest()
  const reply = await call("GET", "/customers")
  expect(reply.status).toBe(404)
  expect(await reply.json()).toMatchObject({ detail: "There is nothing at /customers." })
})

test("every reply has an x-request-id of its own", async () => {
  const { call } = await serveForTest()
  const replies = [
    await call("GET", "/orders"),
    await call("HEAD", "/orders"),
    await call("GET", "/orders", { token: null }),
    await call("GET", "/nowhere"),
    await call("PUT", "/orders"),
    await call("OPTIONS", "/orders"),
    await call("POST", "/orders", { body: "{" }),
    await call("GET", "/orders", { headers: { trouble: "503" } }),
    await call("GET", "/openapi.json"),
  ]
  const ids = replies.map((reply) => reply.headers.get("x-request-id"))
  expect(ids).not.toContain(null)
  expect(new Set(ids).size).toBe(replies.length)
})
