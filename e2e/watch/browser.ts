import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core"
import { afterAll, beforeAll, expect, onTestFinished } from "vitest"
import { chromiumFlags, chromiumProgram } from "../chromium.ts"

let browser: Browser

/** One browser for the tests of a file. */
export function useBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: await chromiumProgram(), args: [...chromiumFlags] })
  }, 120_000)
  afterAll(() => browser.close())
}

/** An empty page for whatever else. */
export async function otherPage(): Promise<Page> {
  const page = await browser.newPage()
  onTestFinished(() => page.context().close())
  return page
}

/** The page in a window of its own; the test fails when it throws, runs a script that is not its own or asks elsewhere. */
export async function visit(url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on("pageerror", (error) => complaints.push(String(error)))
  page.on("dialog", (dialog) => complaints.push(dialog.message()))
  page.on("console", (message) => {
    // While the server is away, the browser says so.
    if (message.type() === "error" && !/ERR_|Failed to load/.test(message.text())) complaints.push(message.text())
  })
  page.on("request", (request) => {
    if (
      !request.url().startsWith(new URL(url).origin) &&
      !request.url().startsWith("data:") &&
      !request.url().startsWith("blob:")
    )
      complaints.push(`it asked for ${request.url()}`)
  })
  onTestFinished(async () => {
    await context.close()
    expect(complaints).toEqual([])
  })
  await page.goto(url)
  return page
}
