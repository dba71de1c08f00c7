import { expect, test } from "vitest"
import { mutantOf } from "./mutant.ts"

const text = ["function less(a, b) {", "  return a <", "    b", "}"].join("\n")
const found = { mutatorName: "ConditionalExpression", replacement: "true", status: "Survived" } as const

test("a mutant tells what it replaced, also over several lines", () => {
  const location = { start: { line: 2, column: 10 }, end: { line: 3, column: 6 } }
  expect(mutantOf({ ...found, location }, "packages/core/src/less.ts", text)).toEqual({
    file: "packages/core/src/less.ts",
    line: 2,
    lineText: "return a <",
    original: "a <\n    b",
    replacement: "true",
    mutator: "ConditionalExpression",
    status: "Survived",
  })
})

test("a mutant within one line tells its own part of it", () => {
  const location = { start: { line: 1, column: 15 }, end: { line: 1, column: 19 } }
  expect(mutantOf({ ...found, location }, "less.ts", text).original).toBe("a, b")
})
