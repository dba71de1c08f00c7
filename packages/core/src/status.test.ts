import { describe, expect, test } from "vitest"
import { STATUS_NAMES, statusClass, statusDigit, statusName, type StatusClass } from "./status.ts"

/** The registry as IANA publishes it, row by row. */
const REGISTRY: readonly (readonly [number, string])[] = [
  [100, "Continue"],
  [101, "Switching Protocols"],
  [102, "Processing"],
  [103, "Early Hints"],
  [104, "Upload Resumption Supported"],
  [200, "OK"],
  [201, "Created"],
  [202, "Accepted"],
  [203, "Non-Authoritative Information"],
  [204, "No Content"],
  [205, "Reset Content"],
  [206, "Partial Content"],
  [207, "Multi-Status"],
  [208, "Already Reported"],
  [226, "IM Used"],
  [300, "Multiple Choices"],
  [301, "Moved Permanently"],
  [302, "Found"],
  [303, "See Other"],
  [304, "Not Modified"],
  [305, "Use Proxy"],
  [306, "(Unused)"],
  [307, "Temporary Redirect"],
  [308, "Permanent Redirect"],
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [402, "Payment Required"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [406, "Not Acceptable"],
  [407, "Proxy Authentication Required"],
  [408, "Request Timeout"],
  [409, "Conflict"],
  [410, "Gone"],
  [411, "Length Required"],
  [412, "Precondition Failed"],
  [413, "Content Too Large"],
  [414, "URI Too Long"],
  [415, "Unsupported Media Type"],
  [416, "Range Not Satisfiable"],
  [417, "Expectation Failed"],
  [418, "(Unused)"],
  [421, "Misdirected Request"],
  [422, "Unprocessable Content"],
  [423, "Locked"],
  [424, "Failed Dependency"],
  [425, "Too Early"],
  [426, "Upgrade Required"],
  [428, "Precondition Required"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [451, "Unavailable For Legal Reasons"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Timeout"],
  [505, "HTTP Version Not Supported"],
  [506, "Variant Also Negotiates"],
  [507, "Insufficient Storage"],
  [508, "Loop Detected"],
  [510, "Not Extended"],
  [511, "Network Authentication Required"],
]

describe("the status registry", () => {
  test("holds the 64 registered codes and no other", () => {
    expect(Object.keys(STATUS_NAMES).map(Number)).toEqual(REGISTRY.map(([status]) => status))
    expect(REGISTRY).toHaveLength(64)
  })

  test.each(REGISTRY)("%i is named %s", (status, name) => {
    expect(statusName(status)).toBe(name)
  })
})

const CLASSES: readonly (readonly [number, number, StatusClass])[] = [
  [100, 199, "informational"],
  [200, 299, "success"],
  [300, 399, "redirection"],
  [400, 499, "client-error"],
  [500, 599, "server-error"],
]

describe("the class of a status", () => {
  test.each(CLASSES)("every code from %i to %i is %s, registered or not", (first, last, name) => {
    const codes = Array.from({ length: last - first + 1 }, (_, index) => first + index)
    expect(new Set(codes.map(statusClass))).toEqual(new Set([name]))
    expect(new Set(codes.map(statusDigit))).toEqual(new Set([first / 100]))
  })

  test.each([0, 1, 99, 600, 999, 1000, -1, -404, Number.NaN, Number.POSITIVE_INFINITY])(
    "%d lies outside 100–599 and counts as a server error (RFC 9110 §15)",
    (status) => {
      expect(statusClass(status)).toBe("server-error")
      expect(statusDigit(status)).toBe(5)
    },
  )

  test.each([
    [299, "success"],
    [399, "redirection"],
    [419, "client-error"],
    [499, "client-error"],
    [522, "server-error"],
    [599, "server-error"],
    [600, "server-error"],
  ])("unregistered %i is called by its class, %s", (status, name) => {
    expect(statusName(status)).toBe(name)
  })
})
