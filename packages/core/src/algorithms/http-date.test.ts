import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parseHttpDate } from "./http-date.ts"

const NOW = Date.UTC(2026, 10, 22)
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
const two = (number: number): string => String(number).padStart(2, "0")

/** One instant in the three forms of RFC 9110 §5.6.7. */
function forms(ms: number) {
  const date = new Date(ms)
  const day = DAYS[date.getUTCDay()] ?? ""
  const month = MONTHS[date.getUTCMonth()] ?? ""
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(":")
  return {
    fixdate: date.toUTCString(),
    rfc850: `${day}, ${two(date.getUTCDate())}-${month}-${two(date.getUTCFullYear() % 100)} ${time} GMT`,
    asctime: `${day.slice(0, 3)} ${month} ${String(date.getUTCDate()).padStart(2)} ${time} ${date.getUTCFullYear()}`,
  }
}

describe("the three forms of one instant", () => {
  test.each([
    ["IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT"],
    ["RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT"],
    ["asctime", "Sun Nov  6 08:49:37 1994"],
  ])("%s is read as UTC", (_, text) => {
    expect(parseHttpDate(text, NOW)).toBe(784_111_777_000)
  })

  test("read back alike, for every second of four centuries", () => {
    const seconds = fc.integer({ min: Date.UTC(1900, 0) / 1000, max: Date.UTC(2300, 0) / 1000 })
    fc.assert(
      fc.property(seconds, (second) => {
        const { fixdate, asctime } = forms(second * 1000)
        expect(parseHttpDate(fixdate, NOW)).toBe(second * 1000)
        expect(parseHttpDate(asctime, NOW)).toBe(second * 1000)
      }),
    )
  })
})

describe("a year of two digits (RFC 850)", () => {
  test("more than 50 years ahead lies in the past", () => {
    expect(parseHttpDate("Saturday, 22-Nov-77 00:00:00 GMT", NOW)).toBe(Date.UTC(1977, 10, 22))
    expect(parseHttpDate("Monday, 22-Nov-75 00:00:00 GMT", NOW)).toBe(Date.UTC(2075, 10, 22))
  })

  test("lies in the next century when that is near", () => {
    expect(parseHttpDate("Friday, 01-Jan-00 00:00:30 GMT", Date.UTC(2099, 11, 31, 23, 59))).toBe(
      Date.UTC(2100, 0, 1, 0, 0, 30),
    )
  })

  test("reads back within 49 years of now, in whatever year that is", () => {
    const nows = fc.integer({ min: Date.UTC(2000, 0) / 1000, max: Date.UTC(2300, 0) / 1000 })
    const away = fc.integer({ min: -49 * 31_556_952, max: 49 * 31_556_952 })
    fc.assert(
      fc.property(nows, away, (now, seconds) => {
        const ms = (now + seconds) * 1000
        expect(parseHttpDate(forms(ms).rfc850, now * 1000)).toBe(ms)
      }),
    )
  })
})

describe("seconds", () => {
  test("60 is legal: a leap second is the first of the next minute", () => {
    expect(parseHttpDate("Sat, 31 Dec 2016 23:59:60 GMT", NOW)).toBe(Date.UTC(2017, 0, 1))
  })

  test("61 is not", () => {
    expect(parseHttpDate("Sat, 31 Dec 2016 23:59:61 GMT", NOW)).toBeUndefined()
  })
})

describe("what is no HTTP date is not guessed at", () => {
  test.each([
    "",
    "tomorrow",
    "2026-11-22T12:00:00Z",
    "1795348800",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 +0100",
    "Sun, 06 Nov 1994 08:49:37 EST",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Foo 1994 08:49:37 GMT",
    "Sun, 06 anF 1994 08:49:37 GMT",
    "Sun, 31 Feb 2026 08:49:37 GMT",
    "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 29 Feb 2025 00:00:00 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 06 Nov 94 08:49:37",
    "Sun Nov 06 08:49:37 94",
    "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:38 GMT",
    "\nSun, 06 Nov 1994 08:49:37 GMT",
  ])("%j", (text) => {
    expect(parseHttpDate(text, NOW)).toBeUndefined()
  })

  test("no text makes it throw, and what it gives is a finite instant or nothing", () => {
    const near = fc.constantFrom(...Object.values(forms(NOW)))
    const bent = fc
      .tuple(near, fc.nat(40), fc.string({ maxLength: 3 }))
      .map(([text, at, put]) => text.slice(0, at) + put + text.slice(at + put.length))
    fc.assert(
      fc.property(fc.oneof(fc.string(), bent), (text) => {
        const date = parseHttpDate(text, NOW)
        expect(date === undefined || Number.isSafeInteger(date)).toBe(true)
      }),
    )
  })
})
