import { expect, test } from "vitest"
import { parseItem } from "./structured-field.ts"

test.each([
  ["503", { kind: "integer", value: 503 }],
  ["-7", { kind: "integer", value: -7 }],
  [" drop ", { kind: "token", value: "drop" }],
  ['"a \\"b\\" \\\\"', { kind: "string", value: 'a "b" \\' }],
  ['""', { kind: "string", value: "" }],
])("reads %s as a bare item", (text, bare) => {
  expect(parseItem(text)).toEqual({ bare, parameters: new Map() })
})

test("reads parameters, of which the last of a name counts", () => {
  expect(parseItem('503;times=2; id="a b";when=after;times=3')?.parameters).toEqual(
    new Map([
      ["times", { kind: "integer", value: 3 }],
      ["id", { kind: "string", value: "a b" }],
      ["when", { kind: "token", value: "after" }],
    ]),
  )
})

test.each([
  "",
  "é",
  "1.5",
  '"open',
  '"\\n"',
  "503;",
  "503; Times=2",
  "503;times",
  "503;times=",
  "503 x",
  "a, b",
  "1234567890123456",
])("counts %j as no item at all", (text) => {
  expect(parseItem(text)).toBeUndefined()
})
