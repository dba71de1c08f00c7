import { expect, test } from "vitest"
import type { Explanation } from "./explanation.ts"
import type { Mutant } from "./mutant.ts"
import { idleExplanations, page, scoreTable, unexplained } from "./report.ts"
import { score, survivors } from "./score.ts"

const mutant = (more: Partial<Mutant>): Mutant => ({
  file: "packages/core/src/policies/pace.ts",
  line: 7,
  lineText: "if (a < b) wait()",
  original: "a < b",
  replacement: "a <= b",
  mutator: "EqualityOperator",
  status: "Survived",
  ...more,
})

const some: Mutant[] = [
  mutant({ file: "packages/core/src/policies/retry.ts", status: "Killed" }),
  mutant({ file: "packages/core/src/policies/retry.ts", status: "Timeout" }),
  mutant({ status: "NoCoverage", line: 9 }),
  mutant({}),
  mutant({ status: "CompileError" }),
]

const run = { day: "2026-01-01", minutes: 20, requiredPercent: 85, untried: [] }
const sameAtEqual: Explanation = { kind: "equivalent", why: "Equal is never met.", file: "pace.ts", line: "a < b" }

test("killed and timed out mutants are found; what no test runs is not; what cannot run counts neither way", () => {
  expect(score(some)).toEqual({ killed: 1, timedOut: 1, survived: 1, notRun: 1, percent: 50 })
  expect(score([]).percent).toBe(100)
})

test("survivors stand in the order of their places, with what no test runs", () => {
  expect(survivors(some).map(({ line }) => line)).toEqual([7, 9])
})

test("the file with the lowest score stands first, all of them last", () => {
  const names = scoreTable(some).split("\n").slice(2).map((row) => row.split("|")[1]?.trim()) // prettier-ignore
  expect(names).toEqual(["policies/pace.ts", "policies/retry.ts", "all"])
})

test.each<[Partial<Explanation>, boolean]>([
  [{}, true],
  [{ file: "policies/pace.ts" }, true],
  [{ file: "ce.ts" }, false],
  [{ line: "b > a" }, false],
  [{ mutator: "EqualityOperator", replacement: "a <= b", original: /<\s/ }, true],
  [{ mutator: "StringLiteral" }, false],
  [{ replacement: "a > b" }, false],
  [{ original: /"/ }, false],
  [{ atEqualOnly: true }, true],
])("whether %o is about a mutant: %s", (more, isAbout) => {
  const explanation: Explanation = { kind: "equivalent", why: "", ...more }
  expect(unexplained([mutant({})], [explanation])).toHaveLength(isAbout ? 0 : 1)
  expect(idleExplanations([mutant({})], [explanation])).toHaveLength(isAbout ? 0 : 1)
})

test.each([
  ["a < b", "a >= b"],
  ["a === b", "a !== b"],
  ["a < b", "true"],
])("%s → %s decides otherwise for more than equal sides", (original, replacement) => {
  const explanation: Explanation = { kind: "boundary", why: "", atEqualOnly: true }
  expect(unexplained([mutant({ original, replacement })], [explanation])).toHaveLength(1)
})

test("the page holds every survivor once, below the first explanation that fits, or as not explained", () => {
  const other = mutant({ file: "packages/core/src/fault.ts", lineText: "", original: "`a|b`", replacement: "" })
  const text = page([...some, other], [sameAtEqual, { ...sameAtEqual, kind: "speed only" }], run)
  expect(text).toContain("### equivalent: 2")
  expect(text).not.toContain("### speed only")
  expect(text).toContain("Equal is never met.")
  expect(text).toContain("### not explained: 1")
  expect(text).toMatch(/fault\.ts:7 \| EqualityOperator \| `` `a\\\|b` `` \| nothing/)
  expect(text).toContain("40.0 % were found")
})

test("without anything left to explain the page says nothing of it", () => {
  expect(page(some, [sameAtEqual], run)).not.toContain("not explained")
})

test("the page names the files that no run has tried", () => {
  expect(page(some, [], run)).not.toContain("Not tried yet")
  const untried = ["packages/core/src/policies/auth.ts", "packages/core/src/replay-safety.ts"]
  expect(page(some, [], { ...run, untried })).toContain("Not tried yet: policies/auth.ts, replay-safety.ts.")
})
