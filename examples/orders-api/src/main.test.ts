import type { ChildProcess } from "node:child_process"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { expect, onTestFinished, test } from "vitest"

const main = fileURLToPath(new URL("main.ts", import.meta.url))

function run(...args: string[]): { child: ChildProcess; printed: { text: string } } {
  const child = spawn(process.execPath, ["--conditions=@steadfetch/source", main, ...args])
  onTestFinished(() => void child.kill("SIGKILL"))
  const printed = { text: "" }
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (printed.text += String(chunk)))
  return { child, printed }
}

test("prints where it listens, a token that works and three curl lines, and ends when asked to", async () => {
  const { child, printed } = run("--port", "0", "--log")
  while (!printed.text.includes("Ctrl+C")) await once(child.stdout ?? child, "data")
  const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(printed.text)?.[0]
  const token = /A token to try: (\S+)/.exec(printed.text)?.[1]
  expect(printed.text.match(/^ {2}curl -i /gm)).toHaveLength(3)
  const reply = await fetch(`${origin}/orders`, { headers: { authorization: `Bearer ${token}` } })
  expect(await reply.json()).toEqual([])
  child.kill("SIGTERM")
  expect(await once(child, "close")).toEqual([0, null])
  expect(printed.text).toContain(`200 GET /orders ${reply.headers.get("x-request-id")}\n`)
})

test.each([
  [["--port", "many"], '--port must be a number, but was "many"'],
  [["--fail-share", "2"], "trouble.failShare must be from 0 to 1, but was 2"],
  [["--colour"], "Unknown option '--colour'"],
])("refuses %j, says why and shows the usage", async (args, reason) => {
  const { child, printed } = run(...args)
  expect(await once(child, "close")).toEqual([2, null])
  expect(printed.text).toContain(reason)
  expect(printed.text).toContain("Usage:")
})
