import { expect, test } from "vitest"
import { replyOf } from "../test-outcomes.ts"
import { recordedOutput } from "../test-surroundings.ts"
import { printBody } from "./print-body.ts"

async function printed(
  body: string | Uint8Array<ArrayBuffer>,
  type: string,
  isTerminal: boolean,
  form: "text" | "body" = "text",
) {
  const { output, bytes } = recordedOutput(isTerminal)
  const remark = await printBody(await replyOf({ status: 200, headers: [["content-type", type]], body }), output, form)
  return { shown: bytes(), remark }
}

const binary = Uint8Array.of(0, 159, 146, 150)

test.each([
  ["bytes", binary, "application/octet-stream"],
  ["a page", "<html></html>", "text/html"],
  ["escape sequences", "\u001b[31mred", "text/plain"],
])("%s go into a pipe untouched", async (_, body, type) => {
  const { shown, remark } = await printed(body, type, false)
  expect(shown).toEqual(Buffer.from(body))
  expect(remark).toBeUndefined()
})

test("text stands on a terminal as it came, with a line break at its end", async () => {
  expect((await printed('{"a":1}', "application/json", true)).shown.toString()).toBe('{"a":1}\n')
  expect((await printed("line\n", "text/plain", true)).shown.toString()).toBe("line\n")
})

test("a terminal gets no escape sequences from a server", async () => {
  expect((await printed("\u001b[31mred\u009b0m", "text/plain", true)).shown.toString()).toBe("\ufffd[31mred\ufffd0m\n")
})

test.each([
  ["bytes that are no text", binary, "image/png"],
  ["a page", "<!doctype html>", "text/html; charset=utf-8"],
])("%s are kept from a terminal with a remark", async (_, body, type) => {
  const { shown, remark } = await printed(body, type, true)
  expect(shown).toHaveLength(0)
  expect(remark).toContain(`${type}) is not shown on a terminal; keep it with > FILE, or show it with --output body`)
})

test("--output body shows everything on a terminal, too", async () => {
  const { shown, remark } = await printed(binary, "image/png", true, "body")
  expect(shown).toEqual(Buffer.from(binary))
  expect(remark).toBeUndefined()
})

test("an empty body prints nothing", async () => {
  expect((await printed("", "", true)).shown).toHaveLength(0)
})
