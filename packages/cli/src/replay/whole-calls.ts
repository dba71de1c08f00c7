import type { RecordedCall } from "./recording.ts"

/**
 * The calls of a recording in the order in which they began. An export of `steadfetch watch` has an entry for each attempt:
 * they are one call, from the beginning of its first attempt to the end of its last.
 */
export function wholeCalls(recorded: readonly RecordedCall[]): RecordedCall[] {
  const inOrder = recorded.toSorted((one, other) => one.startedAt - other.startedAt)
  const calls = new Map<string | RecordedCall, RecordedCall>()
  for (const attempt of inOrder) {
    const key = attempt.attemptOf ?? attempt
    const first = calls.get(key)
    calls.set(key, first === undefined ? attempt : joined(first, attempt))
  }
  return [...calls.values()]
}

function joined(first: RecordedCall, last: RecordedCall): RecordedCall {
  const { status, durationMs, replyType } = last
  return {
    ...first,
    status,
    replyType,
    durationMs: durationMs === undefined ? undefined : last.startedAt + durationMs - first.startedAt,
  }
}
