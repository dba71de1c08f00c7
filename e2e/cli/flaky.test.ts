import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { startFaultServer } from "@steadfetch/testing/fault-server"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { startSteadfetch, steadfetch, type Running } from "./steadfetch-process.ts"

let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steadfetch-flaky-"))
})
afterAll(() => rm(folder, { recursive: true }))

async function originOf(flaky: Running): Promise<string> {
  const text = await flaky.wrote("stdout", "fails on purpose")
  return text.split(" ", 1).join("")
}

describe("a server that fails on purpose", () => {
  test("fails as often as it was told, tells every request, and sums up at Ctrl-C", async () => {
    const flaky = startSteadfetch(["flaky", "--times", "2", "--retry-after", "0", "--body", '{"id":7}'])
    const origin = await originOf(flaky)
    expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const called = await steadfetch(["call", `${origin}/users`, "--quiet"])
    expect({ code: called.code, body: called.stdout.toString() }).toEqual({ code: 0, body: '{"id":7}' })
    await flaky.wrote("stdout", "   3  GET /users  200 OK\n")
    flaky.signal("SIGINT")
    const { code, stdout } = await flaky.ended
    expect(code).toBe(0)
    expect(stdout.toString()).toContain("   1  GET /users  503 Service Unavailable\n")
    expect(stdout.toString()).toMatch(/\n3 requests on \d connections?: 503 Service Unavailable ×2, 200 OK ×1\n$/)
  })

  test("plays a script from a file", async () => {
    const path = join(folder, "script.json")
    const drop = { kind: "drop", at: "before-headers", by: "reset" }
    await writeFile(path, JSON.stringify({ "GET /x": [drop, { kind: "reply", status: 200, body: "ok" }] }))
    const flaky = startSteadfetch(["flaky", "--script", path])
    const called = await steadfetch(["call", `${await originOf(flaky)}/x`])
    expect(called.stdout.toString()).toBe("ok")
    expect(called.stderr).toContain("no reply (reset)")
    flaky.signal("SIGTERM")
    expect((await flaky.ended).code).toBe(0)
  })

  test("ends when nobody reads what it says", async () => {
    const flaky = startSteadfetch(["flaky"])
    const origin = await originOf(flaky)
    flaky.leave()
    await steadfetch(["call", origin, "--retries", "0"])
    expect(await flaky.ended).toMatchObject({ code: 0, stderr: "" })
  })
})

describe("what cannot be played", () => {
  test("a port in use is refused with the fix", async () => {
    await using taken = await startFaultServer({})
    const { code, stderr } = await steadfetch(["flaky", "--port", String(taken.port)])
    expect(code).toBe(2)
    expect(stderr).toContain(`--port ${taken.port} is in use; give another, or none for a free one`)
  })

  test("a mistake in a script is named with its place", async () => {
    const path = join(folder, "wrong.json")
    await writeFile(path, JSON.stringify({ "GET /x": [{ kind: "reply", status: 99 }] }))
    const { code, stderr } = await steadfetch(["flaky", "--script", path])
    expect(code).toBe(2)
    expect(stderr).toContain(`--script: ${path}: "GET /x", step 1, status`)
  })

  test.each([
    [["--script", "nowhere.json"], '--script: "nowhere.json" cannot be read (ENOENT)'],
    [["--script", "x.json", "--status", "503"], "--status has no effect with --script"],
    [["script.json"], "a script is given with --script FILE"],
    [["--host", "no.such.host.invalid"], "--host no.such.host.invalid is no address of this machine"],
  ])("%j is bad usage", async (args, message) => {
    const { code, stderr } = await steadfetch(["flaky", ...args])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})
