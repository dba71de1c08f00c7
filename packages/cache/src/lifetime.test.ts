import { ListedFields } from "steadfetch"
import { describe, expect, test } from "vitest"
import { directivesOf } from "./directives.ts"
import { ageMsOf, isUsableOnError, lifetimeOf, useOf } from "./lifetime.ts"

const NOW = Date.UTC(2026, 0, 1)
const DATE = new Date(NOW).toUTCString()
const inSeconds = (seconds: number): string => new Date(NOW + seconds * 1000).toUTCString()

function lifetime(headers: Readonly<Record<string, string>>, status = 200) {
  return lifetimeOf(status, new ListedFields(Object.entries(headers)), NOW)
}

describe("how long a reply is fresh (RFC 9111 §4.2.1)", () => {
  test.each<[Readonly<Record<string, string>>, number]>([
    [{ "cache-control": "max-age=60" }, 60],
    [{ "cache-control": "Max-Age=60" }, 60],
    [{ "cache-control": 'max-age="60"' }, 60],
    [{ "cache-control": "private, max-age=60" }, 60],
    [{ "cache-control": "max-age=60, max-age=10" }, 60],
    [{ "cache-control": "max-age=60, s-maxage=5" }, 60],
    [{ "cache-control": "max-age=60, must-revalidate" }, 60],
    [{ "cache-control": "max-age=60", expires: inSeconds(10) }, 60],
    [{ "cache-control": "max-age=0", expires: inSeconds(10) }, 0],
    [{ "cache-control": "max-age=abc", expires: inSeconds(10) }, 0],
    [{ "cache-control": "max-age=-5" }, 0],
    [{ "cache-control": "max-age=1.5" }, 0],
    [{ "cache-control": "max-age" }, 0],
    [{ "cache-control": "no-cache, max-age=60" }, 0],
    [{ "cache-control": 'no-cache="set-cookie, x", max-age=60' }, 0],
    [{ "cache-control": 'extension="max-age=60"' }, 0],
    [{ "cache-control": "s-maxage=60" }, 0],
    [{ "cache-control": "public" }, 0],
    [{ "cache-control": "immutable" }, 0],
    [{ "cache-control": "max-age=60, immutable" }, 60],
    [{ pragma: "no-cache", expires: inSeconds(10) }, 0],
    [{ expires: inSeconds(10), date: DATE }, 10],
    [{ expires: inSeconds(10) }, 10],
    [{ expires: inSeconds(10), date: inSeconds(-10) }, 20],
    [{ expires: inSeconds(-10), date: DATE }, 0],
    [{ expires: "0", date: DATE }, 0],
    [{ expires: "soon", date: DATE }, 0],
    [{ "last-modified": inSeconds(-1_000_000), date: DATE }, 0],
    [{}, 0],
  ])("%j: %i s", (headers, seconds) => {
    expect(lifetime(headers)?.freshMs).toBe(seconds * 1000)
  })
})

describe("what may be kept (RFC 9111 §3)", () => {
  test.each([200, 203, 204, 404, 405, 410, 414, 501])("a %i with a lifetime is", (status) => {
    expect(lifetime({ "cache-control": "max-age=60" }, status)?.freshMs).toBe(60_000)
  })

  test.each([206, 304, 400, 401, 403, 429, 500, 503])("a %i is not", (status) => {
    expect(lifetime({ "cache-control": "max-age=60" }, status)).toBeUndefined()
  })

  test.each(["no-store", "No-Store", "max-age=60, no-store", 'no-store="x"', "private, NO-STORE"])(
    "%s is not",
    (said) => {
      expect(lifetime({ "cache-control": said })).toBeUndefined()
    },
  )
})

test.each([
  ["", undefined, 0, 0],
  ["5", undefined, 0, 5000],
  ["-5", undefined, 0, 0],
  ["5, 7", undefined, 0, 0],
])("an Age of %j counts", (age, _, __, ms) => {
  expect(lifetime({ "cache-control": "max-age=60", age })?.ageMs).toBe(ms)
})

test("age is what it came with and what has passed; unknown when the time of day was set back", () => {
  const stored = { freshMs: 60_000, ageMs: 5000, whileRevalidateMs: 0, ifErrorMs: 0, mustRevalidate: false, requestedAt: NOW } // prettier-ignore
  expect([ageMsOf(stored, NOW), ageMsOf(stored, NOW + 1000), ageMsOf(stored, NOW - 1)]).toEqual([5000, 6000, -1])
  expect(useOf(stored, NOW - 1, directivesOf(""))).toBe("validate")
})

describe("how a stored reply serves a request (RFC 9111 §4, §5.2.1)", () => {
  const at = (ageS: number, reply: string, request: string) => {
    const known = lifetime({ "cache-control": reply })
    if (known === undefined) throw new Error("it is not kept")
    return useOf({ ...known, requestedAt: NOW }, NOW + ageS * 1000, directivesOf(request))
  }

  test.each([
    [0, "max-age=60", "", "fresh"],
    [59, "max-age=60", "", "fresh"],
    [60, "max-age=60", "", "validate"],
    [0, "max-age=0", "", "validate"],
    [59, "max-age=60, must-revalidate", "", "fresh"],
    [0, "max-age=60", "no-cache", "validate"],
    [0, "max-age=60", "max-age=0", "validate"],
    [5, "max-age=60", "max-age=5", "fresh"],
    [6, "max-age=60", "max-age=5", "validate"],
    [0, "max-age=60", "max-age=soon", "validate"],
    [20, "max-age=60", "min-fresh=40", "fresh"],
    [21, "max-age=60", "min-fresh=40", "validate"],
    [90, "max-age=60", "max-stale", "max-stale"],
    [90, "max-age=60", "max-stale=30", "max-stale"],
    [91, "max-age=60", "max-stale=30", "validate"],
    [60, "max-age=60", "max-stale=never", "max-stale"],
    [61, "max-age=60", "max-stale=never", "validate"],
    [90, "max-age=60, must-revalidate", "max-stale", "validate"],
    [90, "max-age=60, no-cache", "max-stale", "validate"],
    [60, "max-age=60, stale-while-revalidate=10", "", "stale-while-revalidate"],
    [69, "max-age=60, stale-while-revalidate=10", "", "stale-while-revalidate"],
    [70, "max-age=60, stale-while-revalidate=10", "", "validate"],
    [65, "max-age=60, stale-while-revalidate=10, must-revalidate", "", "validate"],
    [65, "max-age=60, stale-while-revalidate=10", "no-cache", "validate"],
    [65, "max-age=60, stale-while-revalidate=10", "max-age=100", "validate"],
    [65, "max-age=60, stale-while-revalidate=10", "min-fresh=1", "validate"],
  ])("%i s after %j, asked with %j: %s", (ageS, reply, request, use) => {
    expect(at(ageS, reply, request)).toBe(use)
  })

  test.each([
    [60, "max-age=60, stale-if-error=10", "", 0, true],
    [70, "max-age=60, stale-if-error=10", "", 0, false],
    [65, "max-age=60, stale-if-error=10, must-revalidate", "", 100_000, false],
    [65, "max-age=60, no-cache, stale-if-error=100", "", 0, false],
    [65, "max-age=60", "", 0, false],
    [65, "max-age=60", "", 10_000, true],
    [70, "max-age=60", "", 10_000, false],
    [65, "max-age=60, stale-if-error=0", "", 10_000, false],
    [65, "max-age=60", "stale-if-error=10", 0, true],
    [65, "max-age=60, stale-if-error=100", "stale-if-error=0", 0, false],
    [65, "max-age=60, stale-if-error=100", "no-cache", 0, false],
  ])(
    "%i s after %j, asked with %j, usually %i ms: it may stand in on error: %s",
    (ageS, reply, request, usualMs, may) => {
      const known = lifetime({ "cache-control": reply })
      if (known === undefined) throw new Error("it is not kept")
      expect(isUsableOnError({ ...known, requestedAt: NOW }, NOW + ageS * 1000, directivesOf(request), usualMs)).toBe(
        may,
      )
    },
  )
})

test("directives are read whatever their case, spacing and quotes; of two the first counts", () => {
  const read = directivesOf(' Max-Age = 5 ,no-cache="a, \\"b\\"",, PRIVATE, max-age=9, x=')
  expect([...read]).toEqual([["max-age", "5"], ["no-cache", 'a, "b"'], ["private", true], ["x", ""]]) // prettier-ignore
  expect(directivesOf(null).size).toBe(0)
})
