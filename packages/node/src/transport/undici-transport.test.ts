import { transportContract } from "@steadfetch/testing/transport-contract"
import { describe, expect, test } from "vitest"
import { undiciTransport } from "./undici-transport.ts"

describe("the undici transport keeps the contract of transports:", () => {
  test.each(transportContract(() => undiciTransport({ agent: {} })))("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined()
  })
})
