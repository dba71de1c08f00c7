import { expect, test } from "vitest"
import { networkFailure } from "./network-failure.ts"

test("a reply that is no HTTP is a failure of the protocol, also where Node gives its parser's error no code", () => {
  const cause = Object.assign(new Error("Response does not match the HTTP/1.1 protocol (Expected HTTP/)"), {
    code: undefined,
  })
  expect(networkFailure(new TypeError("fetch failed", { cause }))).toMatchObject({ code: "protocol", temporary: true })
})
