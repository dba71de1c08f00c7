import { readdirSync, readFileSync } from "node:fs"
import { request } from "node:http"
import { gzipSync } from "node:zlib"
import { expect, test } from "vitest"
import { stage } from "./stage.ts"

const BUDGET_BYTES = 80_000

function ask(url: string, headers: Record<string, string> = {}, method = "GET") {
  return new Promise<{ status: number | undefined; headers: Record<string, unknown> }>((resolve, reject) => {
    const req = request(url, { headers, method }, (res) => {
      resolve({ status: res.statusCode, headers: res.headers })
      res.destroy()
    })
    req.on("error", reject).end()
  })
}

test("the page is small: at most 80 kB, compressed, in all", () => {
  const folder = new URL("../../packages/watch/dist/page/", import.meta.url)
  const sizes = readdirSync(folder).map((file) => gzipSync(readFileSync(new URL(file, folder))).length)
  expect(sizes.length).toBeGreaterThanOrEqual(3)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(BUDGET_BYTES)
})

test("so many look at it, and no more", async () => {
  const { url, page } = await stage({})
  const look = () =>
    new Promise<number | undefined>((resolve, reject) => {
      const req = request(`${url}feed`, (res) => resolve(res.on("error", () => {}).resume().statusCode))
      req.on("error", reject).end()
    })
  const statuses = await Promise.all(Array.from({ length: 100 }, look))
  expect([...new Set(statuses)]).toEqual([200])
  expect(await look()).toBe(503)
  await page.close()
})

test("every answer forbids foreign scripts, guessing of types, and being framed", async () => {
  const { url } = await stage({})
  for (const path of ["", "watch.js", "watch.css", "feed", "nothing", "../a-key"]) {
    const { headers } = await ask(new URL(path, url).href)
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" })
    const policy = String(headers["content-security-policy"])
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain("unsafe")
  }
  expect((await ask(url)).headers["content-type"]).toBe("text/html; charset=utf-8")
  expect((await ask(`${url}feed`)).headers["content-type"]).toBe("text/event-stream")
})

test("other names, pages of other origins, other methods and whoever has no key get nothing", async () => {
  const { url } = await stage({})
  const status = async (...args: Parameters<typeof ask>) => (await ask(...args)).status
  for (const path of ["", "feed", "watch.js"]) {
    expect(await status(url + path)).toBe(200)
    expect(await status(url + path, { host: "evil.example" })).toBe(421)
    expect(await status(url + path, { origin: "https://evil.example" })).toBe(403)
    expect(await status(url + path, { "sec-fetch-site": "cross-site" })).toBe(403)
    expect(await status(url + path, {}, "POST")).toBe(405)
    expect(await status(new URL(`/${path}`, url).href)).toBe(404)
  }
  for (const path of ["../package.json", "%2e%2e/index.js", "constructor", "toString"])
    expect(await status(url + path)).toBe(404)
  expect((await ask(url.replace(/\/$/, "?a=b"))).headers["location"]).toBe("./a-key/")
})
