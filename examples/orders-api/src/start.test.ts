import { expect, test } from "vitest"
import type { AnsweredRequest } from "./app.ts"
import { serveForTest, tea } from "./serve-for-test.ts"
import { startOrdersApi } from "./start.ts"
import { systemSurroundings } from "./system.ts"

test("listens on loopback, two at once, each with tokens of its own", async () => {
  const [one, two] = [await serveForTest(), await serveForTest({ surroundings: systemSurroundings })]
  expect(one.api.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(two.api.origin).not.toBe(one.api.origin)
  const tokens = [one.api, two.api].flatMap(({ tokens: { ada, grace } }) => [
    ...Object.values(ada),
    ...Object.values(grace),
  ])
  expect(new Set(tokens).size).toBe(12)
})

test("close frees the port, ends slow requests and may be called twice", async () => {
  const answered: AnsweredRequest[] = []
  const api = await startOrdersApi({ onAnswer: (answer) => answered.push(answer) })
  const headers = { authorization: `Bearer ${api.tokens.ada.access}`, trouble: "slow;delay-ms=60000" }
  const slow = fetch(`${api.origin}/orders`, { headers }).catch((error: unknown) => error)
  await fetch(`${api.origin}/openapi.json`)
  await Promise.all([api.close(), api.close()])
  expect(await slow).toBeInstanceOf(TypeError)
  await expect(fetch(`${api.origin}/openapi.json`)).rejects.toThrow(TypeError)
  expect(answered.map(({ path }) => path)).toContain("/openapi.json")
})

test("a port that is taken is the system's error", async () => {
  const { api } = await serveForTest()
  await expect(startOrdersApi({ port: Number(new URL(api.origin).port) })).rejects.toMatchObject({ code: "EADDRINUSE" })
})

test("answers are reported without credentials, query or body", async () => {
  const answered: AnsweredRequest[] = []
  const { call, api } = await serveForTest({ onAnswer: (answer) => answered.push(answer) })
  await call("POST", "/orders?token=secret", { body: { items: [tea] } })
  await call("GET", "/orders", { token: "wrong-token" })
  expect(answered).toMatchObject([
    { method: "POST", path: "/orders", status: 201 },
    { method: "GET", path: "/orders", status: 401 },
  ])
  const text = JSON.stringify(answered)
  for (const secret of [api.tokens.ada.access, "wrong-token", "secret"]) expect(text).not.toContain(secret)
})

test.each([
  [{ usesPerToken: 0 }, "usesPerToken must be a whole number of at least 1, but was 0"],
  [{ keepKeysMs: 1.5 }, "keepKeysMs must be a whole number of at least 1, but was 1.5"],
  [{ trouble: { failShare: 2, seed: 0 } }, "trouble.failShare must be from 0 to 1, but was 2"],
  [{ trouble: { failShare: Number.NaN, seed: 0 } }, "trouble.failShare must be from 0 to 1, but was NaN"],
  [{ trouble: { failShare: 0, seed: -1 } }, "trouble.seed must be a whole number of at least 0, but was -1"],
  [{ tokens: { ada: "short" } }, "tokens.ada must be at least 16 letters"],
  [{ tokens: { ada: "a-token-for-both", grace: "a-token-for-both" } }, "tokens.ada and tokens.grace must differ"],
])("refuses %j", async (options, reason) => {
  await expect(startOrdersApi(options)).rejects.toThrow(reason)
})
