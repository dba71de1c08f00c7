import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { systemProgram } from "../../../tools/system/system-program.ts"
import { output, running } from "./child.ts"
import type { Launched } from "./launched.ts"

/** Nothing but the page: no sandbox (it needs a user of its own), no first-run pages, no calls home. */
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]

/** A page of another origin than the API's, in the browser of Debian's package. */
export const chromium: Launched = {
  name: "chromium",
  title: "Chromium",
  async version() {
    return /Chromium (\S+)/.exec(await output(await systemProgram("chromium", "chromium"), ["--version"]))?.[1] ?? ""
  },
  async run({ desk }) {
    const program = await systemProgram("chromium", "chromium")
    const profile = await mkdtemp(join(tmpdir(), "steadfetch-chromium-"))
    try {
      const args = [...flags, `--user-data-dir=${profile}`, desk.origin]
      return await running(program, args, "ignore", () => desk.ends)
    } finally {
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    }
  },
}
