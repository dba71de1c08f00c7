import { expect, test } from "vitest"
import { parseBatch } from "./arguments.ts"

test("a file is enough", () => {
  expect(parseBatch(["calls.jsonl"], {})).toMatchObject({
    file: "calls.jsonl",
    baseUrl: undefined,
    concurrency: 6,
    stopOn: [],
    bodies: false,
    quiet: false,
  })
})

test("what call takes for a request is taken here", () => {
  const args = [
    "-",
    "--base-url",
    "https://h",
    "-H",
    "a: b",
    "--bearer-env",
    "T",
    "--retries",
    "0",
    "--contract",
    "strict",
  ]
  expect(parseBatch(args, { T: "secret" })).toMatchObject({ headers: [["a", "b"]], retry: { attempts: 1 } })
})

test.each([
  [[], "the file of calls is missing; write steadfetch batch FILE, or - for standard input"],
  [["a", "b"], '"b" is one file too many'],
  [["a", "--concurrency", "0"], '--concurrency is "0"; give a whole number from 1 to 10000'],
  [["a", "--stop-on", "404"], '--stop-on is "404"; use client-error, server-error or no-reply'],
  [["a", "--base-url", "h"], "write https://h"],
  [["a", "--bearer-env", "T"], "--bearer-env needs --base-url, whose origin the token is for"],
  [["a", "--timeout", "2m", "--deadline", "1m"], "--timeout (2 min for one attempt) is above --deadline"],
])("%j is refused", (args, message) => {
  expect(() => parseBatch(args, {})).toThrow(message)
})
