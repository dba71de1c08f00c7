import { spawn } from "node:child_process"
import { mkdtempSync, readdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { startFaultServer } from "@steadfetch/testing/fault-server"
import { startGateway } from "@steadfetch/gateway"
import { steadfetch } from "@steadfetch/node"
import { watch } from "@steadfetch/watch"
import { expect, onTestFinished, test } from "vitest"
import { startSteadfetch } from "../cli/steadfetch-process.ts"
import { useBrowser, visit } from "./browser.ts"

useBrowser()

/** A program that makes its calls and ends at once. */
const PROGRAM = fileURLToPath(new URL("program.child.ts", import.meta.url))

function startProgram(env: Readonly<Record<string, string>>) {
  return spawn(process.execPath, ["--conditions=@steadfetch/source", PROGRAM], {
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "inherit"],
  })
}

async function watchCommand(env: Readonly<Record<string, string>>, port = "0") {
  const running = startSteadfetch(["watch", "--port", port], { env })
  onTestFinished(async () => {
    running.signal("SIGINT")
    expect((await running.ended).code).toBe(0)
  })
  const [url = ""] = (await running.wrote("stdout", "\n")).split("\n")
  return { running, url }
}

test("steadfetch watch finds a program, shows its calls live and keeps them after its end, and waits for the next", async () => {
  const server = await startFaultServer({ "/*": { kind: "reply", status: 200 } })
  onTestFinished(() => server.close())
  const env = { XDG_RUNTIME_DIR: mkdtempSync(join(tmpdir(), "watch-")), API: server.origin }
  const { running, url } = await watchCommand(env)
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\da-f]{32}\/$/)
  const page = await visit(url)
  await page.getByText("Live: waiting for a program").waitFor()

  const program = startProgram(env)
  onTestFinished(() => void program.kill())
  await running.wrote("stderr", "watching program.child.ts")
  program.stdin.write("/first\n")
  await page.locator(".row", { hasText: "/first" }).waitFor()
  // It calls once more and ends in the same moment.
  program.stdin.end("/last\n")
  await page.locator(".row", { hasText: "/last" }).waitFor()
  await page.getByText("The program has ended").waitFor()
  expect(readdirSync(join(env.XDG_RUNTIME_DIR, "steadfetch"))).toEqual(["page-key"])

  const next = startProgram(env)
  onTestFinished(() => void next.kill())
  next.stdin.write("/next\n")
  await page.locator(".row", { hasText: "/next" }).waitFor()
  expect(await page.locator(".row").count()).toBe(1)
  const select = page.getByRole("combobox", { name: "Program" })
  const ended = page.locator("option", { hasText: ", ended" })
  await select.selectOption((await ended.getAttribute("value")) ?? "")
  await page.locator(".row", { hasText: "/last" }).waitFor()
  await page.getByText("The program has ended").waitFor()
})

test("the page is live again by itself when the command was started anew, with what the program has kept", async () => {
  const server = await startFaultServer({ "/*": { kind: "reply", status: 200 } })
  onTestFinished(() => server.close())
  const env = { XDG_RUNTIME_DIR: mkdtempSync(join(tmpdir(), "watch-")), API: server.origin }
  const program = startProgram(env)
  onTestFinished(() => void program.kill())
  const first = startSteadfetch(["watch", "--port", "0"], { env })
  const [url = ""] = (await first.wrote("stdout", "\n")).split("\n")
  const page = await visit(url)
  program.stdin.write("/before\n")
  await page.locator(".row", { hasText: "/before" }).waitFor()
  first.signal("SIGINT")
  await page.getByText("Connection lost").waitFor()
  program.stdin.write("/meanwhile\n")
  expect((await watchCommand(env, new URL(url).port)).url).toBe(url)
  await page.locator(".row", { hasText: "/meanwhile" }).waitFor()
  expect(await page.locator(".row").count()).toBe(2)
})

test("the name of a program commands no terminal", async () => {
  const directory = join(mkdtempSync(join(tmpdir(), "watch-")), "meet")
  using watching = watch(steadfetch(), { name: "evil\u001B[2J\nwatching nobody", directory })
  await watching.ready
  const running = startSteadfetch(["watch", "--port", "0", "--directory", directory])
  const told = await running.wrote("stderr", "evil")
  running.signal("SIGINT")
  await running.ended
  expect(told).toContain("watching evil\uFFFD[2J\uFFFDwatching nobody")
})

test("a program that was killed is taken off, and its socket is cleared away", async () => {
  const env = { XDG_RUNTIME_DIR: mkdtempSync(join(tmpdir(), "watch-")), API: "http://127.0.0.1:9" }
  const program = startProgram(env)
  await new Promise((resolve) => program.stdout.once("data", resolve))
  program.kill("SIGKILL")
  const { url } = await watchCommand(env)
  const page = await visit(url)
  await page.getByText("Live: waiting for a program").waitFor()
  await expect.poll(() => readdirSync(join(env.XDG_RUNTIME_DIR, "steadfetch"))).toEqual(["page-key"])
})

test("the gateway shows its calls at /-/watch, and listens to none before somebody looks", async () => {
  const upstream = await startFaultServer({
    "/*": [
      { kind: "reply", status: 503 },
      { kind: "reply", status: 200 },
    ],
  })
  const upstreams = { api: { url: upstream.origin, retry: { baseMs: 1 } } }
  const gateway = await startGateway({ listen: { port: 0 }, admin: { port: 0 }, shutdownMs: 0, upstreams })
  onTestFinished(async () => {
    await gateway.close()
    await upstream.close()
  })
  expect(gateway.events.heard("attempt-ended")).toBe(false)
  const page = await visit(`${gateway.adminOrigin}/-/watch`)
  await page.getByText("Live since").waitFor()
  expect(new URL(page.url()).pathname).toBe("/-/watch/")
  await fetch(`${gateway.origin}/users/7`)
  await page.locator(".row", { hasText: "/users/7" }).filter({ hasText: "2 attempts" }).waitFor()
})

test("a gateway with a token shows them to who knows it, as a password", async () => {
  const gateway = await startGateway(
    { listen: { port: 0 }, admin: { port: 0 }, shutdownMs: 0, token: { env: "T" }, upstreams: { api: { url: "http://127.0.0.1:9" } } },
    { env: { T: "the-token" } },
  ) // prettier-ignore
  onTestFinished(() => gateway.close())
  const url = `${gateway.adminOrigin}/-/watch/`
  const as = (password: string) => ({ authorization: `Basic ${btoa(`anybody:${password}`)}` })
  for (const path of ["", "feed", "watch.js"]) {
    const refused = await fetch(url + path, { headers: as("another") })
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, expect.stringContaining("Basic")])
  }
  expect((await fetch(url, { headers: as("the-token") })).status).toBe(200)
  const page = await visit(url, { httpCredentials: { username: "anybody", password: "the-token" } })
  await page.getByText("Live since").waitFor()
})
