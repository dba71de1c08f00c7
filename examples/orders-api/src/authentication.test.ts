import { expect, test } from "vitest"
import { tokenBook } from "./customer-tokens.ts"
import { serveForTest } from "./serve-for-test.ts"

const form = (fields: Record<string, string>) => ({
  token: null,
  body: new URLSearchParams(fields).toString(),
  headers: { "content-type": "application/x-www-form-urlencoded" },
})

test("without a token the reply is 401, problem+json and a bare challenge", async () => {
  const { call } = await serveForTest()
  const reply = await call("GET", "/orders", { token: null })
  expect(reply.status).toBe(401)
  expect(reply.headers.get("www-authenticate")).toBe('Bearer realm="orders"')
  expect(reply.headers.get("content-type")).toBe("application/problem+json")
  expect(await reply.json()).toEqual({
    type: "/problems/unauthenticated",
    title: "No valid credentials",
    status: 401,
    detail: "Send a token as `Authorization: Bearer <token>`.",
    instance: `urn:uuid:${reply.headers.get("x-request-id")}`,
  })
})

test("a wrong token is challenged as invalid, and not repeated to anyone", async () => {
  const { call } = await serveForTest()
  const reply = await call("GET", "/orders", { token: "a-wrong-token" })
  expect(reply.status).toBe(401)
  expect(reply.headers.get("www-authenticate")).toBe(
    'Bearer realm="orders", error="invalid_token", error_description="The access token is not one of ours"',
  )
  expect(await reply.text()).not.toContain("a-wrong-token")
})

test("another scheme counts as no token, and the scheme's letters may be of any case", async () => {
  const { call, api } = await serveForTest()
  const status = async (authorization: string) =>
    (await call("GET", "/orders", { token: null, headers: { authorization } })).status
  expect(await status("Basic YWRhOmFkYQ==")).toBe(401)
  expect(await status(`bearer ${api.tokens.ada.access}`)).toBe(200)
})

test("given tokens are taken", async () => {
  const { call, api } = await serveForTest({ tokens: { ada: "a-token-for-ada-1" } })
  expect(api.tokens.ada.access).toBe("a-token-for-ada-1")
  expect((await call("GET", "/orders", { token: "a-token-for-ada-1" })).status).toBe(200)
})

test("a short-lived token expires after its uses, and a refresh token buys a fresh one", async () => {
  const { call, api } = await serveForTest({ usesPerToken: 2 })
  const { shortLived, refresh } = api.tokens.ada
  const statuses = []
  for (let use = 1; use <= 3; use += 1) statuses.push((await call("GET", "/orders", { token: shortLived })).status)
  expect(statuses).toEqual([200, 200, 401])
  const expired = await call("GET", "/orders", { token: shortLived })
  expect(expired.headers.get("www-authenticate")).toContain('error_description="The access token has expired"')

  const bought = await call("POST", "/token", form({ grant_type: "refresh_token", refresh_token: refresh }))
  expect(bought.status).toBe(200)
  expect(bought.headers.get("cache-control")).toBe("no-store")
  const { access_token, ...rest } = (await bought.json()) as { access_token: string }
  expect(rest).toEqual({ token_type: "Bearer", expires_after_uses: 2 })
  expect((await call("GET", "/orders", { token: access_token })).status).toBe(200)
})

test.each([
  [{ grant_type: "refresh_token", refresh_token: "wrong" }, "invalid_grant"],
  [{ grant_type: "password", refresh_token: "wrong" }, "unsupported_grant_type"],
  [{ grant_type: "refresh_token" }, "invalid_request"],
])("the token endpoint refuses %j as OAuth says", async (fields, error) => {
  const { call } = await serveForTest()
  const reply = await call("POST", "/token", form(fields))
  expect(reply.status).toBe(400)
  expect(reply.headers.get("cache-control")).toBe("no-store")
  expect(await reply.json()).toEqual({ error, error_description: expect.any(String) as string })
})

test("the token endpoint takes a form only", async () => {
  const { call } = await serveForTest()
  const reply = await call("POST", "/token", { token: null, body: { grant_type: "refresh_token" } })
  expect(reply.status).toBe(415)
})

test("only so many short-lived tokens are remembered: the oldest gives way", () => {
  let count = 0
  const book = tokenBook({ given: {}, usesPerToken: 5, uuid: () => `token-${(count += 1)}` })
  const { shortLived, refresh } = book.tokens.ada
  expect(book.admit(shortLived)).toEqual({ customer: "ada" })
  for (let issued = 0; issued < 1000; issued += 1) book.refresh(refresh)
  expect(book.admit(shortLived)).toBe("unknown")
})
