import { expect, test } from "vitest"
import { installed } from "./opening.ts"

test("packages that are missing are named, with how to get them", async () => {
  const missing = Object.assign(new Error("Cannot find package 'pg-boss'"), { code: "ERR_MODULE_NOT_FOUND" })
  await expect(installed(() => Promise.reject(missing), "postgres://", "pg pg-boss")).rejects.toThrow(
    "an outbox at postgres:// needs packages that are not installed; run npm install pg pg-boss (with --global where the command is)",
  )
})

test("another error is what it is, and what is there is given", async () => {
  const broken = new Error("broken")
  await expect(installed(() => Promise.reject(broken), "redis://", "ioredis")).rejects.toBe(broken)
  expect(await installed(async () => 7, "redis://", "ioredis")).toBe(7)
})
