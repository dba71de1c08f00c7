import { expect, test } from "vitest"
import { outcomeOf } from "../test-outcomes.ts"
import { needlessRepeats } from "./real-api.ts"
import { mismatches, sourceOf } from "./stop.ts"
import { STOPS } from "./stops.ts"

test("the shown line is the source of the call, on one line", () => {
  const line = sourceOf(({ api }) =>
    api.get("/orders", {
      deadline: 2500,
    }),
  )
  expect(line).toBe('api.get("/orders", { deadline: 2500 })')
})

test("every stop's line calls a client and says no more", () => {
  for (const { call } of STOPS)
    expect(sourceOf(call)).toMatch(/^(api|renewing|absent|broken)\.(get|post|delete)\("\/.*\)$/)
})

test("a call that ends as it should has no mismatches", async () => {
  expect(
    mismatches({ ends: "success", attempts: [503, 200] }, await outcomeOf({ status: 503 }, { status: 200 })),
  ).toEqual([])
})

test("another ending and other attempts are told", async () => {
  expect(mismatches({ ends: "success", attempts: [503, 200] }, await outcomeOf("refused"))).toEqual([
    "it had to end as success, and ended as no-reply",
    "its attempts had to be 503, 200, and were refused",
  ])
})

test("a 4xx that was repeated without invitation is found, and nothing else is", async () => {
  const invited = await outcomeOf({ status: 429, headers: [["retry-after-ms", "1"]] }, { status: 200 })
  expect(invited.attempts).toHaveLength(2)
  expect(needlessRepeats(invited)).toEqual([])
  expect(needlessRepeats(await outcomeOf({ status: 503 }, "reset", { status: 200 }))).toEqual([])
  const [attempt] = invited.attempts
  if (attempt === undefined) throw new TypeError("there is no attempt")
  attempt.why = "backoff"
  expect(needlessRepeats(invited)).toEqual(["attempt 1 got 429 and was repeated unchanged"])
})
