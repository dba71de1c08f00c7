import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromiumFlags, chromiumProgram } from "../../chromium.ts"
import { output, running } from "./child.ts"
import type { Launched } from "./launched.ts"

/** A page of another origin than the API's, in the browser of Debian's package. */
export const chromium: Launched = {
  name: "chromium",
  title: "Chromium",
  async version() {
    return /Chromium (\S+)/.exec(await output(await chromiumProgram(), ["--version"]))?.[1] ?? ""
  },
  async run({ desk }) {
    const program = await chromiumProgram()
    const profile = await mkdtemp(join(tmpdir(), "steadfetch-chromium-"))
    try {
      const args = [...chromiumFlags, `--user-data-dir=${profile}`, desk.origin]
      return await running(program, args, "ignore", () => desk.ends)
    } finally {
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    }
  },
}
