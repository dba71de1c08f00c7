import { expect, test } from "vitest"
import { WholeBody } from "../../reply-body.ts"
import { rateSign } from "./rate-sign.ts"

const clock = { date: () => 0 }
const plain = new WholeBody(new Uint8Array())

function signOf(status: number, headers: Record<string, string> = {}, namedMs?: number) {
  const body = { ...plain, onEnd() {}, discard() {}, stream: () => plain.stream(), bytes: undefined }
  const named = namedMs === undefined ? body : { ...body, retryAfterMs: () => namedMs }
  return rateSign({ kind: "reply", status, url: undefined, headers: new Headers(headers), body: named }, clock)
}

test.each([
  [200, "served"],
  [404, "served"],
  [403, "served"],
  [429, "throttled"],
  [499, "served"],
  [500, "none"],
  [503, "none"],
])("a plain %i says: %s", (status, kind) => {
  expect(signOf(status)).toEqual({ kind, pauseMs: undefined, limits: [] })
})

test.each([403, 429, 503])("a %i that names a time refuses, in its fields or in its body", (status) => {
  expect(signOf(status, { "retry-after": "2" })).toEqual({ kind: "throttled", pauseMs: 2000, limits: [] })
  expect(signOf(status, {}, 3000)).toEqual({ kind: "throttled", pauseMs: 3000, limits: [] })
  expect(signOf(status, { "retry-after": "2" }, 3000).pauseMs).toBe(2000)
})

test("a time that another status names is none of the rate", () => {
  expect(signOf(500, { "retry-after": "2" }, 3000).pauseMs).toBeUndefined()
  expect(signOf(200, { "retry-after": "2" }).kind).toBe("served")
})

test("a named time goes before what is left of a quota", () => {
  const ratelimit = '"default";r=0;t=50'
  expect(signOf(429, { ratelimit }).limits).toHaveLength(1)
  expect(signOf(200, { ratelimit }).limits).toHaveLength(1)
  expect(signOf(429, { ratelimit, "retry-after": "2" }).limits).toEqual([])
})
