import { expect, test } from "vitest"
import { checkedUrl } from "./receiver-url.ts"

test.each([
  ["not a URL", "is not a URL"],
  ["http://example.com/", "begins with https://, not http://"],
  ["ftp://example.com/", "begins with https://, not ftp://"],
  ["https://user:pass@example.com/", "holds no user and no password"],
  ["https://example.com/#here", "ends before #here"],
  ["https://127.0.0.1/", "127.0.0.1 is not a public address"],
  ["https://0x7f.1/", "127.0.0.1 is not a public address"],
  ["https://2130706433/", "127.0.0.1 is not a public address"],
  ["https://[::1]/", "::1 is not a public address"],
  ["https://[::ffff:10.0.0.1]/", "::ffff:a00:1 is not a public address"],
  ["https://169.254.169.254/latest/meta-data", "169.254.169.254 is not a public address"],
])("%s is refused", (url, said) => expect(() => checkedUrl(url, false)).toThrow(said))

test("https is taken, and for trying it out also http on loopback", () => {
  expect(checkedUrl("https://Example.com/hooks?a=1", false)).toBe("https://example.com/hooks?a=1")
  expect(checkedUrl("http://127.0.0.1:8080/hooks", true)).toBe("http://127.0.0.1:8080/hooks")
  expect(() => checkedUrl("ftp://127.0.0.1/", true)).toThrow("begins with https://")
})
