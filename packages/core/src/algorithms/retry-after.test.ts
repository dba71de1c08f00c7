import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { retryAfterMs, retryInfoMs } from "./retry-after.ts"

const NOW = Date.UTC(2026, 10, 22, 12)
const LARGEST_MS = 1e12

function asked(headers: Readonly<Record<string, string>>, text = ""): number | undefined {
  return retryAfterMs((name) => headers[name] ?? null, NOW) ?? retryInfoMs(text)
}

const retryInfo = (delay: string): string =>
  JSON.stringify({
    error: { details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: delay }] },
  })

describe("Retry-After in seconds", () => {
  test.each([
    ["0", 0],
    ["1", 1000],
    ["120", 120_000],
    ["007", 7000],
    [" 30 ", 30_000],
    ["86400", 86_400_000],
  ])("%j is %d ms", (value, ms) => {
    expect(asked({ "retry-after": value })).toBe(ms)
  })

  test.each(["2147484", "4294967", "31536000"])("%s s, more than a timer holds, is kept in full", (value) => {
    expect(asked({ "retry-after": value })).toBe(Number(value) * 1000)
  })

  test.each(["9".repeat(12), "9".repeat(30), "9".repeat(400)])("%s is bounded, finite and far away", (value) => {
    expect(asked({ "retry-after": value })).toBe(LARGEST_MS)
  })
})

describe("Retry-After as a date", () => {
  test.each([
    ["Sun, 22 Nov 2026 12:00:30 GMT"],
    ["Sunday, 22-Nov-26 12:00:30 GMT"],
    ["Sun Nov 22 12:00:30 2026"],
    ["  Sun, 22 Nov 2026 12:00:30 GMT  "],
  ])("%j is counted from now", (value) => {
    expect(asked({ "retry-after": value })).toBe(30_000)
  })

  test("in the past means now", () => {
    expect(asked({ "retry-after": "Sun, 22 Nov 2026 11:59:59 GMT" })).toBe(0)
    expect(asked({ "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" })).toBe(0)
  })

  test("in a leap second is the next second", () => {
    expect(asked({ "retry-after": "Sun, 22 Nov 2026 12:00:60 GMT" })).toBe(60_000)
  })

  test("in the year 9999 is bounded", () => {
    expect(asked({ "retry-after": "Fri, 31 Dec 9999 23:59:59 GMT" })).toBe(LARGEST_MS)
  })
})

describe("what is no Retry-After is ignored", () => {
  test.each([
    "",
    " ",
    "-1",
    "+5",
    "1.5",
    "1e3",
    "0x10",
    "10s",
    "10, 20",
    "soon",
    "Infinity",
    "NaN",
    "null",
    "١٢",
    "2026-11-22T12:00:30Z",
    "Sun, 22 Nov 2026 12:00:30 PST",
  ])("%j", (value) => {
    expect(asked({ "retry-after": value })).toBeUndefined()
  })

  test("no field is no answer", () => {
    expect(asked({})).toBeUndefined()
  })
})

describe("retry-after-ms", () => {
  test.each([
    ["0", 0],
    ["1500", 1500],
    ["1500.2", 1501],
    [" 20 ", 20],
    ["9".repeat(400), LARGEST_MS],
  ])("%j is %d ms", (value, ms) => {
    expect(asked({ "retry-after-ms": value })).toBe(ms)
  })

  test("goes before Retry-After, which is coarser", () => {
    expect(asked({ "retry-after-ms": "250", "retry-after": "1" })).toBe(250)
  })

  test.each(["", "-1", "soon", "1e3"])("%j gives way to Retry-After", (value) => {
    expect(asked({ "retry-after-ms": value, "retry-after": "3" })).toBe(3000)
  })
})

describe("google.rpc.RetryInfo in the body", () => {
  test.each([
    ["13s", 13_000],
    ["0s", 0],
    ["3.5s", 3500],
    ["0.000000001s", 1],
    [`${"9".repeat(400)}s`, LARGEST_MS],
  ])("retryDelay %j is %d ms", (delay, ms) => {
    expect(asked({}, retryInfo(delay))).toBe(ms)
  })

  test.each(["13", "-1s", "s", "1m", ""])("retryDelay %j is ignored", (delay) => {
    expect(asked({}, retryInfo(delay))).toBeUndefined()
  })

  test("a retryDelay of something else is ignored", () => {
    expect(asked({}, `{"retryDelay":"5s"}`)).toBeUndefined()
  })
})

test("whatever the fields and the body hold, the answer is a bounded delay or none", () => {
  const value = fc.oneof(fc.string(), fc.bigInt().map(String), fc.double().map(String), fc.date().map(String))
  fc.assert(
    fc.property(value, value, fc.oneof(fc.string(), fc.string().map(retryInfo)), (ms, field, text) => {
      const delayMs = asked({ "retry-after-ms": ms, "retry-after": field }, text) ?? 0
      expect(delayMs).toBeGreaterThanOrEqual(0)
      expect(delayMs).toBeLessThanOrEqual(LARGEST_MS)
    }),
  )
})

test("RetryInfo is read however its JSON is spaced, and `retry-after-ms` with any fraction", () => {
  expect(retryInfoMs('{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay" \n:\t "3.25s"}')).toBe(3250)
  expect(retryAfterMs((name) => (name === "retry-after-ms" ? "1.251" : null), 0)).toBe(2)
  expect(retryAfterMs((name) => (name === "retry-after-ms" ? "100.251" : "9"), 0)).toBe(101)
})
