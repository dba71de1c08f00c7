import { expect, test } from "vitest"
import { outcomeOf, type Attempt } from "../test-outcomes.ts"
import { report } from "./report.ts"

const reported = async (...attempts: readonly Attempt[]): Promise<unknown> =>
  JSON.parse(JSON.stringify(await report(await outcomeOf(...attempts), "GET")))

test("a success has its status, header fields and parsed body", async () => {
  const headers: [string, string][] = [["content-type", "application/json"]]
  expect(await reported({ status: 200, headers, body: '{"id":7}' })).toMatchObject({
    outcome: "success",
    method: "GET",
    url: "https://api.example.com/users",
    status: 200,
    statusName: "OK",
    headers: { "content-type": "application/json" },
    bodyForm: "json",
    body: { id: 7 },
    attempts: [{ number: 1, status: 200 }],
    retryAt: null,
    error: null,
  })
})

test("cookies, which cannot be joined, are a list", async () => {
  const headers: [string, string][] = [
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
    ["vary", "a"],
    ["vary", "b"],
  ]
  expect(await reported({ status: 204, headers })).toMatchObject({
    headers: { "set-cookie": ["a=1", "b=2"], vary: "a, b" },
  })
})

test.each([
  ["text", "hello", "text", "hello"],
  ["bytes", Uint8Array.of(255, 0), "base64", "/wA="],
  ["nothing", "", "none", null],
] as const)("a body of %s says its form", async (_, body, bodyForm, shown) => {
  const given = typeof body === "string" ? body : new Uint8Array(body)
  expect(await reported({ status: 200, body: given })).toMatchObject({ bodyForm, body: shown })
})

test("a client error has the server's explanation", async () => {
  const body = JSON.stringify({ detail: '"email" is required', errors: [] })
  expect(await reported({ status: 400, body })).toMatchObject({
    outcome: "client-error",
    status: 400,
    error: { name: "BadRequestError", serverMessage: '"email" is required', status: 400 },
  })
})

test("a server error has all attempts and when to come back", async () => {
  const unavailable = { status: 503 }
  expect(await reported(unavailable, unavailable)).toMatchObject({
    outcome: "server-error",
    attempts: [
      { number: 1, status: 503, why: "backoff" },
      { number: 2, status: 503 },
    ],
    retryAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    error: { name: "ServiceUnavailableError" },
  })
})

test("without a reply there is no status and no body", async () => {
  expect(await reported("refused")).toMatchObject({
    outcome: "no-reply",
    url: "https://api.example.com/users",
    status: null,
    headers: null,
    body: null,
    attempts: [{ failure: "refused" }],
    error: { name: "NoReplyError", code: "refused" },
  })
})
