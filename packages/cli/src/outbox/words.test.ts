import { expect, test } from "vitest"
import { NOW, testEntry, testSending } from "./test-entry.ts"
import { nextStep, standingOf, targetOf } from "./words.ts"

const later = new Date(NOW + 300_000)
const unavailable = testSending({ kind: "server-error", status: 503, message: "POST https://api.example.com/payments → 503 Service Unavailable (retries are off)" }) // prettier-ignore
const none = testSending({ kind: "no-reply", status: undefined, code: "refused", message: "POST https://… → no reply" })

test.each([
  ["due", testEntry()],
  ["due in 5 min", testEntry({ dueAt: later })],
  ["due in 5 min, after 503 Service Unavailable", testEntry({ dueAt: later, last: unavailable })],
  ["due, after no reply (refused)", testEntry({ last: none })],
  ["being sent", testEntry({ state: "sending" })],
  ["being sent again, after 503 Service Unavailable", testEntry({ state: "sending", last: unavailable })],
  [
    "201 Created",
    testEntry({ state: "delivered", last: testSending({ kind: "success", status: 201, message: undefined }) }),
  ],
  ["422 Unprocessable Content: amount must be positive", testEntry({ state: "rejected", last: testSending() })],
  ["expired 1 min ago", testEntry({ state: "expired" })],
  [
    "not sent: the token is gone",
    testEntry({
      state: "expired",
      last: testSending({ kind: "error", status: undefined, message: "the token is gone" }),
    }),
  ],
  ["discarded 1 min ago", testEntry({ state: "discarded", last: unavailable })],
])("it stands so: %s", (expected, entry) => {
  expect(standingOf(entry, NOW)).toBe(expected)
})

test("a server's words command no terminal and break no line", () => {
  const last = testSending({ message: "no\u001b[2J\nway\u202e" })
  expect(standingOf(testEntry({ state: "rejected", last }), NOW)).toBe(
    "422 Unprocessable Content: no\ufffd[2J\ufffdway\ufffd",
  )
})

test("a URL that is relative to a base unknown here shows where that is missing", () => {
  expect(targetOf({ url: "/payments", origin: "https://api.example.com" })).toBe("https://api.example.com/…/payments")
  expect(targetOf({ url: "payments", origin: "https://api.example.com" })).toBe("https://api.example.com/…/payments")
})

const refused = testSending({ status: 401, message: undefined })

test.each([
  [/^nothing, if a process delivers/, testEntry()],
  [/^nothing: it is sent in 5 min\. To send it now: steadfetch outbox retry 0199/, testEntry({ dueAt: later })],
  [/once those before it with its ordering key are settled/, testEntry({ orderingKey: "a" })],
  [/^nothing: it is being sent/, testEntry({ state: "sending" })],
  [/^nothing: the API accepted it$/, testEntry({ state: "delivered" })],
  [/amend 0199\S+ --edit, or --json .* discard 0199\S+ --yes$/, testEntry({ state: "rejected", last: testSending() })],
  [/wait for that$/, testEntry({ state: "rejected", last: testSending(), orderingKey: "a" })],
  [/--yes$/, testEntry({ state: "rejected", last: testSending(), orderingKey: "a", afterRejection: "skip" })],
  [/^correct the credentials .* retry 0199\S+$/, testEntry({ state: "rejected", last: refused })],
  [/release it: steadfetch outbox retry 0199/, testEntry({ state: "expired" })],
  [/^nothing: someone gave it up$/, testEntry({ state: "discarded" })],
])("what to do: %s", (expected, entry) => {
  expect(nextStep(entry, NOW)).toMatch(expected)
})
