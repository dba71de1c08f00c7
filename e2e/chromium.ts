import { systemProgram } from "../tools/system/system-program.ts"

/** The browser of Debian's package. */
export const chromiumProgram = (): Promise<string> => systemProgram("chromium", "chromium")

/** Nothing but the page: no sandbox (it needs a user of its own), no first-run pages, no calls home. */
export const chromiumFlags: readonly string[] = [
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
