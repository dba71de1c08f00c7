import type { ReceivedRequest, Script } from "@steadfetch/testing/fault-server"
import { expect, test } from "vitest"
import { plain } from "../paint.ts"
import { answerOf, requestLine, summary } from "./request-line.ts"

const script: Script = {
  "/*": {
    steps: [
      { kind: "reply", status: 503 },
      { kind: "reply", status: 200, body: { bytes: 100 }, cut: { at: "body", afterBytes: 10, by: "reset" } },
      { kind: "drop", at: "before-headers", by: "close" },
      { kind: "garbage" },
      { kind: "echo" },
    ],
  },
}

function received(step: number | undefined, more: Partial<ReceivedRequest> = {}): ReceivedRequest {
  return {
    sequence: 1,
    connection: 1,
    arrivedAtMs: 0,
    method: "GET",
    target: "/users?page=2",
    path: "/users",
    headers: [],
    played: step === undefined ? undefined : { route: "/*", step },
    body: { lengthBytes: 0, complete: true, sha256: undefined, kept: new Uint8Array() },
    end: "answered",
    ...more,
  }
}

test.each([
  [1, "503 Service Unavailable"],
  [2, "200 OK, ended by reset in the body"],
  [3, "no reply: close before headers"],
  [4, "bytes that are no HTTP"],
  [5, "200 OK, an echo"],
  [undefined, "404 Not Found"],
])("step %s reads %s", (step, expected) => {
  expect(answerOf(received(step), script)).toBe(expected)
})

test("a line has the request, the answer, and what is worth comparing between attempts", () => {
  const body = { lengthBytes: 7, complete: true, sha256: undefined, kept: new Uint8Array() }
  const request = received(1, { method: "POST", headers: [["Idempotency-Key", "k-1"]], body, end: "abandoned" })
  expect(requestLine(request, script, plain)).toBe(
    "   1  POST /users?page=2  503 Service Unavailable  (7 bytes, key k-1, the client left before the end)",
  )
})

test("the summary counts answers", () => {
  expect(summary(["503 Service Unavailable", "503 Service Unavailable", "200 OK"], 1)).toBe(
    "3 requests on 1 connection: 503 Service Unavailable ×2, 200 OK ×1",
  )
  expect(summary([], 0)).toBe("0 requests on 0 connections")
})
