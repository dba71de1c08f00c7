import { expect, test } from "vitest"
import { parseHeader, parsePair } from "./parse.ts"

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
