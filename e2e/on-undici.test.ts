import { steadfetch as onUndici } from "@steadfetch/node"
import { steadfetch } from "steadfetch"
import { expect, test } from "vitest"

test("in this project the tests' one import is changed, so that their clients are on undici", () => {
  expect(steadfetch).toBe(onUndici)
})
