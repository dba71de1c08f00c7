import { expect, test } from "vitest"
import { Interruption } from "../exit-codes.ts"
import { outcomeOf, type Attempt } from "../test-outcomes.ts"
import type { LineCall } from "./call-line.ts"
import { resultOf, type End } from "./results.ts"

const item: LineCall = { line: 8, method: "GET", url: "/users", options: {} }

async function endOf(...attempts: readonly Attempt[]): Promise<End> {
  const outcome = await outcomeOf(...attempts)
  const error = outcome.kind === "success" ? undefined : outcome.error
  return { index: 2, item, kind: outcome.kind, outcome, error, value: undefined } as End
}

test("a success is accepted", async () => {
  expect(await resultOf(await endOf({ status: 503 }, { status: 201 }), 1002, false)).toEqual({
    index: 1002,
    line: 8,
    method: "GET",
    url: "/users",
    status: 201,
    outcome: "success",
    verdict: "accept",
    error: null,
    attempts: 2,
  })
})

test("a client error is to be corrected, with the server's words", async () => {
  const end = await endOf({ status: 400, body: '{"detail":"no such item"}' })
  expect(await resultOf(end, 0, false)).toMatchObject({
    status: 400,
    outcome: "client-error",
    verdict: "correct",
    error: expect.stringContaining("no such item"),
  })
})

test("a client error that names a time can be sent again then", async () => {
  const end = await endOf({ status: 429, headers: [["retry-after", "3600"]] })
  expect(await resultOf(end, 0, false)).toMatchObject({ outcome: "client-error", verdict: "retry" })
})

test.each([
  ["a server error", [{ status: 500 }], 500, "server-error"],
  ["no reply", ["refused"], null, "no-reply"],
] as const)("%s can be sent again", async (_, attempts, status, outcome) => {
  expect(await resultOf(await endOf(...attempts), 0, false)).toMatchObject({
    status,
    outcome,
    verdict: "retry",
    attempts: 1,
  })
})

test("what was not sent can be sent, and has no attempts", async () => {
  const end: End = { index: 0, item, kind: "not-sent", outcome: undefined, error: undefined }
  expect(await resultOf(end, 0, false)).toMatchObject({
    status: null,
    outcome: "not-sent",
    verdict: "retry",
    attempts: 0,
  })
})

test("a call that was cut off says so, and a defect has its message", async () => {
  const thrown = (error: unknown): End => ({ index: 0, item, kind: "thrown", outcome: undefined, error })
  expect(await resultOf(thrown(new Interruption("SIGINT")), 0, false)).toMatchObject({
    verdict: "retry",
    error: "aborted by SIGINT while it was under way",
  })
  expect(await resultOf(thrown(new Error("bad port")), 0, false)).toMatchObject({
    verdict: "correct",
    error: "bad port",
  })
})

test("bodies are there when they are wanted, those of errors, too", async () => {
  const body = '{"id":7}'
  expect(await resultOf(await endOf({ status: 200, body }), 0, true)).toMatchObject({
    bodyForm: "json",
    body: { id: 7 },
  })
  expect(await resultOf(await endOf({ status: 404, body }), 0, true)).toMatchObject({
    bodyForm: "json",
    body: { id: 7 },
  })
  expect(await resultOf(await endOf("refused"), 0, true)).not.toHaveProperty("body")
})
