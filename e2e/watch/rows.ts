import type { Page } from "playwright-core"
import type { Script } from "@steadfetch/testing/fault-server"

/** An API that has a bit of everything. */
export const SCRIPT: Script = {
  "GET /users/7": [
    { kind: "reply", status: 503, body: { json: { detail: "Down for maintenance." } } },
    { kind: "reply", status: 200 },
  ],
  "GET /missing": { kind: "reply", status: 404, body: { json: { detail: "There is no such thing." } } },
  "GET /gone/*": { kind: "drop", at: "before-headers", by: "reset" },
  "/*": { kind: "reply", status: 200 },
}

export const row = (page: Page, text: string) => page.locator(".row", { hasText: text })
export const rowCount = (page: Page, count: number) =>
  page.waitForFunction((count) => document.querySelectorAll(".row").length === count, count)
export const tile = (page: Page, name: string) => page.locator(`.tile:has(dt:text-is("${name}")) .value`).textContent()
