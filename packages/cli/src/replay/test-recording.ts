import type { RecordedCall } from "./recording.ts"

/** A recorded GET, with what a test gives in place of it. */
export function recordedCall(given: Partial<RecordedCall> = {}): RecordedCall {
  return {
    entry: 3,
    startedAt: 1000,
    method: "GET",
    url: "https://api.example.com/users/7",
    headers: [],
    body: undefined,
    bodyBytes: 0,
    status: 200,
    durationMs: 120,
    replyType: "application/json",
    attemptOf: undefined,
    urlIsCut: false,
    ...given,
  }
}
