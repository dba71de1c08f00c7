import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { root, runCommand } from "../run-command.ts"

/** A project of planted violations, linted with this project's own rules. */
let project: string

const sources = {
  "policies/retry.ts": 'import { timeout } from "./timeout.ts"\nexport const retry = timeout\n',
  "policies/timeout.ts": 'export const load = () => import("../client.ts")\n',
  "client.ts": 'export type { Retry } from "./policies/types.ts"\nexport const client = 1\n',
  "cycle-a.ts": 'import { b } from "./cycle-b.ts"\nexport const a = () => b\n',
  "cycle-b.ts": 'import { a } from "./cycle-a.ts"\nexport const b = () => a\n',
  "clock.ts": "export const times = [new Date(), Date(), Date.now(), performance.now()]\n",
  "instant.ts": "export const instant = (ms: number) => new Date(ms).toISOString()\n",
  "timer.ts": "export const timer = (run: () => void) => globalThis.setTimeout(run, 1)\n",
  "chance.ts": "export const chance = [Math.random(), crypto.randomUUID()]\n",
  "web.ts": "export const web = () => fetch(new Request(location.href), { signal: new AbortController().signal })\n",
  "web-types.ts": "export type Kept = [Request, Response, Headers, AbortSignal]\n",
  "fetch.ts": "export const send = (url: string) => fetch(url, { headers: new Headers() })\n",
  "system-clock.ts": "export const now = () => [Date.now(), setTimeout(() => {}, 1)]\n",
  "runtime.ts": "export const random = () => Math.random()\n",
}

let findings: string[]

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "planted-"))
  for (const [name, text] of Object.entries(sources)) {
    const file = join(project, "packages/core/src", name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  await writeFile(join(project, "oxlint.config.ts"), linterConfig)
  const { output } = await runCommand(["oxlint", "--format=unix", "packages"], project)
  findings = output.split("\n")
})

afterAll(async () => rm(project, { recursive: true }))

/** This project's configuration, without the type information that the planted project does not have. */
const linterConfig = `import config from ${JSON.stringify(join(root, "oxlint.config.ts"))}
export default {
  ...config,
  options: { typeAware: false },
  jsPlugins: [${JSON.stringify(join(root, "tools/lint/house-rules.ts"))}],
}
`

/** How many findings of a rule are in a file. */
function found(file: string, rule: string): number {
  return findings.filter((line) => line.startsWith(`packages/core/src/${file}:`) && line.includes(rule)).length
}

test.each([
  ["a policy that imports another", "policies/retry.ts", "import-direction", 1],
  ["a policy that loads the client later", "policies/timeout.ts", "import-direction", 1],
  ["a client that names a policy's type", "client.ts", "import-direction", 1],
  ["a re-export outside of an entry point", "client.ts", "no-inner-barrel", 1],
  ["a cycle, at its one end", "cycle-a.ts", "no-cycle", 1],
  ["a cycle, at its other end", "cycle-b.ts", "no-cycle", 1],
  ["new Date() and Date()", "clock.ts", "no-current-date", 2],
  ["Date.now()", "clock.ts", "no-restricted-properties", 1],
  ["performance.now()", "clock.ts", "no-restricted-globals", 1],
  ["a timer reached through globalThis", "timer.ts", "no-restricted-globals", 1],
  ["Math.random()", "chance.ts", "no-restricted-properties", 1],
  ["crypto", "chance.ts", "no-restricted-globals", 1],
  ["fetch, Request and AbortController", "web.ts", "no-restricted-globals", 3],
])("%s is found", (_, file, rule, times) => {
  expect(found(file, rule)).toBe(times)
})

test.each(["instant.ts", "web-types.ts", "fetch.ts", "system-clock.ts", "runtime.ts"])(
  "nothing is found in %s",
  (file) => {
    expect(found(file, "")).toBe(0)
  },
)
