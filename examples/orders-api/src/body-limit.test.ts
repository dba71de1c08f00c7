import { expect, test } from "vitest"
import { serveForTest, tea } from "./serve-for-test.ts"

const globalsBefore = [globalThis.Request, globalThis.Response]

/** Sent in chunks, without a Content-Length. */
function streamed(origin: string, token: string, chunks: readonly string[]): Promise<Response> {
  return fetch(`${origin}/orders`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: new Blob([...chunks]).stream(),
    duplex: "half",
  } as RequestInit)
}

test("a body above 100 KiB is refused with 413", async () => {
  const { call } = await serveForTest()
  const reply = await call("POST", "/orders", { body: { items: [tea], note: "x".repeat(101 * 1024) } })
  expect(reply.status).toBe(413)
  expect(await reply.json()).toMatchObject({ detail: "The body is larger than 100 KiB." })
})

test("a body of unannounced length is taken when small and refused with 413 when large", async () => {
  const { api } = await serveForTest()
  const token = api.tokens.ada.access
  expect((await streamed(api.origin, token, [JSON.stringify({ items: [tea] })])).status).toBe(201)
  const large = await streamed(
    api.origin,
    token,
    Array.from({ length: 11 }, () => "x".repeat(10 * 1024)),
  )
  expect(large.status).toBe(413)
})

test("a body on a method that takes none is let go", async () => {
  const { call } = await serveForTest()
  expect((await call("DELETE", "/orders/1", { body: { reason: "none" } })).status).toBe(404)
})

test("the globals stay as they were: the API also runs inside other programs", async () => {
  await serveForTest()
  expect([globalThis.Request, globalThis.Response]).toEqual(globalsBefore)
})
