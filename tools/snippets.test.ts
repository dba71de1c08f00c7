import { expect, test } from "vitest"
import { snippetsOf } from "./snippets.ts"

const fence = "```"

test("a ts block keeps the line numbers of its page", () => {
  const [snippet] = snippetsOf(`# Title\n\n${fence}ts\nconst a = 1\nconst b = 2\n${fence}\n`)
  expect(snippet?.line).toBe(3)
  expect(snippet?.code.split("\n")).toEqual(["", "", "", "const a = 1", "const b = 2", ""])
})

test("a prelude in a comment before the block comes first, on the fence's line", () => {
  const [snippet] = snippetsOf(
    `<!-- snippet-prelude: declare const a: 1;\ndeclare const b: 2 -->\n\n${fence}ts\na + b\n${fence}`,
  )
  expect(snippet?.code.split("\n")).toEqual(["", "", "", "declare const a: 1; declare const b: 2", "a + b", ""])
})

test("a prelude belongs to its own block alone", () => {
  const page = `<!-- snippet-prelude: declare const a: 1 -->\n${fence}ts\na\n${fence}\n\n${fence}ts\nb\n${fence}`
  expect(snippetsOf(page).map(({ code }) => code.trim())).toEqual(["declare const a: 1\na", "b"])
})

test("blocks in other languages are not snippets", () => {
  expect(snippetsOf(`${fence}sh\nls\n${fence}\n\n${fence}json\n{}\n${fence}`)).toEqual([])
})
