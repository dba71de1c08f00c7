import * as fc from "fast-check"
import { expect, test } from "vitest"
import { base64 } from "./base64.ts"

test.each([
  ["", ""],
  ["f", "Zg=="],
  ["fo", "Zm8="],
  ["foo", "Zm9v"],
  ["foobar", "Zm9vYmFy"],
])("the bytes of %j are %j (RFC 4648 §10)", (text, encoded) => {
  expect(base64(new TextEncoder().encode(text))).toBe(encoded)
})

test("any bytes come out as Node encodes them", () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(base64(bytes)).toBe(Buffer.from(bytes).toString("base64"))
    }),
  ))
