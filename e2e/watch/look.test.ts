import type { Page } from "playwright-core"
import { describe, expect, test } from "vitest"
import { useBrowser, visit } from "./browser.ts"
import { row, rowCount, SCRIPT } from "./rows.ts"
import { stage } from "./stage.ts"

useBrowser()

describe("the keyboard", () => {
  test("arrows move, Enter opens, Escape closes, and the focus is seen and stays where it was", async () => {
    const { api, url } = await stage(SCRIPT)
    for (const path of ["/c", "/b", "/a"]) await api.get(path).outcome()
    const page = await visit(url)
    await rowCount(page, 3)
    const focused = () => page.evaluate(() => document.activeElement?.querySelector(".url")?.textContent?.slice(0, 2))
    await row(page, "/a").focus()
    await page.keyboard.press("ArrowDown")
    expect(await focused()).toBe("/b")
    expect(await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle)).toBe("solid")
    await page.keyboard.press("Enter")
    await page.getByRole("region", { name: "Story of" }).waitFor()
    expect(await row(page, "/b").getAttribute("aria-expanded")).toBe("true")
    await api.get("/new").outcome()
    await rowCount(page, 4)
    expect(await focused()).toBe("/b")
    await page.keyboard.press("Escape")
    expect(await page.getByRole("region", { name: "Story of" }).count()).toBe(0)
    await page.keyboard.press("End")
    expect(await focused()).toBe("/c")
    await page.keyboard.press("Home")
    expect(await focused()).toBe("/n")
    await page.keyboard.press("ArrowRight")
    expect(await row(page, "/new").getAttribute("aria-expanded")).toBe("true")
  })

  test("Tab enters the list once: its rows are one stop", async () => {
    const { api, url } = await stage(SCRIPT)
    for (const path of ["/c", "/b", "/a"]) await api.get(path).outcome()
    const page = await visit(url)
    await rowCount(page, 3)
    expect(await page.locator('.row[tabindex="0"]').count()).toBe(1)
    await row(page, "/b").focus()
    expect(await page.locator('.row[tabindex="0"]').allInnerTexts()).toEqual([expect.stringContaining("/b")])
  })
})

describe("what it looks like", () => {
  /** The contrast of two colours (WCAG 2.2, 1.4.3 for texts, 1.4.11 for the edges of what can be operated). */
  const contrasts = (page: Page) =>
    page.evaluate(() => {
      const style = getComputedStyle(document.documentElement)
      const luminance = (name: string): number => {
        const probe = document.body.appendChild(document.createElement("i"))
        probe.style.color = style.getPropertyValue(`--${name}`)
        const channels = getComputedStyle(probe).color.match(/\d+/g)?.map(Number) ?? []
        probe.remove()
        const [r = 0, g = 0, b = 0] = channels.map((c) => (c / 255 <= 0.040_45 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4)) // prettier-ignore
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
      }
      const ratio = (one: number, other: number) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
      const against = (names: readonly string[], backs: readonly string[]) =>
        names.flatMap((name) => backs.map((back) => ({ name, back, ratio: ratio(luminance(name), luminance(back)) })))
      return {
        texts: against(
          ["text", "muted", "accent", "e2xx", "e3xx", "e4xx", "e5xx", "none", "open"],
          ["panel", "raised"],
        ),
        edges: against(["edge"], ["panel", "back"]),
      }
    })

  test.each(["light", "dark"] as const)(
    "%s: every text can be read, and every edge of a control be seen",
    async (colorScheme) => {
      const { url } = await stage(SCRIPT)
      const page = await visit(url, { colorScheme })
      const back = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      expect(back).toBe(colorScheme === "light" ? "rgb(246, 247, 249)" : "rgb(15, 20, 27)")
      const { texts, edges } = await contrasts(page)
      expect(texts.filter(({ ratio }) => ratio < 4.5)).toEqual([])
      expect(edges.filter(({ ratio }) => ratio < 3)).toEqual([])
      const edge = await page.getByRole("searchbox").evaluate((input) => getComputedStyle(input).borderTopColor)
      expect(edge).toBe(colorScheme === "light" ? "rgb(133, 143, 157)" : "rgb(107, 122, 141)")
    },
  )

  test("fits a phone of 360 pixels, also with a story open and long words in it", async () => {
    const long = "a".repeat(400)
    const { api, url } = await stage({ "/*": { kind: "reply", status: 400, body: { json: { detail: long } } } })
    await api.get(`/${long}`).outcome()
    const page = await visit(url, { viewport: { width: 360, height: 740 } })
    await row(page, "/aaa").click()
    await page.getByText("The server says:").waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
  })

  test("an origin is seen whole on a phone, and is a row of a table to a screen reader", async () => {
    const { api, url } = await stage(SCRIPT)
    await api.get("/users/7").text()
    const page = await visit(url, { viewport: { width: 360, height: 740 } })
    const cells = page.getByRole("table", { name: "Origins" }).getByRole("row").last().getByRole("cell")
    await cells.nth(3).getByText("of 10").waitFor()
    const rights = await cells.evaluateAll((all) => all.map((cell) => cell.getBoundingClientRect().right))
    expect([rights.length, Math.max(...rights)]).toEqual([5, expect.toSatisfy((right: number) => right <= 360)])
  })

  test("moves nothing for those who want less motion", async () => {
    const { api, url } = await stage({ "/*": { kind: "reply", status: 200, delayMs: 20_000 } })
    const abort = new AbortController()
    const call = api.get("/slow", { signal: abort.signal }).outcome()
    const page = await visit(url, { reducedMotion: "reduce" })
    await page.locator(".marks .open").waitFor()
    await page.getByRole("button", { name: /under way GET \/slow/ }).waitFor()
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
    abort.abort()
    await call.catch(() => {})
  })
})

test("nothing of what is shown becomes markup, whatever it is that is hostile", async () => {
  const evil = `"'></style><img src=x onerror=alert(1)><script>alert(1)</script>`
  const { picture, programs, url } = await stage({})
  programs.splice(0, 1, { id: evil, name: evil, since: 0, isRunning: true, picture })
  const attempt = { number: 1, method: evil, url: evil, startedAt: Date.now(), durationMs: 1, failure: evil, message: evil, said: evil, waitMs: 1, why: evil } // prettier-ignore
  const call = { id: 1, method: `${evil}!`, url: evil, origin: evil, startedAt: Date.now(), durationMs: 2, failure: evil } as const // prettier-ignore
  const told = { message: evil, verdict: evil, ending: evil, remarks: [{ at: Date.now(), text: evil }] }
  picture.put({
    calls: [
      { ...call, ...told, attemptCount: 1, attempts: [attempt] },
      { ...call, id: 2, origin: "", servedBy: evil, attemptCount: 0, attempts: [], remarks: [] },
    ],
    keys: [
      { ...picture.key(evil), budgets: { [evil]: { tokens: 1, capacity: 2 } }, policies: { [evil]: { state: evil, why: evil, at: 0 } } }, // prettier-ignore
    ],
  })
  const page = await visit(url)
  await rowCount(page, 2)
  await page.locator(".row").last().click()
  await page.getByText("The server says:").waitFor()
  await page.getByRole("combobox", { name: "Origin" }).selectOption(evil)
  await rowCount(page, 1)
  expect(await page.locator("img, svg, iframe, a, #page script, #page style").count()).toBe(0)
  expect(await page.getByText("onerror=alert(1)").count()).toBeGreaterThan(10)
})

describe("what servers say is text, whatever it looks like", () => {
  test.each([
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\n\r\n<script>alert(1)</script>",
    "data: {}\n\nevent: programs\ndata: []\n\n",
    "javascript:alert(1)",
    "\u202Eevil\u0000\u001B[2J",
  ])("%j", async (said) => {
    const { api, url } = await stage({ "/*": { kind: "reply", status: 400, body: { json: { detail: said } } } })
    await api.get("/<img src=x onerror=alert(1)>", { query: { q: said } }).outcome()
    const page = await visit(url)
    await page.locator(".row").click()
    await page.getByText("The server says:").waitFor()
    expect(await page.locator("img, svg, iframe, a, #page script").count()).toBe(0)
    await api.get("/next").outcome()
    await row(page, "/next").waitFor()
  })
})
