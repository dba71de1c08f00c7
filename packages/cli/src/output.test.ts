import { PassThrough } from "node:stream"
import { expect, test } from "vitest"
import { Output } from "./output.ts"
import { plain } from "./paint.ts"
import { recordedOutput } from "./test-surroundings.ts"

test("a live line is drawn over the one before, and goes away without a trace", () => {
  const { output, text } = recordedOutput(true)
  output.live("10 %")
  output.live("9 of 10")
  output.live("")
  output.live("")
  expect(text()).toBe("\r10 %\u001b[K\r9 of 10\u001b[K\r\u001b[K")
})

test("other lines stand above the live line", () => {
  const { output, text } = recordedOutput(true)
  output.live("10 %")
  output.line("note")
  expect(text()).toBe("\r10 %\u001b[K\r\u001b[Knote\n\r10 %\u001b[K")
})

test("a live line is cut so that the terminal does not break it, styles closed", () => {
  const { output, text } = recordedOutput(true, 8)
  output.live("\u001b[32m0123456789\u001b[39m")
  expect(text()).toBe("\r\u001b[32m012345…\u001b[0m\u001b[K")
})

test("wide characters take two columns", () => {
  const { output, text } = recordedOutput(true, 8)
  output.live("日本語日本語")
  expect(text()).toBe("\r日本語…\u001b[K")
})

test.each([
  ["a pipe", false, "xterm"],
  ["a dumb terminal", true, "dumb"],
])("%s gets no live line", (_, isTTY, term) => {
  const stream = new PassThrough()
  const output = new Output(Object.assign(stream, { isTTY }), plain, term)
  output.live("10 %")
  output.line("note")
  output.live("")
  expect(String(stream.read())).toBe("note\n")
})

test("a terminal that does not tell its width has 80 columns, and the last one stays free", () => {
  expect(recordedOutput(true, 0).output.columns).toBe(79)
  expect(recordedOutput(true, 1).output.columns).toBe(1)
})
