import { describe, expect, test } from "vitest"
import { Interruption } from "../exit-codes.ts"
import { plain, type Paint } from "../paint.ts"
import { outcomeOf, type Attempt } from "../test-outcomes.ts"
import { Differences } from "./differences.ts"
import { repeated, type ReplayedCall } from "./request.ts"
import { resultLine, resultOf, type End } from "./result.ts"
import { recordedCall } from "./test-recording.ts"

function itemOf(status: number | undefined, url = "https://api.example.com/users/7"): ReplayedCall {
  const plan = { unsafe: false, to: undefined, withCredentials: true, givenFields: new Set<string>() }
  return repeated(recordedCall({ status, url }), plan) as ReplayedCall
}

async function endOf(recorded: number | undefined, ...attempts: readonly Attempt[]): Promise<End> {
  const outcome = await outcomeOf(...attempts)
  const error = outcome.kind === "success" ? undefined : outcome.error
  return { index: 2, item: itemOf(recorded), kind: outcome.kind, outcome, error, value: undefined } as End
}

const notSent: End = { index: 0, item: itemOf(200), kind: "not-sent", outcome: undefined, error: undefined }
const cutOff: End = {
  index: 0,
  item: itemOf(200),
  kind: "thrown",
  outcome: undefined,
  error: new Interruption("SIGINT"),
}

test("a result has what was recorded beside what is now", async () => {
  expect(resultOf(await endOf(404, { status: 503 }, { status: 200 }))).toEqual({
    index: 2,
    entry: 3,
    method: "GET",
    url: "https://api.example.com/users/7",
    recordedStatus: 404,
    status: 200,
    differs: true,
    recordedMs: 120,
    durationMs: expect.any(Number),
    outcome: "success",
    verdict: "accept",
    error: null,
    attempts: 2,
  })
})

test("the time is that of all attempts and waits, to a tenth of a millisecond", async () => {
  const end = await endOf(200, { status: 200 })
  const attempt = { method: "GET", url: "https://api.example.com/", status: 200 }
  const attempts = [
    { ...attempt, number: 1, startedAt: 1000, durationMs: 20 },
    { ...attempt, number: 2, startedAt: 1500, durationMs: 30.04 },
  ]
  const outcome = { ...end.outcome, attempts }
  expect(resultOf({ ...end, outcome } as End).durationMs).toBe(530)
})

test("no reply, then and now, is null, and no difference", async () => {
  expect(resultOf(await endOf(undefined, "refused"))).toMatchObject({
    recordedStatus: null,
    status: null,
    differs: false,
    outcome: "no-reply",
    verdict: "retry",
  })
})

test("of a call that did not end by itself nobody knows whether it differs", () => {
  expect(resultOf(notSent)).toMatchObject({
    differs: null,
    attempts: 0,
    durationMs: null,
    error: "stopped before its turn",
  })
  expect(resultOf(cutOff)).toMatchObject({ differs: null, error: "aborted by SIGINT while it was under way" })
})

test("a URL is shown without its credentials", async () => {
  const end = {
    ...(await endOf(200, { status: 200 })),
    item: itemOf(200, "https://api.example.com/?token=hush"),
  } as End
  expect(resultOf(end).url).toBe("https://api.example.com/?token=REDACTED")
  expect(resultLine(end, plain)).not.toContain("hush")
})

/** The line without the times, which are real. */
const shown = (end: End, paint: Paint = plain) => resultLine(end, paint).replace(/120 ms → [\d.]+ m?s +/, "TIMES  ")

test.each([
  [200, [{ status: 200 }], "  200 → 200     TIMES  1 attempt    GET https://api.example.com/users/7"],
  [200, [{ status: 503 }, { status: 500 }], "≠ 200 → 500     TIMES  2 attempts   GET https://api.example.com/users/7"],
  [undefined, [{ status: 200 }], "≠ none → 200    TIMES  1 attempt    GET https://api.example.com/users/7"],
  [200, ["refused"], "≠ 200 → refused  TIMES  1 attempt    GET https://api.example.com/users/7"],
] as const)("recorded %s, now %j: %s", async (recorded, attempts, line) => {
  expect(shown(await endOf(recorded, ...attempts))).toBe(line)
})

test("a call that was cut off says so, and one that was not sent has no line", () => {
  expect(resultLine(cutOff, plain)).toMatch(
    /^ {2}200 → cut off +120 ms → \? .* {2}aborted by SIGINT while it was under way$/,
  )
  expect(resultLine(notSent, plain)).toBe("")
})

test("the line is in the colour of the status now, and the mark stands out", async () => {
  const paint: Paint = (style, text) => `<${style}>${text}</>`
  expect(shown(await endOf(200, { status: 404 }), paint)).toMatch(/^<bold>≠<\/> <yellow>200 → 404 +<\/> /)
})

describe("differences", () => {
  async function differencesOf(...ends: readonly (readonly [recorded: number | undefined, now: Attempt])[]) {
    const differences = new Differences()
    for (const [recorded, now] of ends) differences.add(await endOf(recorded, now))
    return differences
  }

  test("are counted by the change of the status class", async () => {
    const differences = await differencesOf(
      [200, { status: 500 }], [201, { status: 503 }], [500, { status: 200 }], [200, "refused"], [200, { status: 204 }],
    ) // prettier-ignore
    expect(differences.summary(plain)).toBe(
      "≠ 4 ended in another status class than recorded: 2 of 2xx → 5xx, 1 of 5xx → 2xx, 1 of 2xx → no reply",
    )
  })

  test("are none where each ended in its class; 304 is with the successes", async () => {
    expect((await differencesOf([200, { status: 304 }], [304, { status: 200 }])).summary(plain)).toBe(
      "all in their recorded status classes",
    )
    expect(new Differences().summary(plain)).toBeUndefined()
  })

  test.each([
    [200, { status: 201 }, true],
    [500, { status: 200 }, true],
    [404, { status: 204 }, true],
    [404, { status: 410 }, true],
    [302, { status: 301 }, true],
    [200, { status: 302 }, false],
    [200, { status: 404 }, false],
    [500, { status: 404 }, false],
    [500, { status: 500 }, false],
    [undefined, "refused", false],
  ] as const)("recorded %s, now %j: as it should be is %s", async (recorded, now, isSuccess) => {
    expect((await differencesOf([recorded, now])).isSuccess).toBe(isSuccess)
  })

  test("what was not sent is not as it should be", () => {
    const differences = new Differences()
    differences.add(notSent)
    expect([differences.isSuccess, differences.summary(plain)]).toEqual([false, undefined])
  })
})
