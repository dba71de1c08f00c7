import { expect, test } from "vitest"
import { isEntityTag, strongValidator } from "./strong-validator.ts"

const LATER = "Tue, 02 Jun 2026 12:01:00 GMT"
const MODIFIED = "Tue, 02 Jun 2026 12:00:00 GMT"
const dateMs = Date.parse(LATER)

test.each<[Record<string, string>, string | undefined]>([
  [{ etag: '"a"' }, '"a"'],
  [{ etag: ' "a" ' }, '"a"'],
  [{ etag: '""' }, '""'],
  [{ etag: 'W/"a"' }, undefined],
  [{ etag: 'w/"a"' }, undefined],
  [{ etag: "a" }, undefined],
  [{ etag: '"a" "b"' }, undefined],
  [{ etag: '"a', "last-modified": MODIFIED, date: LATER }, undefined],
  [{ "last-modified": MODIFIED, date: LATER }, MODIFIED],
  [{ "last-modified": MODIFIED, date: "Tue, 02 Jun 2026 12:00:59 GMT" }, undefined],
  [{ "last-modified": LATER, date: MODIFIED }, undefined],
  [{ "last-modified": MODIFIED }, undefined],
  [{ "last-modified": MODIFIED, date: "now" }, undefined],
  [{ "last-modified": "yesterday", date: LATER }, undefined],
  [{ date: LATER }, undefined],
  [{}, undefined],
])("of %j the strong validator is %s", (fields, validator) => {
  expect(strongValidator((name) => fields[name] ?? null, dateMs)).toBe(validator)
})

test("an entity tag is told from a date", () => {
  expect([isEntityTag('"a"'), isEntityTag(MODIFIED)]).toEqual([true, false])
})
