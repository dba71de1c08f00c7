import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { secretSource } from "./secrets.ts"

function fileWith(text: string): { readonly path: string; write(text: string, second: number): void; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "steadfetch-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, "secret")
  writeFileSync(path, text)
  return {
    path,
    write(next, second) {
      writeFileSync(path, next)
      utimesSync(path, second, second)
    },
    remove: () => rmSync(path),
  }
}

test("a secret in a variable is what it was when the gateway took it", () => {
  const env: Record<string, string> = { KEY: "one\n" }
  const secret = secretSource({ env: "KEY" }, env, () => 0)
  env["KEY"] = "two"
  expect(secret()).toBe("one")
})

test("a secret in a file is looked at again after a second, and may be replaced", () => {
  const file = fileWith("one\n")
  let now = 0
  const secret = secretSource({ file: file.path }, {}, () => now)
  expect(secret()).toBe("one")
  file.write("two\n", 1)
  now = 999
  expect(secret()).toBe("one")
  now = 1000
  expect(secret()).toBe("two")
})

test("a file that is away for a moment does not take the secret with it", () => {
  const file = fileWith("one")
  let now = 0
  const secret = secretSource({ file: file.path }, {}, () => now)
  expect(secret()).toBe("one")
  file.remove()
  now = 5000
  expect(secret()).toBe("one")
})

test("a file that is empty for a moment, as one being written is, does not take the secret with it", () => {
  const file = fileWith("one")
  let now = 0
  const secret = secretSource({ file: file.path }, {}, () => now)
  expect(secret()).toBe("one")
  file.write("\n", 1)
  now = 1000
  expect(secret()).toBe("one")
  file.write("two", 2)
  now = 2000
  expect(secret()).toBe("two")
})

test("a file that is empty from the start is no secret", () => {
  expect(secretSource({ file: fileWith("\n").path }, {}, () => 0)).toThrow("is empty")
})
