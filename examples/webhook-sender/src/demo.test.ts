import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, test } from "vitest"

test("the demo: one receiver listens, one is in trouble, one is gone", async () => {
  const file = fileURLToPath(new URL("demo.ts", import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=@steadfetch/source", file])
  expect(stdout.trimEnd().split("\n")).toEqual([
    "evt_1 is written down for 3 receivers",
    "delivered after 3 tries: 204",
    "delivered after 1 tries: 204",
    "rejected after 1 tries: 410 we have moved",
    "billing is enabled: 1 waiting, 0 parked",
    "crm is enabled: 1 waiting, 0 parked",
    "legacy is disabled, as it answered 410 Gone: 1 waiting, 1 parked",
  ])
})
