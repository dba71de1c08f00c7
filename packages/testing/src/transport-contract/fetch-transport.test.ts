import { fetchTransport } from "steadfetch"
import { describe, expect, test } from "vitest"
import { transportContract } from "./index.ts"

describe("the fetch transport", () => {
  test.each(transportContract(fetchTransport))("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined()
  })
})
