import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { systemRuntime } from "steadfetch"
import { expect, onTestFinished, test } from "vitest"
import type { Upstream } from "./configuration/configuration.ts"
import { UpstreamCalls } from "./upstream-calls.ts"

const callsTo = (settings: Upstream): UpstreamCalls => new UpstreamCalls("a", settings, {}, systemRuntime(), () => {})

test.each([
  ["https://a.test", "https://a.test"],
  ["https://a.test/", "https://a.test"],
  ["https://a.test/v1/", "https://a.test/v1"],
  ["HTTPS://A.test:443/V1", "https://a.test/V1"],
  ["http://a.test:80", "http://a.test"],
  ["http://@a.test", "http://a.test"],
  ["http://b\u00fccher.test/\u00e4 b", "http://xn--bcher-kva.test/%C3%A4%20b"],
  ["http://a.test/v1/../v2", "http://a.test/v2"],
  ["http://a.test\\@evil.test", "http://a.test/@evil.test"],
])("%s is called as %s, the origin that its credentials are for", (url, base) => {
  expect(callsTo({ url }).base).toBe(base)
})

test("a password that was replaced in its file is other settings", () => {
  const folder = mkdtempSync(join(tmpdir(), "steadfetch-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, "password")
  writeFileSync(file, "one")
  const settings: Upstream = { url: "http://a.test", auth: { basic: { user: "u", password: { file } } } }
  const calls = callsTo(settings)
  expect(calls.isCalledAs({ ...settings }, {})).toBe(true)
  expect(calls.isCalledAs({ ...settings, via: false }, {})).toBe(false)
  writeFileSync(file, "two")
  expect(calls.isCalledAs(settings, {})).toBe(false)
})
