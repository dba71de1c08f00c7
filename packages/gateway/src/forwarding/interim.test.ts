import type { ServerResponse } from "node:http"
import { CallRecord, type Exchange } from "steadfetch"
import { expect, test } from "vitest"
import { interimPasser } from "./interim.ts"

/** What a caller whose reply is in this state is sent. */
function sent(state: { headersSent?: boolean; version?: string; isItsTurn?: boolean }, status: number): string {
  let text = ""
  const socket = { write: (piece: string) => (text += piece) }
  const { headersSent = false, version = "1.1", isItsTurn = true } = state
  const res = { headersSent, req: { httpVersion: version }, socket: isItsTurn ? socket : null }
  const record = new CallRecord("GET", "http://a.test/", 0)
  const waiting = new WeakMap([[record, res as unknown as ServerResponse]])
  interimPasser(waiting)({ record } as unknown as Exchange, status, ["Link", "</a>", "Connection", "X", "X", "1"])
  return text
}

test("an interim reply goes out without the fields of one hop", () => {
  expect(sent({}, 103)).toBe("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
  expect(sent({}, 199)).toBe("HTTP/1.1 199 Interim\r\nLink: </a>\r\n\r\n")
})

test.each([
  ["a final reply has begun, as another attempt's", { headersSent: true }, 103],
  ["it is another reply's turn", { isItsTurn: false }, 103],
  ["the caller speaks HTTP/1.0", { version: "1.0" }, 103],
  ["it would leave HTTP", {}, 101],
  ["the gateway has said it itself", {}, 100],
])("nothing goes out when %s", (_what, state, status) => {
  expect(sent(state, status)).toBe("")
})
