import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Script } from "@steadfetch/testing/fault-server"
import type { Page } from "playwright-core"
import { describe, expect, onTestFinished, test } from "vitest"
import { otherPage, useBrowser, visit } from "./browser.ts"
import { stage } from "./stage.ts"

useBrowser()

const SCRIPT: Script = {
  "GET /users/7": [
    { kind: "reply", status: 503, body: { json: { detail: "Down for maintenance." } } },
    { kind: "reply", status: 200 },
  ],
  "GET /missing": { kind: "reply", status: 404, body: { json: { detail: "There is no such thing." } } },
  "GET /gone/*": { kind: "drop", at: "before-headers", by: "reset" },
  "/*": { kind: "reply", status: 200 },
}

const row = (page: Page, text: string) => page.locator(".row", { hasText: text })
const rowCount = (page: Page, count: number) =>
  page.waitForFunction((count) => document.querySelectorAll(".row").length === count, count)
const tile = (page: Page, name: string) => page.locator(`.tile:has(dt:text-is("${name}")) .value`).textContent()

describe("watching", () => {
  test("calls appear as they are made, with what they came to", async () => {
    const { api, url } = await stage(SCRIPT)
    const page = await visit(url)
    await page.getByText("No calls yet.").waitFor()
    await api.get("/users/7").text()
    await row(page, "/users/7").filter({ hasText: "200" }).filter({ hasText: "2 attempts" }).waitFor()
    await api.get("/missing").outcome()
    await row(page, "/missing").filter({ hasText: "404" }).waitFor()
    const tiles = ["Calls", "Attempts per call", "Saved by a retry", "Waits"]
    await expect.poll(() => Promise.all(tiles.map((name) => tile(page, name)))).toEqual(["2", "1.50", "1", "1"])
    expect(await page.getByRole("status").textContent()).toContain("Live since")
  })

  test("a call opens its story: attempts with their ends, the server's words, and the wait with its reason", async () => {
    const { api, url } = await stage(SCRIPT)
    await api.get("/users/7").text()
    const page = await visit(url)
    await row(page, "/users/7").click()
    const story = page.getByRole("region", { name: "Story of GET" })
    const text = (await story.innerText()).replace(/\s+/g, " ")
    expect(text).toMatch(
      /503 Service Unavailable (\d+|<1) ms The server says: .?Down for maintenance\..? Waits (\d+|<1) ms: backoff 2 200 OK/,
    )
    const [first, wait, second] = await story
      .locator(".track i")
      .evaluateAll((bars) =>
        bars.map((bar) => ({ left: bar.getBoundingClientRect().left, right: bar.getBoundingClientRect().right })),
      )
    expect(wait?.left).toBeGreaterThanOrEqual(first?.left ?? Infinity)
    expect(second?.left).toBeGreaterThanOrEqual((wait?.right ?? Infinity) - 1)
  })

  test("filters leave what is asked for, and say when that is nothing", async () => {
    const { api, url } = await stage(SCRIPT)
    for (const path of ["/users/7", "/missing", "/fine"]) await api.get(path).outcome()
    await api.get("/gone/x", { retry: false }).outcome()
    const page = await visit(url)
    await rowCount(page, 4)
    for (const [kind, left] of [
      ["4xx", 1],
      ["no reply", 1],
      ["retried", 1],
      ["2xx", 2],
      ["under way", 0],
      ["all", 4],
    ] as const) {
      // prettier-ignore
      await page.getByRole("radio", { name: kind, exact: true }).check()
      await rowCount(page, left)
    }
    const search = page.getByRole("searchbox")
    await search.fill("NO SUCH thing")
    await rowCount(page, 1)
    await row(page, "/missing").waitFor()
    await search.fill("nothing like that")
    expect(await page.locator(".nothing").textContent()).toBe("No call passes the filters.")
  })

  test("the list says that filters are on, of what the figures are, and shows all again", async () => {
    const { api, url } = await stage(SCRIPT)
    for (const path of ["/missing", "/fine"]) await api.get(path).outcome()
    const page = await visit(url)
    await rowCount(page, 2)
    expect(await page.locator(".filtered").count()).toBe(0)
    await page.getByRole("radio", { name: "4xx", exact: true }).check()
    await page.getByText("1 of 2 calls. Figures, charts and origins are of all calls.").waitFor()
    await page.getByRole("button", { name: "Show all" }).click()
    await rowCount(page, 2)
    expect(await page.evaluate(() => document.activeElement?.parentElement?.textContent)).toBe("all")
  })

  test("an origin that was chosen can be left again when no call of it is there any more", async () => {
    const { api, picture, url, page: first, open } = await stage(SCRIPT)
    const { origin: other } = await stage(SCRIPT).then(({ server }) => server)
    for (const to of ["/fine", `${other}/fine`]) await api.get(to).outcome()
    const page = await visit(url)
    const select = page.getByRole("combobox", { name: "Origin" })
    await select.selectOption(other)
    await rowCount(page, 1)
    picture.clear()
    await api.get("/later").outcome()
    await first.close()
    await using _ = await open(Number(new URL(url).port))
    await page.getByText("No call passes the filters.").waitFor()
    expect(await select.inputValue()).toBe(other)
    await select.selectOption("")
    await row(page, "/later").waitFor()
  })

  test("a story that is read stays, also when newer calls have taken its place", async () => {
    const { api, url } = await stage(SCRIPT)
    await api.get("/users/7").text()
    const page = await visit(url)
    await row(page, "/users/7").click()
    await Promise.all(Array.from({ length: 300 }, () => api.get("/fine").outcome()))
    await rowCount(page, 301)
    await page.getByText("Down for maintenance.").waitFor()
    await row(page, "/users/7").click()
    await rowCount(page, 300)
    expect(await row(page, "/users/7").count()).toBe(0)
  })

  test("other calls of equal number do not get the story that was open", async () => {
    const { api, url, programs } = await stage(SCRIPT)
    const { api: other, picture } = await stage(SCRIPT)
    await api.get("/one").outcome()
    await other.get("/other").outcome()
    const page = await visit(url)
    await row(page, "/one").click()
    programs.splice(0, 1, { id: "1-a", name: "orders.ts (1)", since: 1, isRunning: true, picture })
    await row(page, "/other").waitFor()
    await rowCount(page, 1)
    expect(await page.getByRole("region", { name: "Story of" }).count()).toBe(0)
  })

  test("a program that is met anew, with another picture, is shown whole", async () => {
    const { api, url, programs } = await stage(SCRIPT)
    const { api: same, picture } = await stage(SCRIPT)
    await same.get("/fine").outcome()
    for (let call = 0; call < 5; call++) await api.get("/before").outcome()
    const page = await visit(url)
    await rowCount(page, 5)
    programs.splice(0, 1, { id: "1-a", name: "orders.ts (1)", since: 0, isRunning: true, picture })
    await rowCount(page, 1)
    expect(await row(page, "/fine").count()).toBe(1)
  })

  test("the newest program is named as such while another one is looked at", async () => {
    const { url, programs, picture } = await stage(SCRIPT)
    programs.push({ id: "2-b", name: "users.ts (2)", since: 0, isRunning: true, picture })
    const page = await visit(url)
    const select = page.getByRole("combobox", { name: "Program" })
    await select.selectOption("1-a")
    await page.getByText("Live since").waitFor()
    expect(await select.locator("option").first().textContent()).toBe("Newest: users.ts (2)")
    programs.shift()
    await expect.poll(() => select.inputValue()).toBe("")
  })

  test("the last minute ends now: what happened before the clock was set back is not of it", async () => {
    const { api, picture, url } = await stage(SCRIPT)
    const ahead = Math.floor(Date.now() / 1000) + 3600
    picture.put({ seconds: [{ ...picture.second(ahead), calls: [7, 0, 0, 0, 0], attempts: [7, 0, 0, 0, 0] }] })
    await api.get("/fine").outcome()
    const page = await visit(url)
    await row(page, "/fine").waitFor()
    await expect.poll(() => tile(page, "Calls")).toBe("1")
    expect(await page.locator(".legend .e2xx b").textContent()).toBe("1")
  })

  test("a pause stands still, and what happened meanwhile is there afterwards", async () => {
    const { api, url } = await stage(SCRIPT)
    const page = await visit(url)
    await page.getByText("Live since").waitFor()
    await page.getByRole("button", { name: "Pause" }).click()
    await api.get("/fine").outcome()
    const other = await visit(url)
    await row(other, "/fine").waitFor()
    expect(await page.locator(".row").count()).toBe(0)
    expect(await page.getByRole("status").textContent()).toBe("Paused")
    await page.getByRole("button", { name: "Resume" }).click()
    await row(page, "/fine").waitFor()
  })

  test("when the server goes, the page says so, keeps what it has, and is live again by itself", async () => {
    const { api, url, page: first, open } = await stage(SCRIPT)
    await api.get("/fine").outcome()
    const page = await visit(url)
    await row(page, "/fine").waitFor()
    await first.close()
    await page.getByText("Connection lost").waitFor()
    expect(await page.locator(".row").count()).toBe(1)
    await using _ = await open(Number(new URL(url).port))
    await page.getByText("Live since").waitFor()
    await api.get("/later").outcome()
    await row(page, "/later").waitFor()
    await rowCount(page, 2)
  })

  test("exports what is shown as HAR, without secrets", async () => {
    const { api, url } = await stage(SCRIPT)
    await api.get("/users/7?api_key=very-secret", { headers: { authorization: "Bearer very-secret" } }).outcome()
    await api.get("/missing").outcome()
    const page = await visit(url)
    await rowCount(page, 2)
    await page.getByRole("searchbox").fill("users")
    await rowCount(page, 1)
    const download = page.waitForEvent("download")
    await page.getByRole("button", { name: "Export HAR" }).click()
    const file = await (await download).path()
    const text = await readFile(file, "utf8")
    const { log } = JSON.parse(text) as { log: { version: string; entries: { response: { status: number } }[] } }
    expect([log.version, log.entries.map(({ response }) => response.status)]).toEqual(["1.2", [503, 200]])
    expect(text).toContain("Down for maintenance.")
    expect(text).not.toContain("very-secret")
    expect((await download).suggestedFilename()).toMatch(/^steadfetch-.*\.har$/)
  })

  test("another program reads the export: a browser is answered from it", async () => {
    const { api, server, url } = await stage(SCRIPT)
    for (const path of ["/fine", "/missing"]) await api.get(path).outcome()
    const page = await visit(url)
    await rowCount(page, 2)
    const download = page.waitForEvent("download")
    await page.getByRole("button", { name: "Export HAR" }).click()
    const folder = await mkdtemp(join(tmpdir(), "watch-har-"))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, "calls.har")
    await (await download).saveAs(file)
    const reader = await otherPage()
    await reader.context().routeFromHAR(file, { url: `${server.origin}/**` })
    const sent = server.requests.length
    await reader.goto(`${server.origin}/fine`)
    const reply = await reader.evaluate(async () => {
      const { status, headers } = await fetch("/missing")
      return [status, headers.get("content-type")]
    })
    expect([reply, server.requests.length - sent]).toEqual([[404, "application/json"], 0])
  })
})

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
