import { expect, test } from "vitest"
import { refusal } from "./guard.ts"

const status = (headers: Record<string, string>) => refusal({ headers })?.status

test.each(["localhost:8482", "127.0.0.1:1", "127.1.2.3", "[::1]:8482", "watch.localhost", "LOCALHOST"])(
  "%s is this machine",
  (host) => {
    expect(status({ host })).toBeUndefined()
  },
)

test.each(["", "evil.example", "localhost.evil.example", "evil.example:8482", "127.0.0.1.evil.example", "10.0.0.1", "localhost:1@evil"])(
  "%j is another name (DNS rebinding)",
  (host) => {
    expect(status({ host })).toBe(421)
  },
) // prettier-ignore

test.each([
  [{ "sec-fetch-site": "cross-site" }, 403],
  [{ "sec-fetch-site": "same-site" }, 403],
  [{ origin: "https://evil.example" }, 403],
  [{ origin: "null" }, 403],
  [{ origin: "http://localhost:1" }, 403],
  [{ origin: "http://localhost:8482", "sec-fetch-site": "same-origin" }, undefined],
  [{ "sec-fetch-site": "none" }, undefined],
])("%o gets %s", (headers, expected) => {
  expect(status({ host: "localhost:8482", ...(headers as Record<string, string>) })).toBe(expected)
})
