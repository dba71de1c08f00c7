import { expect, test } from "vitest"
import { countsOf } from "./counts.ts"

const none = { waiting: 0, sending: 0, delivered: 0, rejected: 0, expired: 0, discarded: 0 }

test("counts are put together by origin", () => {
  const counts = countsOf({
    "waiting https://a.example.com": "3",
    "bytes https://a.example.com": "120",
    "rejected https://b.example.com": "1",
    "delivered https://a.example.com": "2",
  })
  expect(counts).toEqual([
    { origin: "https://a.example.com", states: { ...none, waiting: 3, delivered: 2 }, bodyBytes: 120 },
    { origin: "https://b.example.com", states: { ...none, rejected: 1 }, bodyBytes: 0 },
  ])
})

test("there are none of nothing", () => {
  expect(countsOf({})).toEqual([])
})
