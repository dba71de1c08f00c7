import { json, startFaultServer } from "@steadfetch/testing/fault-server"
import { expect, onTestFinished, test } from "vitest"
import { steadfetch, startSteadfetch } from "../cli/steadfetch-process.ts"
import { ask } from "./caller.ts"

test("the command hands requests on, logs them without secrets, and ends when it is told to", async () => {
  const upstream = await startFaultServer({ "/*": json(200, {}) })
  onTestFinished(() => upstream.close())
  const running = startSteadfetch(
    ["gateway", "--upstream", upstream.origin, "--port", "0", "--admin-port", "0", "--bearer-env", "KEY"],
    { env: { KEY: "s3cret-key" } },
  )
  const said = await running.wrote("stderr", "/-/metrics")
  const [origin = "", admin = ""] = [...said.matchAll(/http:\/\/127\.0\.0\.1:\d+(?=  hands|\/-\/)/g)].map(
    ([text]) => text,
  )
  expect((await ask(origin, "/a?token=hidden1&page=2", { headers: { cookie: "hidden2" } })).status).toBe(200)
  expect((await ask(origin, "/b", { headers: { host: "evil.test" } })).status).toBe(421)
  expect((await ask(admin, "/-/ready")).text).toBe("ready\n")
  running.signal("SIGINT")
  const { code, stdout, stderr } = await running.ended
  expect([code, stderr]).toEqual([0, expect.stringContaining("closing")])
  const lines = stdout.toString().trim().split("\n")
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({
      level: 30,
      method: "GET",
      url: `${upstream.origin}/a?token=REDACTED&page=2`,
      status: 200,
    }),
    expect.objectContaining({ url: "/b", status: 421, problem: "unknown-host" }),
  ])
  expect(stdout.toString() + stderr).not.toMatch(/s3cret|hidden/)
})

test.each([
  [["--upstream", "api.test"], "--upstream: is no URL"],
  [["--upstream", "http://a.test", "--host", "0.0.0.0"], '--host: is "0.0.0.0", which others can reach'],
  [["--config", "/none.yaml"], "/none.yaml cannot be read (ENOENT)"],
  [["--config", "a.yaml", "--port", "1"], "--port has no effect with --config; put it into the file"],
  [["https://api.test"], "the server is given with --upstream URL"],
])("%j is bad usage", async (args, message) => {
  const { code, stderr } = await steadfetch(["gateway", ...args])
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
})

test("--check starts nothing", async () => {
  const { code, stdout } = await steadfetch(["gateway", "--upstream", "http://a.test", "--check"])
  expect([code, stdout.toString()]).toEqual([0, "the options: sound, with 1 upstream\n"])
})

test("a port that is taken is said", async () => {
  const taken = await startFaultServer({})
  onTestFinished(() => taken.close())
  const { code, stderr } = await steadfetch(["gateway", "--upstream", "http://a.test", "--port", String(taken.port)])
  expect([code, stderr]).toEqual([2, expect.stringContaining("is in use; give another port, or 0 for a free one")])
})
