import { expect, test } from "vitest"
import { recordedCall } from "./test-recording.ts"
import { wholeCalls } from "./whole-calls.ts"

test("calls are in the order in which they began, those of one instant in that of the recording", () => {
  const calls = [
    recordedCall({ entry: 0, startedAt: 30 }),
    recordedCall({ entry: 1, startedAt: 10 }),
    recordedCall({ entry: 2, startedAt: 30 }),
  ]
  expect(wholeCalls(calls).map(({ entry }) => entry)).toEqual([1, 0, 2])
})

test("attempts of one call are one call, with the status of the last and the time of all", () => {
  const calls = [
    recordedCall({ entry: 0, startedAt: 1000, durationMs: 20, status: undefined, attemptOf: "call-7" }),
    recordedCall({ entry: 1, startedAt: 1010, durationMs: 5, status: 404, attemptOf: "call-8" }),
    recordedCall({ entry: 2, startedAt: 1420, durationMs: 80, status: 200, attemptOf: "call-7" }),
  ]
  expect(wholeCalls(calls)).toMatchObject([
    { entry: 0, startedAt: 1000, durationMs: 500, status: 200 },
    { entry: 1, durationMs: 5, status: 404 },
  ])
})

test("a call whose last attempt has no time has none", () => {
  const attempt = { attemptOf: "call-7" }
  const calls = [
    recordedCall({ ...attempt, durationMs: 20 }),
    recordedCall({ ...attempt, durationMs: undefined, status: undefined }),
  ]
  expect(wholeCalls(calls)).toMatchObject([{ durationMs: undefined, status: undefined }])
})
