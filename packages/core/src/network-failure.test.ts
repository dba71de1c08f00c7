import { runInNewContext } from "node:vm"
import { describe, expect, test } from "vitest"
import { networkFailure } from "./network-failure.ts"
import type { FailureCode } from "./outcome.ts"

const coded = (code: string, message = "it failed", cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code })

/** What Node's fetch rejects with: the reason is one level down. */
const fetchFailed = (cause: unknown): TypeError => new TypeError("fetch failed", { cause })

type Row = readonly [thrown: string, error: unknown, code: FailureCode]

const NODE: readonly Row[] = [
  ["ECONNREFUSED", fetchFailed(coded("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1")), "refused"],
  ["several refused addresses", fetchFailed(Object.assign(new AggregateError([coded("ECONNREFUSED")]), { code: "ECONNREFUSED" })), "refused"],
  ["several refused addresses without a code of their own", fetchFailed(new AggregateError([coded("ECONNREFUSED"), coded("ENETUNREACH")])), "refused"],
  ["EHOSTUNREACH", fetchFailed(coded("EHOSTUNREACH")), "refused"],
  ["ENETUNREACH", fetchFailed(coded("ENETUNREACH")), "refused"],
  ["EADDRNOTAVAIL", fetchFailed(coded("EADDRNOTAVAIL")), "refused"],
  ["UND_ERR_CONNECT_TIMEOUT", fetchFailed(coded("UND_ERR_CONNECT_TIMEOUT", "Connect Timeout Error")), "refused"],
  ["ENOTFOUND", fetchFailed(coded("ENOTFOUND", "getaddrinfo ENOTFOUND nowhere.test")), "dns"],
  ["EAI_AGAIN", fetchFailed(coded("EAI_AGAIN")), "dns"],
  ["CERT_HAS_EXPIRED", fetchFailed(coded("CERT_HAS_EXPIRED")), "tls"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", fetchFailed(coded("DEPTH_ZERO_SELF_SIGNED_CERT")), "tls"],
  ["SELF_SIGNED_CERT_IN_CHAIN", fetchFailed(coded("SELF_SIGNED_CERT_IN_CHAIN")), "tls"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", fetchFailed(coded("UNABLE_TO_VERIFY_LEAF_SIGNATURE")), "tls"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", fetchFailed(coded("ERR_TLS_CERT_ALTNAME_INVALID")), "tls"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", fetchFailed(coded("ERR_SSL_WRONG_VERSION_NUMBER")), "tls"],
  ["EPROTO", fetchFailed(coded("EPROTO")), "tls"],
  ["ECONNRESET", fetchFailed(coded("ECONNRESET", "read ECONNRESET")), "reset"],
  ["UND_ERR_SOCKET", fetchFailed(coded("UND_ERR_SOCKET", "other side closed")), "reset"],
  ["EPIPE", fetchFailed(coded("EPIPE")), "reset"],
  ["ECONNABORTED", fetchFailed(coded("ECONNABORTED")), "reset"],
  ["ETIMEDOUT", fetchFailed(coded("ETIMEDOUT")), "reset"],
  ["UND_ERR_CLOSED", fetchFailed(coded("UND_ERR_CLOSED")), "reset"],
  ["UND_ERR_HEADERS_TIMEOUT", fetchFailed(coded("UND_ERR_HEADERS_TIMEOUT")), "timeout"],
  ["UND_ERR_BODY_TIMEOUT", new TypeError("terminated", { cause: coded("UND_ERR_BODY_TIMEOUT") }), "timeout"],
  ["a closed socket in mid-body", new TypeError("terminated", { cause: coded("UND_ERR_SOCKET") }), "reset"],
  ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", fetchFailed(coded("UND_ERR_RES_CONTENT_LENGTH_MISMATCH")), "broken-body"],
  ["Z_DATA_ERROR", new TypeError("terminated", { cause: coded("Z_DATA_ERROR") }), "broken-body"],
  ["ERR__ERROR_FORMAT_PADDING_1 of Brotli", new TypeError("terminated", { cause: coded("ERR__ERROR_FORMAT_PADDING_1") }), "broken-body"],
  ["HPE_INVALID_CONSTANT", fetchFailed(coded("HPE_INVALID_CONSTANT", "Expected HTTP/")), "protocol"],
  ["HPE_INVALID_HEADER_TOKEN", fetchFailed(coded("HPE_INVALID_HEADER_TOKEN")), "protocol"],
  ["HPE_UNEXPECTED_CONTENT_LENGTH", fetchFailed(coded("HPE_UNEXPECTED_CONTENT_LENGTH")), "protocol"],
  ["a parser's error without a code", fetchFailed(Object.assign(new Error("Response does not match the HTTP/1.1 protocol (Expected HTTP/)"), { code: undefined })), "protocol"],
  ["UND_ERR_HEADERS_OVERFLOW", fetchFailed(coded("UND_ERR_HEADERS_OVERFLOW")), "protocol"],
  ["a code that nobody knows", fetchFailed(coded("ESOMETHINGNEW")), "network"],
  ["a code at the top", coded("ECONNREFUSED"), "refused"],
] // prettier-ignore

const BUN: readonly Row[] = [
  ["ConnectionRefused", coded("ConnectionRefused", "Unable to connect. Is the computer able to access the url?"), "refused"],
  ["FailedToOpenSocket", coded("FailedToOpenSocket", "Was there a typo in the url or port?"), "refused"],
  ["ConnectionClosed", coded("ConnectionClosed", "The socket connection was closed unexpectedly."), "reset"],
  ["ECONNRESET", coded("ECONNRESET", "The socket connection was closed unexpectedly."), "reset"],
  ["Malformed_HTTP_Response", coded("Malformed_HTTP_Response"), "protocol"],
  ["InvalidHTTPResponse", coded("InvalidHTTPResponse"), "protocol"],
  ["ZlibError", coded("ZlibError", "Decompression error: ZlibError"), "broken-body"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", coded("UNABLE_TO_GET_ISSUER_CERT_LOCALLY"), "tls"],
] // prettier-ignore

const deno = (detail: string): TypeError =>
  new TypeError(`error sending request for url (https://h/): client error (${detail}`)

const DENO: readonly Row[] = [
  ["a refused connection", deno("Connect): tcp connect error: Connection refused (os error 111)"), "refused"],
  ["an unknown name", new TypeError("client error: dns error: failed to lookup address information"), "dns"],
  ["an invalid certificate", new TypeError("invalid peer certificate: UnknownIssuer"), "tls"],
  ["a reset", deno("SendRequest): connection error: Connection reset by peer (os error 104)"), "reset"],
  ["a close before the headers", deno("SendRequest): connection closed before message completed"), "reset"],
  ["a body that breaks off", new TypeError("error reading a body from connection"), "reset"],
]

const BROWSERS: readonly Row[] = [
  ["Chromium", new TypeError("Failed to fetch"), "network"],
  ["Chromium in mid-body", new TypeError("network error"), "network"],
  ["Firefox", new TypeError("NetworkError when attempting to fetch resource."), "network"],
  ["Safari", new TypeError("Load failed"), "network"],
  ["Safari on a lost connection", new TypeError("The network connection was lost."), "network"],
  ["Safari offline", new TypeError("The Internet connection appears to be offline."), "network"],
  ["WebKit", new TypeError(" A network error occurred."), "network"],
  ["React Native", new TypeError("Network request failed"), "network"],
  ["Cloudflare Workers", new Error("Network connection lost."), "network"],
]

describe.each([
  ["Node", NODE],
  ["Bun", BUN],
  ["Deno", DENO],
  ["browsers", BROWSERS],
])("what fetch throws in %s", (_, rows) => {
  test.each(rows)("%s is a failure of the network, with its cause", (_, error, code) => {
    const failed = networkFailure(error)
    expect(failed).toMatchObject({ kind: "failure", code })
    expect(failed?.cause).toBe(error)
  })
})

describe("what is no failure of the network is a defect of the call:", () => {
  test.each<[string, unknown]>([
    ["an invalid URL", new TypeError("Failed to parse URL from x", { cause: coded("ERR_INVALID_URL", "Invalid URL") })],
    ["an invalid argument", fetchFailed(coded("UND_ERR_INVALID_ARG", "invalid onRequestStart method"))],
    ["an unsupported option", fetchFailed(coded("UND_ERR_NOT_SUPPORTED"))],
    ["a body of another length than announced", fetchFailed(coded("UND_ERR_REQ_CONTENT_LENGTH_MISMATCH"))],
    ["a character in the path", fetchFailed(coded("ERR_UNESCAPED_CHARACTERS"))],
    ["undici's own abort", coded("UND_ERR_ABORTED")],
    ["a redirect that was refused", fetchFailed(new Error("unexpected redirect"))],
    ["a redirect loop", fetchFailed(new Error("redirect count exceeded"))],
    ["a blocked port", fetchFailed(new Error("bad port"))],
    ["an unknown scheme", fetchFailed(new Error("unknown scheme"))],
    ["an integrity mismatch", fetchFailed(new Error("integrity mismatch"))],
    ["an abort", new DOMException("This operation was aborted", "AbortError")],
    ["a timeout signal", new DOMException("The operation was aborted due to timeout", "TimeoutError")],
    ["a mistake in code", new TypeError("Cannot read properties of undefined (reading 'x')")],
    ["nothing", undefined],
    ["null", null],
    ["a text", "ECONNREFUSED"],
    ["a number", 5],
  ])("%s", (_, error) => {
    expect(networkFailure(error)).toBeUndefined()
  })
})

describe("a failure tells", () => {
  test("what happened in the platform's words, with its code", () => {
    expect(networkFailure(fetchFailed(coded("ECONNREFUSED", "connect ECONNREFUSED ::1:1")))?.message).toBe(
      "connect ECONNREFUSED ::1:1 (ECONNREFUSED)",
    )
  })

  test.each(["ECONNREFUSED", "ENOTFOUND", "CERT_HAS_EXPIRED"])("after %s that nothing was sent", (code) => {
    expect(networkFailure(coded(code))?.processed).toBe(false)
  })

  test.each(["ECONNRESET", "UND_ERR_HEADERS_TIMEOUT", "HPE_INVALID_CONSTANT", "ESOMETHINGNEW"])(
    "after %s that the request may have been processed",
    (code) => {
      expect(networkFailure(coded(code))?.processed).toBe(true)
    },
  )
})

test("an error of another realm, as under Jest, is known as well", () => {
  const foreign: unknown = runInNewContext(
    `new TypeError("fetch failed", { cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }) })`,
  )
  expect(networkFailure(foreign)?.code).toBe("refused")
})

test("causes that go round in a circle come to an end", () => {
  const one: Error = new Error("one")
  one.cause = new Error("two", { cause: one })
  expect(networkFailure(one)).toBeUndefined()
})
