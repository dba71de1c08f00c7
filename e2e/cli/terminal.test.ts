import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { json, startFaultServer, status, type Step } from "@steadfetch/testing/fault-server"
import { expect, test } from "vitest"

const MAIN = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url))
const run = promisify(execFile)

/** All that a terminal gets to see of a call to a server with these steps. `script` of util-linux is the terminal. */
async function seen(steps: Step[], args = "", env: Readonly<Record<string, string>> = {}): Promise<string> {
  await using server = await startFaultServer({ "/": steps })
  const command = `"${process.execPath}" --conditions=@steadfetch/source "${MAIN}" call ${server.origin} ${args}`
  const bare = { PATH: process.env["PATH"] ?? "", TERM: "xterm-256color", SHELL: "/bin/sh", ...env }
  const { stdout } = await run("script", ["-qec", command, "/dev/null"], { env: bare })
  return stdout.replaceAll("\r\n", "\n")
}

/** Other systems' `script` takes its arguments differently. */
const onLinux = { skip: process.platform !== "linux" }

test(
  "a terminal gets colours, a line under way, the ending, and then the body on lines of its own",
  onLinux,
  async () => {
    const text = await seen([status(503), json(200, { id: 7 })])
    expect(text).toContain("\u001b[31m503 Service Unavailable")
    expect(text).toContain("sent, no answer yet")
    expect(text).toMatch(/success.*2 attempts[^\n]*\n\{"id":7\}\n$/)
  },
)

test("NO_COLOR keeps colours from a terminal", onLinux, async () => {
  const text = await seen([json(200, { id: 7 })], "", { NO_COLOR: "1" })
  expect(text).toContain("200 OK")
  // oxlint-disable-next-line no-control-regex
  expect(text).not.toMatch(/\u001b\[\d+m/)
})

test("a page or bytes are not spilled over a terminal unless asked for", onLinux, async () => {
  const page = status(200, { headers: { "content-type": "text/html" }, body: "<html>spilled</html>" })
  expect(await seen([page])).toMatch(/the body \(20 bytes of text\/html\) is not shown on a terminal/)
  expect(await seen([page], "--output body")).toContain("<html>spilled</html>")
  const bytes = await seen([status(200, { body: { base64: "AP+JUE5HAA==" } })])
  expect(bytes).toContain("is not shown on a terminal; keep it with > FILE")
  expect(bytes).not.toContain("PNG")
})
