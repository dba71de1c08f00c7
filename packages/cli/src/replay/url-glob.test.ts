import { expect, test } from "vitest"
import { urlGlob } from "./url-glob.ts"

const url = "https://api.example.com:8443/v1/users/7?page=2&sort=name#top"

test.each([
  ["*", true],
  ["https://api.example.com:8443/v1/users/7", true],
  ["https://api.example.com:8443/*", true],
  ["https://api.example.com:8443/v1/users/7?page=2&sort=name", true],
  ["*?page=2*", true],
  ["*/users/*", true],
  ["/v1/users/7", true],
  ["/v1/*", true],
  ["/v1/users/7?page=*", true],
  ["/v1", false],
  ["/v1/users", false],
  ["/v1/users/7?page=3*", false],
  ["v1/users/7", false],
  ["https://api.example.com/*", false],
  ["https://apiXexample.com:8443/*", false],
  ["/v1/users/[0-9]", false],
  ["/v1/users/.", false],
])("%s: %s", (pattern, matches) => {
  expect(urlGlob(pattern)(url)).toBe(matches)
})
