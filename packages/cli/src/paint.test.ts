import { expect, test } from "vitest"
import { harmless, oneLine } from "./paint.ts"

test("what could command a terminal is replaced, line breaks and tabs stay", () => {
  expect(harmless("a\u001b[2J\u0007b\u009b1m\tc\r\nd\re")).toBe("a\ufffd[2J\ufffdb\ufffd1m\tc\r\nd\ufffde")
})

test("on one line neither breaks nor marks of direction stay", () => {
  expect(oneLine("a\nb\tc\u2028d\u202ecod.exe\u001b[0m")).toBe("a\ufffdb\ufffdc\ufffdd\ufffdcod.exe\ufffd[0m")
  expect(oneLine("日本語 é 👍")).toBe("日本語 é 👍")
})
