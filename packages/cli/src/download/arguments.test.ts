import { expect, test } from "vitest"
import { parseDownload } from "./arguments.ts"

test("without a file it goes to the current folder, and what is there stays", () => {
  expect(parseDownload(["https://h/x"], {})).toMatchObject({
    url: "https://h/x",
    file: ".",
    overwrite: false,
    digest: {},
  })
})

test("digests are by their algorithm, padding included", () => {
  const args = ["https://h/x", "f", "--digest", "sha-256=n4bQ==", "--digest", "sha-512=ab"]
  expect(parseDownload(args, {}).digest).toEqual({ "sha-256": "n4bQ==", "sha-512": "ab" })
})

test.each([
  [[], "the URL is missing; write steadfetch download URL [FILE]"],
  [["https://h/x", "a", "b"], '"b" is one argument too many'],
  [["https://h/x", "-"], "write steadfetch call URL > FILE"],
  [["h/x"], "write https://h/x"],
  [["https://h/x", "--digest", "md5=1"], '--digest is "md5"; use sha-256 or sha-512'],
  [["https://h/x", "--digest", "abcdef"], "write --digest name=value"],
  [["https://h/x", "--deadline", "5"], "write 5s or 5ms"],
])("%j is refused", (args, message) => {
  expect(() => parseDownload(args, {})).toThrow(message)
})
