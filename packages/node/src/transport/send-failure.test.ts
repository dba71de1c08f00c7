import { ConfigurationError } from "steadfetch"
import { expect, test } from "vitest"
import { sendFailure, unsendable } from "./send-failure.ts"

const coded = (code: string, message = "words", more: object = {}): Error =>
  Object.assign(new Error(message), { code, ...more })
const tunnel = (status: number): Error =>
  coded("UND_ERR_ABORTED", `Proxy response (${status}) !== 200 when HTTP Tunneling`)

test.each([
  ["a reset", true, coded("ECONNRESET"), { code: "reset", processed: true, temporary: true }],
  ["a reset of a connection that had not taken it", false, coded("ECONNRESET"), { code: "reset", processed: false }],
  ["a refused connection", false, coded("ECONNREFUSED"), { code: "refused", processed: false, temporary: true }],
  ["a connection that takes too long", false, coded("UND_ERR_CONNECT_TIMEOUT"), { code: "refused", processed: false }],
  ["a name that nobody knows", false, coded("ENOTFOUND"), { code: "dns", processed: false }],
  ["a certificate", false, coded("CERT_HAS_EXPIRED"), { code: "tls", processed: false, temporary: false }],
  ["a proxy's certificate", false, coded("UND_ERR_PRX_TLS"), { code: "tls", processed: false }],
  ["no HTTP", true, coded("HPE_INVALID_CONSTANT"), { code: "protocol", processed: true }],
  ["an HTTP/2 stream that broke", true, coded("ERR_HTTP2_STREAM_ERROR", "", { http2ErrorCode: 2 }), { code: "reset", processed: true }], // prettier-ignore
  ["an HTTP/2 stream that was refused", true, coded("ERR_HTTP2_STREAM_ERROR", "", { http2ErrorCode: 7 }), { code: "reset", processed: false, temporary: true }], // prettier-ignore
  ["an HTTP/2 stream that was closed", true, coded("UND_ERR_INFO"), { code: "reset", processed: true }],
  ["a proxy that wants credentials", false, tunnel(407), { code: "refused", processed: false, temporary: false }],
  ["a proxy that forbids it", false, tunnel(403), { code: "refused", processed: false, temporary: false }],
  ["a proxy that is overloaded", false, tunnel(503), { code: "refused", processed: false, temporary: true }],
  ["a proxy that limits", false, tunnel(429), { code: "refused", processed: false, temporary: true }],
])("%s (started: %s) is a failure that says what is known", (_, started, error, expected) => {
  expect(sendFailure(error, started)).toMatchObject({ ...expected, cause: error })
})

test.each([
  ["a field that cannot be sent", coded("UND_ERR_INVALID_ARG", "invalid upgrade header"), "change the request"],
  ["a dispatcher that is closed", coded("UND_ERR_CLOSED", "The client is closed"), "that are open"],
  ["a dispatcher that is destroyed", coded("UND_ERR_DESTROYED", "The client is destroyed"), "that are open"],
  ["a mock without an answer", coded("UND_MOCK_ERR_MOCK_NOT_MATCHED", "no match"), "know the request"],
])("%s is a defect, and no repetition is asked for", (_, error, fix) => {
  expect(sendFailure(error, false)).toBeUndefined()
  expect(unsendable(error)).toBeInstanceOf(ConfigurationError)
  expect(unsendable(error).message).toContain(error.message)
  expect(unsendable(error).message).toContain(fix)
})
