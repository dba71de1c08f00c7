import { expect, test } from "vitest"
import { readIdempotencyKey } from "./idempotency-key.ts"

test("a raw key and a quoted one name the same key", () => {
  expect(readIdempotencyKey("8e03-ab_c")).toBe("8e03-ab_c")
  expect(readIdempotencyKey('"8e03-ab_c"')).toBe("8e03-ab_c")
})

test("a quoted key may hold spaces and escapes", () => {
  expect(readIdempotencyKey('"a \\"b\\""')).toBe('a "b"')
})

test.each(["", '""', "a b", "a, b", '"a', "x".repeat(256), `"${"x".repeat(256)}"`])("refuses %j", (field) => {
  expect(() => readIdempotencyKey(field)).toThrow("Idempotency-Key must be 1 to 255 visible characters")
})
