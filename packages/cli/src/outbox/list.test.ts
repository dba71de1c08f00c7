import { expect, test } from "vitest"
import { plain } from "../paint.ts"
import { width } from "../width.ts"
import { listLines } from "./list.ts"
import { NOW, testEntry, testSending } from "./test-entry.ts"

const entries = [
  testEntry({ id: "0199c2a4-7b3e-7abc-8def-000000000002", state: "rejected", tries: 1, last: testSending() }),
  testEntry({ tries: 12, method: "DELETE" }),
]

test("entries stand in columns, with ids that tell them apart", () => {
  expect(listLines(entries, NOW, Number.POSITIVE_INFINITY, plain)).toEqual([
    `${"ID".padEnd(36)}  STATE     METHOD  URL                               TRIES  STANDS`,
    "0199c2a4-7b3e-7abc-8def-000000000002  rejected  POST    https://api.example.com/payments      1  422 Unprocessable Content: amount must be positive",
    "0199c2a4-7b3e-7abc-8def-000000000001  waiting   DELETE  https://api.example.com/payments     12  due",
  ])
})

test.each([40, 80, 100])("on a terminal of %d columns no line is broken", (columns) => {
  for (const line of listLines(entries, NOW, columns, plain)) expect(width(line)).toBeLessThanOrEqual(columns)
})
