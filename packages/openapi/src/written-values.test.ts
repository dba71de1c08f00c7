import * as fc from "fast-check"
import { expect, test } from "vitest"
import { multipartForm, writtenValues } from "./written-values.ts"

const written = (...given: Parameters<typeof writtenValues>): string =>
  writtenValues(...given)
    .map(([name, value]) => `${name}=${value}`)
    .join("&")

test.each([
  [{ a: 1, b: "x", c: true }, undefined, "a=1&b=x&c=true"],
  [{ a: undefined, b: null, c: "" }, undefined, "c="],
  [{ a: [1, 2, null] }, undefined, "a=1&a=2"],
  [{ a: [1, 2] }, { a: "comma" }, "a=1,2"],
  [{ a: [1, 2] }, { a: "space" }, "a=1 2"],
  [{ a: [1, 2] }, { a: "pipe" }, "a=1|2"],
  [{ a: [1, 2] }, { a: "brackets" }, "a[0]=1&a[1]=2"],
  [{ a: "one" }, { a: "brackets" }, "a=one"],
  [{ created: { gte: 1, lt: undefined } }, undefined, "created[gte]=1"],
  [{ items: [{ price: "p", tags: ["x"] }] }, { items: "brackets" }, "items[0][price]=p&items[0][tags][0]=x"],
  [{ days: [new Date(0), new Date(1)] }, { days: "comma" }, "days=1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.001Z"],
  [{ a: [1, null, undefined, 2] }, { a: "pipe" }, "a=1|2"],
  [{ a: [], b: [null] }, { a: "comma", b: "space" }, ""],
  [{ pageable: { page: 0, sort: ["a", "b"] } }, { pageable: "members" }, "page=0&sort=a&sort=b"],
  [{ point: { x: 1, y: undefined, z: 2 } }, { point: "comma" }, "point=x,1,z,2"],
  [{ since: new Date(0) }, undefined, "since=1970-01-01T00:00:00.000Z"],
] as const)("%j in the styles %j is %s", (values, styles, expected) => {
  expect(written(values, styles)).toBe(expected)
})

test("nothing that is given gets lost, and nothing is added", () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean())
  const values = fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(leaf, fc.array(leaf)))
  fc.assert(
    fc.property(values, (given) => {
      const leaves = Object.values(given).flat().map(String)
      expect(writtenValues(given, undefined).map(([, value]) => value)).toEqual(leaves)
    }),
  )
})

test("a multipart form has files as they are, lists as fields, and objects as JSON", async () => {
  const file = new File(["bytes"], "a.txt")
  const form = multipartForm({ file, tags: ["a", "b"], meta: { x: 1 }, n: 7, at: new Date(0), none: undefined })
  expect([...form.keys()]).toEqual(["file", "tags", "tags", "meta", "n", "at"])
  expect(form.get("at")).toBe("1970-01-01T00:00:00.000Z")
  expect([form.getAll("tags"), form.get("meta"), form.get("n")]).toEqual([["a", "b"], '{"x":1}', "7"])
  expect(await (form.get("file") as File).text()).toBe("bytes")
})
