import { expect, test } from "vitest"
import { plain } from "../paint.ts"
import { shownLines } from "./show.ts"
import { NOW, testEntry, testSending } from "./test-entry.ts"

const rejected = testEntry({
  state: "rejected",
  tries: 1,
  key: "order-17",
  orderingKey: "customer-3",
  priority: 5,
  bodyBytes: 13,
  last: testSending({
    code: "amount_invalid",
    requestId: "req-9",
    headers: { "content-type": "application/json" },
    body: '{"error":"\u001b[2J"}',
  }),
})

const shown = (entry: typeof rejected, body?: Parameters<typeof shownLines>[1]): string[] =>
  shownLines(entry, body, NOW, plain)

test("the server's words stand first, then what to do, then all the rest", () => {
  const lines = shown(rejected, { bytes: Buffer.from('{"amount":-5}'), isCut: false })
  expect(lines[0]).toBe("The server says: amount must be positive")
  expect(lines[1]).toMatch(/^What to do: correct what the server names/)
  expect(lines.slice(2)).toEqual([
    "",
    "rejected  POST https://api.example.com/payments  422 Unprocessable Content, 5 s ago",
    "  id               0199c2a4-7b3e-7abc-8def-000000000001",
    "  key              order-17",
    "  ordering key     customer-3 (a rejected one: hold)",
    "  Idempotency-Key  k-1",
    "  added            2026-11-29T23:59:00.000Z (1 min ago)",
    "  changed          2026-11-29T23:59:00.000Z (1 min ago)",
    "  priority         5",
    "  tries            1",
    "  error code       amount_invalid",
    "  request id       req-9",
    "  why              the API refused it",
    "",
    "Request",
    "  content-type: application/json",
    '  {"amount":-5}',
    "",
    "Reply",
    "  content-type: application/json",
    '  {"error":"\ufffd[2J"}',
  ])
})

test("without words of the server's it is told what happened", () => {
  const message = "POST https://api.example.com/payments → no reply (refused)"
  const last = testSending({ kind: "no-reply", status: undefined, message })
  const lines = shown(testEntry({ last, dueAt: new Date(NOW + 60_000) }))
  expect(lines[0]).toBe(`What happened: ${message}`)
  expect(lines).not.toContain("Reply")
  expect(lines).toContain("  due              2026-11-30T00:01:00.000Z (in 1 min)")
  expect(lines.at(-1)).toBe("  no body")
})

test("bytes are not spilled, and a long body is cut", () => {
  expect(shown(testEntry({ bodyBytes: 4 }), { bytes: Buffer.from([0, 1, 254, 255]), isCut: false }).at(-1)).toBe(
    "  4 B, no text; --output body > FILE keeps it",
  )
  // The cut goes through a character.
  const bytes = Buffer.from("aä").subarray(0, 2)
  expect(shown(testEntry({ bodyBytes: 70_000 }), { bytes, isCut: true }).slice(-2)).toEqual([
    "  a",
    "  … 70.0 kB in all; --output body prints it",
  ])
  const long = testEntry({ last: testSending({ body: "x".repeat(5000) }) })
  expect(shown(long).at(-1)).toBe("  … --output json has more of it")
})
