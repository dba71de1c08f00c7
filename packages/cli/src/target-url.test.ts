import { expect, test } from "vitest"
import { shownUrl } from "./target-url.ts"

test("a URL is shown without the credentials in its query, and without what commands terminals", () => {
  expect(shownUrl("https://h/a?api_key=sesame&page=2")).toBe("https://h/a?api_key=REDACTED&page=2")
  expect(shownUrl("https://h/\u001b[2J\n\u202e")).toBe("https://h/\ufffd[2J\ufffd\ufffd")
})
