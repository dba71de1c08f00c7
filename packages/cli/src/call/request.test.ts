import { expect, test } from "vitest"
import { parseAttempts, parseHeader, parsePair, parseTarget } from "./request.ts"

test("a header field is split at its first colon", () => {
  expect(parseHeader("Link: <https://h/>; rel=next")).toEqual(["Link", "<https://h/>; rel=next"])
})

test("a header field without colon is refused without showing what may be a credential", () => {
  expect(() => parseHeader("Bearer secret")).toThrow(/^--header has no name and colon; write --header 'Name: value'$/)
})

test("a pair is split at its first equals sign", () => {
  expect(parsePair("--query", "q=a=b")).toEqual(["q", "a=b"])
  expect(parsePair("--query", "q=")).toEqual(["q", ""])
  expect(() => parsePair("--query", "q")).toThrow('--query "q" has no name and "="; write --query name=value')
})

test.each([
  [["https://h/x"], false, "GET"],
  [["https://h/x"], true, "POST"],
  [["put", "https://h/x"], true, "PUT"],
  [["PURGE", "https://h/x"], false, "PURGE"],
])("%j with body %j is a %s", (positionals, withBody, method) => {
  expect(parseTarget(positionals, withBody)).toEqual({ method, url: "https://h/x" })
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
  expect(() => parseTarget(positionals, false)).toThrow(message)
  expect(() => parseTarget(positionals, false)).not.toThrow("secret")
})

test("retries are the attempts after the first", () => {
  expect(parseAttempts("3", undefined)).toEqual({ attempts: 3 })
  expect(parseAttempts(undefined, "0")).toEqual({ attempts: 1 })
  expect(parseAttempts(undefined, undefined)).toBeUndefined()
})

test("attempts and retries together, and numbers that are none, are refused", () => {
  expect(() => parseAttempts("3", "2")).toThrow("--attempts and --retries say the same in two ways; give one")
  expect(() => parseAttempts("0", undefined)).toThrow('--attempts is "0"; give a whole number from 1')
  expect(() => parseAttempts(undefined, "two")).toThrow('--retries is "two"; give a whole number from 0')
})
