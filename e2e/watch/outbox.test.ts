import { request } from "node:http"
import { dirname } from "node:path"
import { json, status, type Script } from "@steadfetch/testing/fault-server"
import type { Page } from "playwright-core"
import { describe, expect, test } from "vitest"
import { startSteadfetch, steadfetch } from "../cli/steadfetch-process.ts"
import { useBrowser, visit } from "./browser.ts"
import { outboxStage, type OutboxStage } from "./outbox-stage.ts"
import { stage } from "./stage.ts"

useBrowser()

const HOSTILE = `<img src=x onerror="alert(1)"></textarea><script>alert(2)</script>\u202e"'`

const SCRIPT: Script = {
  "POST /orders": [json(422, { detail: "amount must be a number", code: "bad_amount" }), json(201, { id: 7 })],
  "POST /login": json(401, { detail: "The key has been revoked." }),
  "POST /hostile": json(400, { detail: HOSTILE }),
  "POST /later": status(503, { headers: { "Retry-After": "3000" } }),
  "/*": json(200, {}),
}

const row = (page: Page, text: string) => page.locator(".row", { hasText: text })
const details = (page: Page) => page.getByRole("region", { name: /^Entry / })

/** The page with an entry that was rejected, opened. */
async function rejected(
  path = "/orders",
  body: unknown = { amount: "five" },
): Promise<OutboxStage & { page: Page; id: string }> {
  const stage = await outboxStage(SCRIPT)
  const receipt = await stage.outbox.post(path, { json: body, key: "order-17" })
  expect((await receipt.settled()).state).toBe("rejected")
  const page = await visit(`${stage.url}#outbox`)
  await row(page, path).click()
  await details(page).locator("textarea").waitFor()
  return { ...stage, page, id: receipt.id }
}

describe("the outbox", () => {
  test("is shown where there is one, what needs somebody first, with the server's words", async () => {
    const { page, url } = await rejected()
    const text = (await details(page).innerText()).replace(/\s+/g, " ")
    expect(text).toMatch(/422 Unprocessable Content on .*The API refused it: amend it, or discard it\./)
    expect(text).toMatch(/The server says: .?amount must be a number/)
    expect(text).toMatch(/Code bad_amount.*Key order-17/)
    expect(await page.getByRole("radio", { name: "needs you 1" }).isChecked()).toBe(true)
    await page.getByRole("link", { name: "Calls" }).click()
    await page.getByRole("heading", { name: "Calls", exact: true }).waitFor()
    await page.getByRole("link", { name: "Outbox" }).click()
    await page.getByRole("heading", { name: "Outbox" }).waitFor()
    expect(page.url()).toBe(`${url}#outbox`)
  })

  test("sends a rejected entry again, changed", async () => {
    const { page, outbox, server, id } = await rejected()
    const send = page.getByRole("button", { name: "Send the changed one" })
    const body = page.getByLabel("Body", { exact: true })
    expect(await body.inputValue()).toBe('{"amount":"five"}')
    expect(await send.isDisabled()).toBe(true)
    expect(await page.getByRole("button", { name: /again as it is/ }).count()).toBe(0)
    await body.fill('{"amount":')
    await page.getByText("This is no JSON").waitFor()
    expect(await send.isDisabled()).toBe(true)
    await body.fill('{"amount":5}')
    await send.click()
    await page.getByRole("status").getByText("It was changed, and is sent again.").waitFor()
    expect((await outbox.receipt(id).settled()).state).toBe("delivered")
    const [first, second] = server.requests
    expect(Buffer.from(second?.body.kept ?? []).toString()).toBe('{"amount":5}')
    const field = (name: string) => [first, second].map((sent) => sent?.headers.find(([own]) => own.toLowerCase() === name)?.[1]) // prettier-ignore
    expect(field("content-type")).toEqual(["application/json", "application/json"])
    expect(new Set(field("idempotency-key")).size).toBe(2)
    await page.getByText("Nothing needs you").waitFor()
  })

  test("sends what was refused for its credentials again as it is", async () => {
    const { page, server } = await rejected("/login")
    await page.getByRole("button", { name: "Send it again as it is" }).click()
    await page.getByRole("status").getByText("It is sent again.").waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("said")
    await server.received(2)
    expect(server.requests.map(({ target }) => target)).toEqual(["/login", "/login"])
  })

  test("discards only after it has asked", async () => {
    const { page, outbox, id } = await rejected()
    await page.getByRole("button", { name: "Discard…" }).click()
    await page.getByRole("button", { name: "Keep it" }).click()
    expect((await outbox.entry(id))?.state).toBe("rejected")
    await page.getByRole("button", { name: "Discard…" }).click()
    await page.getByRole("dialog").getByRole("button", { name: "Discard it" }).click()
    await page.getByRole("status").getByText("It was discarded.").waitFor()
    expect((await outbox.entry(id))?.state).toBe("discarded")
  })

  test("says what waits and why, and sends it at once when asked to", async () => {
    const { outbox, url, server } = await outboxStage(SCRIPT)
    await outbox.post("/later", { json: { a: 1 } })
    await server.received(1)
    const page = await visit(`${url}#outbox`)
    await row(page, "/later")
      .filter({ hasText: /1 try, next in \d+.min/ })
      .waitFor()
    await row(page, "/later").click()
    await page.getByRole("button", { name: "Send it now" }).waitFor()
    await page.getByText("asked to be left alone").waitFor()
    expect((await details(page).innerText()).replace(/\s+/g, " ")).toContain("It waits as long as it was asked to")
  })

  test("does not overwrite what changed meanwhile, says so, and keeps what was written", async () => {
    const { page, outbox, id } = await rejected("/hostile")
    const body = page.getByLabel("Body", { exact: true })
    await body.fill('{"amount":7}')
    await outbox.stop()
    await outbox.amend(id, { json: { amount: 6 } })
    await page.getByRole("button", { name: "Send the changed one" }).click()
    await page.getByRole("status").getByText("has changed meanwhile, and is waiting").waitFor()
    expect(await body.inputValue()).toBe('{"amount":7}')
    await page.getByRole("button", { name: "Read it anew" }).click()
    await expect.poll(() => body.inputValue()).toBe('{"amount":6}')
  })

  test("shows hostile bodies, words and URLs as text", async () => {
    const { page, outbox } = await rejected("/hostile?q=%3Cscript%3E", { text: HOSTILE })
    expect(await page.getByLabel("Body", { exact: true }).inputValue()).toBe(JSON.stringify({ text: HOSTILE }))
    expect(await details(page).innerText()).toContain("onerror")
    expect(await page.locator("img, main script").count()).toBe(0)
    await outbox.stop()
  })

  test("can be used with the keyboard alone", async () => {
    const { outbox, url } = await outboxStage(SCRIPT)
    for (const key of ["1", "2"]) await (await outbox.post("/login", { json: {}, key })).settled()
    const page = await visit(`${url}#outbox`)
    await row(page, "/login").first().focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    const body = page.getByLabel("Body", { exact: true })
    await body.waitFor()
    await page.keyboard.press("Tab")
    expect(await body.evaluate((field) => field === document.activeElement)).toBe(true)
    await page.keyboard.press("Control+End")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.type("x")
    expect(await body.inputValue()).toBe("{x}")
    await page.keyboard.press("Escape")
    expect(await body.inputValue()).toBe("{x}")
    await page.getByRole("button", { name: "Undo the changes" }).click()
    await page.getByRole("button", { name: "Send it again as it is" }).focus()
    await page.keyboard.press("Escape")
    await details(page).waitFor({ state: "detached" })
  })

  test.each([{ width: 390 }, { width: 1000 }])(
    "fits a window of $width pixels, in the dark, too",
    async ({ width }) => {
      const { url } = await rejected("/hostile", { text: `${"long".repeat(200)} ${HOSTILE}` })
      const page = await visit(`${url}#outbox`, { viewport: { width, height: 800 }, colorScheme: "dark" })
      await row(page, "/hostile").click()
      await details(page).locator("textarea").waitFor()
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    },
  )

  test("is not there without one", async () => {
    const { url, api } = await stage(SCRIPT)
    await api.get("/x").text()
    const page = await visit(`${url}#outbox`)
    await row(page, "/x").waitFor()
    expect(await page.getByRole("navigation").count()).toBe(0)
  })
})

describe("steadfetch watch --outbox", () => {
  test("shows the outbox of a program, which delivers what is changed", async () => {
    const { outbox, file, server } = await outboxStage(SCRIPT)
    const receipt = await outbox.post("/orders", { json: { amount: "five" } })
    await receipt.settled()
    const command = startSteadfetch(["watch", "--port", "0", "--directory", dirname(file), "--outbox", file])
    const address = (await command.wrote("stdout", "\n")).trim()
    const page = await visit(`${address}#outbox`)
    await row(page, "/orders").click()
    await page.getByLabel("Body", { exact: true }).fill('{"amount":5}')
    await page.getByRole("button", { name: "Send the changed one" }).click()
    await page.getByRole("status").getByText("It was changed, and is sent again.").waitFor()
    const { state, url } = await receipt.settled()
    expect([state, url]).toEqual(["delivered", `${server.origin}/orders`])
    command.signal("SIGINT")
    expect((await command.ended).code).toBe(0)
  })

  test.each([
    [["--outbox", "/none.db"], 'the outbox "/none.db" does not exist'],
    [["--outbox-key-env", "KEY"], "--outbox-key-env has no effect without --outbox"],
  ])("%j is bad usage", async (args, message) => {
    const { code, stderr } = await steadfetch(["watch", "--port", "0", ...args])
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})

describe("what changes entries", () => {
  interface Posted {
    readonly headers?: Record<string, string>
    readonly body?: string
    readonly method?: string
  }
  const post = (url: string, { headers = {}, body = "{}", method = "POST" }: Posted): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const usual = { "content-type": "application/json", origin: new URL(url).origin }
      const fields = Object.fromEntries(Object.entries({ ...usual, ...headers }).filter(([, value]) => value !== ""))
      const req = request(url, { method, headers: fields }, (res) => {
        res.resume().on("error", () => {})
        resolve(res.statusCode)
      })
      req.on("error", reject).end(body)
    })

  test("is taken from the page alone, with its key, and nothing else than what there is to do", async () => {
    const { url, outbox } = await outboxStage(SCRIPT)
    const { id } = await outbox.post("/hostile", { json: {} })
    const entry = await outbox.receipt(id).settled()
    const { version } = entry
    const at = `${url}outbox/${id}`
    const body = JSON.stringify({ action: "discard", version })
    for (const [expected, target, given] of [
      [403, at, { headers: { origin: "https://evil.example" } }],
      [403, at, { headers: { origin: "null" } }],
      [403, at, { headers: { origin: "" } }],
      [403, at, { headers: { "sec-fetch-site": "same-site" } }],
      [421, at, { headers: { host: "evil.example" } }],
      [415, at, { headers: { "content-type": "text/plain" } }],
      [404, new URL(`/outbox/${id}`, url).href, {}],
      [404, new URL(`/other-key/outbox/${id}`, url).href, {}],
      [405, at, { method: "PUT" }],
      [400, at, { body: "{" }],
      [400, at, { body: "null" }],
      [400, at, { body: JSON.stringify({ action: "discard" }) }],
      [400, at, { body: JSON.stringify({ action: "constructor", version }) }],
      [400, at, { body: JSON.stringify({ action: "amend", version, body: 5 }) }],
      [400, at, { body: JSON.stringify({ action: "amend", version, body: "x", type: "a\nb" }) }],
      [409, at, { body: JSON.stringify({ action: "discard", version: version - 1 }) }],
      [409, at, { body: JSON.stringify({ action: "retry", version }) }],
      [413, at, { body: JSON.stringify({ action: "amend", version, body: "x".repeat(3 * 1024 * 1024) }) }],
      [404, `${url}outbox/none`, {}],
      [405, `${url}feed`, {}],
    ] as const) expect([target, given, await post(target, { body, ...given })]).toEqual([target, given, expected]) // prettier-ignore
    const noOrigin = { headers: {}, body }
    expect((await outbox.entry(id))?.version).toBe(version)
    expect(await post(at, { ...noOrigin, headers: { "sec-fetch-site": "same-origin" } })).toBe(200)
    expect((await outbox.entry(id))?.state).toBe("discarded")
  })
})
