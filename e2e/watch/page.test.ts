import { expect, test } from "vitest"
import { useBrowser, visit } from "./browser.ts"
import { row, rowCount, SCRIPT, tile } from "./rows.ts"
import { stage } from "./stage.ts"

useBrowser()

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
