import { describe, expect, test } from "vitest"
import { memberAt, withMember } from "./members.ts"

describe("a path of members", () => {
  test.each<[string, unknown, string, unknown]>([
    ["a member", { a: 1 }, "a", 1],
    ["a member of a member", { a: { b: { c: 1 } } }, "a.b.c", 1],
    ["a member with a dot in its name", { "@odata.nextLink": "x" }, "@odata.nextLink", "x"],
    ["one with a dot, further in", { a: { "b.c": { d: 1 } } }, "a.b.c.d", 1],
    ["null", { a: null }, "a", null],
    ["no member", { a: 1 }, "b", undefined],
    ["no member of what is no object", { a: 1 }, "a.b", undefined],
    ["no member of a list", ["x"], "length", undefined],
    ["no member of a text", "text", "length", undefined],
    ["nothing that is inherited", {}, "constructor.name", undefined],
    ["no prototype", {}, "__proto__", undefined],
  ])("finds %s", (_, value, path, expected) => {
    expect(memberAt(value, path)).toBe(expected)
  })

  test.each<[string, unknown, string, unknown]>([
    ["beside others", { a: 1 }, "b", { a: 1, b: "new" }],
    ["in place of what was there", { a: 1 }, "a", { a: "new" }],
    ["further in", { a: { b: 1, c: 2 } }, "a.b", { a: { b: "new", c: 2 } }],
    ["where nothing is yet", undefined, "a.b", { a: { b: "new" } }],
    ["in place of what has no members", { a: [1] }, "a.b", { a: { b: "new" } }],
  ])("is written %s, into a copy", (_, value, path, expected) => {
    const before = structuredClone(value)
    expect(withMember(value, path, "new")).toEqual(expected)
    expect(value).toEqual(before)
  })

  test("writes __proto__ as a member like any other", () => {
    const made = withMember({}, "__proto__.polluted", true)
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype)
    expect("polluted" in {}).toBe(false)
  })
})
