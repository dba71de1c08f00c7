import { describe, expect, test } from "vitest"
import { contract, documented, judge, rfc9110, strict, type Contract } from "./contract.ts"
import type { Verdict } from "./outcome.ts"
import type { Reply } from "./outcome.ts"
import { WholeBody } from "./reply-body.ts"
import { STATUS_NAMES } from "./status.ts"
import { ConfigurationError } from "./steadfetch-error.ts"

const NOW = Date.UTC(2026, 10, 22, 12)

function reply(status: number, headers: Readonly<Record<string, string>> = {}, text = ""): Reply {
  const body = new WholeBody(new TextEncoder().encode(text))
  return { kind: "reply", status, url: undefined, headers: new Headers(headers), body }
}

function verdict(table: Contract, status: number, headers?: Readonly<Record<string, string>>): Verdict {
  return judge(table, reply(status, headers), { date: () => NOW }).verdict
}

const REGISTERED = Object.keys(STATUS_NAMES).map(Number)
const inClass = (digit: number): number[] => REGISTERED.filter((status) => Math.floor(status / 100) === digit)
const ACCEPTED = [...inClass(1), ...inClass(2), ...inClass(3)]
const retryAfter = { "retry-after": "7" }

/** What RFC 9110, RFC 8470 and the RFCs of the single statuses say about sending the same request again. */
const CAN_SUCCEED_LATER = [408, 421, 425, 429, 500, 502, 503, 504, 507]
const CANNOT_SUCCEED = [501, 505, 506, 508, 510, 511]
const TO_BE_CORRECTED = [
  400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 422, 423, 424, 426, 428,
  431, 451,
]

test("the judged codes and the accepted ones are the whole registry", () => {
  const all = [...ACCEPTED, ...CAN_SUCCEED_LATER, ...CANNOT_SUCCEED, ...TO_BE_CORRECTED]
  expect(all.toSorted((a, b) => a - b)).toEqual(REGISTERED)
})

describe.each([
  ["documented", documented],
  ["strict", strict],
  ["rfc9110", rfc9110],
])("under %s", (_, table) => {
  test.each(ACCEPTED)("%i is accepted, whatever Retry-After says", (status) => {
    expect(judge(table, reply(status, retryAfter), { date: () => NOW })).toEqual({
      verdict: "accept",
      afterMs: undefined,
      asked: undefined,
    })
  })

  test.each(TO_BE_CORRECTED)("%i asks for another request", (status) => {
    expect(verdict(table, status)).toBe("correct")
  })

  test("unknown codes are judged by their class", () => {
    expect([199, 299, 399, 419, 499, 522, 599].map((status) => verdict(table, status))).toEqual([
      "accept",
      "accept",
      "accept",
      "correct",
      "correct",
      "retry",
      "retry",
    ])
  })

  test("a code outside 100–599 is judged as 5xx", () => {
    expect([0, 99, 600, 999].map((status) => verdict(table, status))).toEqual(["retry", "retry", "retry", "retry"])
  })
})

describe("under documented", () => {
  test.each(inClass(4))("%i is sent again only when the server names a time", (status) => {
    expect(verdict(documented, status)).toBe("correct")
    expect(judge(documented, reply(status, retryAfter), { date: () => NOW })).toMatchObject({
      verdict: "retry",
      afterMs: 7000,
    })
  })

  test.each(inClass(5))("%i is sent again, with or without a time", (status) => {
    expect(verdict(documented, status)).toBe("retry")
    expect(judge(documented, reply(status, retryAfter), { date: () => NOW })).toMatchObject({
      verdict: "retry",
      afterMs: 7000,
    })
  })
})

describe("under strict", () => {
  test.each(inClass(4))("%i is never sent again", (status) => {
    expect(verdict(strict, status, retryAfter)).toBe("correct")
    expect(verdict(strict, status, { ...retryAfter, "x-should-retry": "true" })).toBe("correct")
  })

  test.each(inClass(5))("%i is sent again", (status) => {
    expect(verdict(strict, status)).toBe("retry")
  })
})

describe("under rfc9110", () => {
  test.each(CAN_SUCCEED_LATER)("%i is sent again even when the server names no time", (status) => {
    expect(verdict(rfc9110, status)).toBe("retry")
  })

  test.each(CANNOT_SUCCEED)("%i is final, whatever Retry-After says", (status) => {
    expect(verdict(rfc9110, status, retryAfter)).toBe("correct")
  })
})

describe("what the server itself says", () => {
  test.each(["x-should-retry", "stripe-should-retry"])("%s: false ends a 503", (name) => {
    expect(judge(documented, reply(503, { [name]: "false" }), { date: () => NOW })).toMatchObject({
      verdict: "correct",
      asked: false,
    })
  })

  test.each(["x-should-retry", "stripe-should-retry"])("%s: true invites a 409 again", (name) => {
    expect(judge(documented, reply(409, { [name]: "true" }), { date: () => NOW })).toMatchObject({
      verdict: "retry",
      asked: true,
    })
  })

  test("false goes before Retry-After", () => {
    expect(verdict(documented, 429, { ...retryAfter, "x-should-retry": "false" })).toBe("correct")
  })

  test("anything but true and false is no answer", () => {
    expect(judge(documented, reply(409, { "x-should-retry": "maybe" }), { date: () => NOW })).toMatchObject({
      verdict: "correct",
      asked: undefined,
    })
  })

  test("RetryInfo in the body names a time as Retry-After does", () => {
    const info = `{"error":{"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3.5s"}]}}`
    expect(judge(documented, reply(429, {}, info), { date: () => NOW })).toMatchObject({
      verdict: "retry",
      afterMs: 3500,
    })
  })

  test("a body that is still a stream is not looked at", () => {
    const streamed: Reply = {
      ...reply(429),
      body: { bytes: undefined, stream: () => new ReadableStream(), discard: () => {}, onEnd: () => {} },
    }
    expect(judge(documented, streamed, { date: () => NOW }).verdict).toBe("correct")
  })
})

describe("rows of the user's own", () => {
  test("go before the documented ones, and leave the others as they are", () => {
    const table = contract({ 409: "retry", 503: "correct" })
    expect([409, 410, 503, 504].map((status) => verdict(table, status))).toEqual([
      "retry",
      "correct",
      "correct",
      "retry",
    ])
  })

  test("a row for one status goes before the row for its class", () => {
    const table = contract({ "4xx": "retry", 404: "correct" })
    expect([404, 409].map((status) => verdict(table, status))).toEqual(["correct", "retry"])
  })

  test("can accept an error status, and can retry a success", () => {
    const table = contract({ 404: "accept", 202: "retry" })
    expect([404, 202].map((status) => verdict(table, status))).toEqual(["accept", "retry"])
  })

  test("a whole contract can be given as rows", () => {
    expect(contract(rfc9110)).toEqual(rfc9110)
    expect(contract(undefined)).toEqual(documented)
  })

  test.each([
    [{ 600: "retry" }, `600: "retry"`],
    [{ 99: "retry" }, `99: "retry"`],
    [{ "6xx": "retry" }, `6xx: "retry"`],
    [{ "4XX": "retry" }, `4XX: "retry"`],
    [{ "40x": "retry" }, `40x: "retry"`],
    [{ 409: "again" }, `409: "again"`],
    [{ 409: true }, `409: true`],
    [{ 409: undefined }, `409: undefined`],
    [{ constructor: "retry" }, `constructor: "retry"`],
  ])("%j is refused, with the row and the form of a right one", (rows, named) => {
    expect(() => contract(rows as Contract)).toThrow(
      new ConfigurationError(`contract: ${named} is no row; write { 409: "retry" } or { "4xx": "correct" }`),
    )
  })
})
