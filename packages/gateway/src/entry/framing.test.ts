import { expect, test } from "vitest"
import { framingProblem } from "./framing.ts"

const host = ["Host", "localhost"]

// Node's parser refuses most of these itself. Which ones, is up to its version.
test.each([
  ["no body", [], "1.1", undefined],
  ["a length", ["Content-Length", "3"], "1.1", undefined],
  ["chunks", ["Transfer-Encoding", "Chunked"], "1.1", undefined],
  ["HTTP/1.0", ["Content-Length", "3"], "1.0", undefined],
  ["two lengths", ["Content-Length", "3", "content-length", "3"], "1.1", 400],
  ["a length and chunks", ["Content-Length", "3", "Transfer-Encoding", "chunked"], "1.1", 400],
  ["chunks twice", ["Transfer-Encoding", "chunked", "Transfer-Encoding", "chunked"], "1.1", 400],
  ["chunks in HTTP/1.0", ["Transfer-Encoding", "chunked"], "1.0", 400],
  ["another coding", ["Transfer-Encoding", "gzip, chunked"], "1.1", 501],
  ["a list of lengths", ["Content-Length", "3, 3"], "1.1", 400],
  ["a signed length", ["Content-Length", "+3"], "1.1", 400],
  ["an endless length", ["Content-Length", "9999999999999999"], "1.1", 400],
  ["two hosts", host, "1.1", 400],
  ["HTTP/2", [], "2.0", 505],
])("%s", (_what, raw, version, status) => {
  expect(framingProblem([...host, ...raw], version)?.status).toBe(status)
})

test("no host", () => {
  expect(framingProblem([], "1.1")?.status).toBe(400)
})
