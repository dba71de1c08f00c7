import { expect, test } from "vitest"
import { parseTarget } from "./request.ts"

test.each([
  [["https://h/x"], false, "GET"],
  [["https://h/x"], true, "POST"],
  [["put", "https://h/x"], true, "PUT"],
  [["PURGE", "https://h/x"], false, "PURGE"],
])("%j with body %j is a %s", (positionals, withBody, method) => {
  expect(parseTarget("call", positionals, withBody)).toEqual({ method, url: "https://h/x" })
})

test.each([
  [[], "the URL is missing; write steadfetch call [METHOD] URL"],
  [["post"], "the URL is missing after post; write steadfetch call POST https://…"],
  [["https://h", "DELETE"], "the method stands before the URL: steadfetch call DELETE https://h"],
  [["GET", "https://h", "more"], '"more" is one argument too many'],
  [["example.com/users"], "has no scheme; write https://example.com/users"],
  [["localhost:3000"], "has no scheme; write http://localhost:3000"],
  [["127.0.0.1:80/x"], "has no scheme; write http://127.0.0.1:80/x"],
  [["ftp://h/x"], "begins with ftp://; steadfetch speaks http:// and https://"],
  [["/users"], "has no host; write https://host/users"],
  [["http://h:99999"], "cannot be read; check its host and port"],
  [["https://ada:secret@h/x"], "the URL for h holds a user name or password; use --bearer-env NAME"],
])("%j is refused", (positionals, message) => {
  expect(() => parseTarget("call", positionals, false)).toThrow(message)
  expect(() => parseTarget("call", positionals, false)).not.toThrow("secret")
})
