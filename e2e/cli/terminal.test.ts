import { json, patternBytes, startFaultServer, status, type Step } from "@steadfetch/testing/fault-server"
import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { startCuttingProxy } from "../uploads/cutting-proxy.ts"
import { startTusServer } from "../uploads/tus-server.ts"
import { INSTALLING_MS, startNginx } from "../nginx/nginx.ts"
import { temporaryFolder } from "./temporary-folder.ts"
import { expectRestored, onLinux, screenOf, startOnTerminal, unstyled, type TerminalGiven } from "./terminal.ts"

/** All that a terminal gets to see of a call to a server with these steps. */
async function seen(steps: Step[], args = "", env: Readonly<Record<string, string>> = {}): Promise<string> {
  await using server = await startFaultServer({ "/": steps })
  return (await startOnTerminal(`call ${server.origin} ${args}`, { env }).ended).text
}

test(
  "a terminal gets colours, a line under way, the ending, and then the body on lines of its own",
  onLinux,
  async () => {
    const text = await seen([status(503), json(200, { id: 7 })])
    expect(text).toContain("\u001b[31m503 Service Unavailable")
    expect(text).toContain("sent, no answer yet")
    expect(text).toMatch(/success.*2 attempts[^\n]*\n\{"id":7\}\nsettings: /)
  },
)

test("NO_COLOR keeps colours from a terminal", onLinux, async () => {
  const text = await seen([json(200, { id: 7 })], "", { NO_COLOR: "1" })
  expect(text).toContain("200 OK")
  expect(text.replaceAll("\u001b[K", "")).not.toContain("\u001b")
})

test("a page or bytes are not spilled over a terminal unless asked for", onLinux, async () => {
  const page = status(200, { headers: { "content-type": "text/html" }, body: "<html>spilled</html>" })
  expect(await seen([page])).toMatch(/the body \(20 bytes of text\/html\) is not shown on a terminal/)
  expect(await seen([page], "--output body")).toContain("<html>spilled</html>")
  const bytes = await seen([status(200, { body: { base64: "AP+JUE5HAA==" } })])
  expect(bytes).toContain("is not shown on a terminal; keep it with > FILE")
  expect(bytes).not.toContain("PNG")
})

/** A page of three megabytes at a real server that sends one and a half of them in a second. */
async function slowly(location: string, bytes: number) {
  return startNginx({
    server: `location / { ${location} }`,
    pages: { "data.bin": Buffer.from(patternBytes(bytes)).toString("latin1").replaceAll(/[^]/g, "x") },
  })
}

const bar = /\[=*>? *\] +\d+ %/

describe("progress", { timeout: INSTALLING_MS, ...onLinux }, () => {
  test("a download has a bar with percent, bytes, speed and the time that is left, which gives way to one line", async () => {
    await using server = await slowly("limit_rate 1500k;", 3_000_000)
    const cwd = await temporaryFolder()
    const { code, text } = await startOnTerminal(`download ${server.origin}/data.bin`, { cwd }).ended
    expect(code).toBe(0)
    const plain = unstyled(text)
    expect(plain).toMatch(/\r\[=+> +\] +\d+ %  \d\.\d MB of 3\.0 MB  [\d.]+ [kM]B\/s  \d s left⌫/)
    expect(screenOf(text, 80).slice(1, -2)).toEqual([
      `${server.origin}/data.bin → .`,
      expect.stringMatching(/^complete: 3\.0 MB in [\d.]+ s \([\d.]+ MB\/s\)$/),
      "data.bin",
    ])
    expectRestored(text)
  })

  test("Ctrl-C in mid-transfer restores the terminal, and the same command goes on, to the byte", async () => {
    await using server = await slowly("limit_rate 1500k;", 4_000_000)
    const cwd = await temporaryFolder()
    const args = `download ${server.origin}/data.bin`
    const terminal = startOnTerminal(args, { cwd })
    await terminal.shows(/ [1-9]\d? %/)
    terminal.type("\u0003")
    const cut = await terminal.ended
    expect(cut.code).toBe(130)
    expect(screenOf(cut.text, 80).slice(2, -2)).toEqual([
      expect.stringMatching(/^(\^C)?aborted by SIGINT after [\d.]+ m?s$/),
      expect.stringMatching(/^[\d.]+ [kM]B is in download-\w{16}\.part; the same command goes on from there$/),
    ])
    expectRestored(cut.text)
    const { code, text } = await startOnTerminal(args, { cwd }).ended
    expect(code).toBe(0)
    expect(text).toMatch(/complete.* of it from before/)
    expect(await readFile(join(cwd, "data.bin"), "utf8")).toBe("x".repeat(4_000_000))
    expect(await readdir(cwd)).toEqual(["data.bin"])
  })

  test("what has no length has bytes and a speed, and no bar", async () => {
    await using server = await slowly(
      "limit_rate 1500k; chunked_transfer_encoding on; sub_filter zzz yyy; sub_filter_types *;",
      3_000_000,
    )
    const cwd = await temporaryFolder()
    const { code, text } = await startOnTerminal(`download ${server.origin}/data.bin`, { cwd }).ended
    expect(code).toBe(0)
    expect(unstyled(text)).toMatch(/\r\d\.\d MB  [\d.]+ [kM]B\/s⌫/)
    expect(text).not.toMatch(/\d %/)
  })

  test("an upload has a bar, counts what it went on from, and Ctrl-C leaves the terminal as it was", async () => {
    await using server = await startTusServer()
    await using proxy = await startCuttingProxy(server.port, [
      { afterBytes: 2_000_000, by: "reset" },
      { afterBytes: 2_000_000, by: "silence" },
    ])
    const cwd = await temporaryFolder()
    await writeFile(join(cwd, "video.mp4"), patternBytes(9_000_000))
    const args = `upload video.mp4 ${proxy.origin}/files`
    const terminal = startOnTerminal(args, { cwd, columns: 100 })
    const plain = await terminal.shows(/1 resume/)
    expect(unstyled(plain)).toMatch(/\[=+>? *\] +\d+ %  \d\.\d MB of 9\.0 MB.*1 resume/)
    terminal.type("\u0003")
    const { code, text } = await terminal.ended
    expect(code).toBe(130)
    expectRestored(text)
    expect(screenOf(text, 100).join("\n")).toMatch(
      /aborted by SIGINT after .*\nthe server has .*; the same command goes on from there/,
    )
    expect((await startOnTerminal(args, { cwd }).ended).code).toBe(0)
  })

  test("a call whose body goes to a file shows how much came, once that takes more than a second", async () => {
    await using server = await slowly("limit_rate 1000k;", 4_000_000)
    const cwd = await temporaryFolder()
    const { code, text } = await startOnTerminal(`call ${server.origin}/data.bin > data`, { cwd }).ended
    expect(code).toBe(0)
    expect(unstyled(text)).toMatch(/\r\[=+>? *\] +\d+ %  \d\.\d MB of 4\.0 MB  [\d.]+ [kM]B\/s/)
    expect(screenOf(text, 80).slice(-3)).toEqual([
      expect.stringMatching(/^success: 1 attempt in /),
      expect.stringMatching(/^settings: /),
      "",
    ])
    expect(await readFile(join(cwd, "data"), "utf8")).toBe("x".repeat(4_000_000))
    expectRestored(text)
  })

  const batch = async (given: TerminalGiven = {}, args = "") => {
    await using server = await startFaultServer({ "/a": status(204, { delayMs: 500 }), "/b": status(404) })
    const cwd = await temporaryFolder()
    await writeFile(join(cwd, "urls"), `${server.origin}/a\n${server.origin}/b\n`.repeat(3))
    return await startOnTerminal(`batch urls --concurrency 1 ${args}`, { cwd, ...given }).ended
  }

  test("a batch has a bar with counts by outcome, and its results stand above it", async () => {
    const { code, text } = await batch({ columns: 200 })
    expect(code).toBe(1)
    const plain = unstyled(text)
    expect(plain).toMatch(/\r\[=+> +\] +\d+ %  \d of 6  \d success  \d client-error/)
    const screen = screenOf(text, 200)
    expect(screen[1]).toBe("6 calls, 1 at a time")
    expect(screen.slice(2, 8).map((line) => (JSON.parse(line) as { index: number }).index)).toEqual([0, 1, 2, 3, 4, 5])
    expect(screen[8]).toMatch(/^6 calls in .* s: 3 success, 3 client-error$/)
    expectRestored(text)
  })

  test("results command no terminal", async () => {
    await using server = await startFaultServer({ "/*": status(404) })
    const cwd = await temporaryFolder()
    await writeFile(join(cwd, "urls"), `${server.origin}/a\u009b2J\u007f`)
    const { text } = await startOnTerminal("batch urls --bodies", { cwd }).ended
    expect(text).toContain("/a\ufffd2J\ufffd")
    expect(text).not.toContain("\u009b")
  })

  test("a narrow terminal gets what fits into one line", async () => {
    const { text } = await batch({ columns: 30 }, "> results")
    expect(unstyled(text)).toMatch(/\r(\[=*>? *\])? +\d+ %  \d of 6⌫/)
    expect(() => screenOf(text, 30)).not.toThrow()
  })

  test("NO_COLOR takes the colours, TERM=dumb the bar, --quiet both", async () => {
    const plain = await batch({ env: { NO_COLOR: "1" } }, "> results")
    expect(plain.text).toMatch(bar)
    expect(plain.text.replaceAll("\u001b[K", "")).not.toContain("\u001b")
    const dumb = await batch({ env: { TERM: "dumb" } }, "> results")
    expect(dumb.text).toMatch(/6 calls, 1 at a time\n6 calls in /)
    expect(dumb.text).not.toContain("\u001b")
    const quiet = await batch({}, "--quiet > results")
    expect(quiet.text).toMatch(/^settings: .*\nsettings: .*\n$/)
  })

  test("generate shows its steps", async () => {
    const document = JSON.stringify({ openapi: "3.1.0", info: { title: "x", version: "1" }, paths: {} })
    await using server = await startFaultServer({ "/api.json": status(200, { body: document, delayMs: 300 }) })
    const cwd = await temporaryFolder()
    const { code, text } = await startOnTerminal(`generate ${server.origin}/api.json -o api.ts`, { cwd }).ended
    expect(code).toBe(0)
    expect(text).toContain(`reads ${server.origin}/api.json`)
    expect(text).toContain(`makes the types of ${server.origin}/api.json`)
    expect(screenOf(text, 80).slice(1, -2)).toEqual(["api.ts written"])
    expectRestored(text)
  })
})

test("a call that is interrupted leaves no line behind that looks as if it went on", onLinux, async () => {
  await using server = await startFaultServer({ "/": status(200, { delayMs: 60_000 }) })
  const terminal = startOnTerminal(`call ${server.origin}`)
  await terminal.shows(/sent, no answer yet/)
  terminal.type("\u0003")
  const { code, text } = await terminal.ended
  expect(code).toBe(130)
  expect(screenOf(text, 80).join("\n")).not.toContain("no answer yet")
})
