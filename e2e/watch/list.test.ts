import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { otherPage, useBrowser, visit } from "./browser.ts"
import { row, rowCount, SCRIPT } from "./rows.ts"
import { stage } from "./stage.ts"

useBrowser()

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
