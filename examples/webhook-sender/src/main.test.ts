import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { fieldValue, json, startFaultServer, status } from "@steadfetch/testing/fault-server"
import { Webhook } from "standardwebhooks"
import { expect, onTestFinished, test } from "vitest"
import { eventForTest, folderForTest } from "./webhooks-for-test.ts"

const main = fileURLToPath(new URL("main.ts", import.meta.url))

function start(...args: string[]): ChildProcess & { stdin: NonNullable<ChildProcess["stdin"]> } {
  const child = spawn(process.execPath, ["--conditions=@steadfetch/source", main, ...args])
  onTestFinished(() => void child.kill("SIGKILL"))
  return child
}

/** Resolves once a process has said all of this. */
async function saying({ stdout }: ChildProcess, ...texts: readonly string[]): Promise<void> {
  let said = ""
  if (stdout === null) return
  stdout.on("data", (chunk) => (said += String(chunk)))
  while (!texts.every((text) => said.includes(text))) await once(stdout, "data")
}

/** Runs a command to its end. */
async function run(args: readonly string[], input = ""): Promise<{ readonly code: number; readonly said: string }> {
  const child = start(...args)
  child.stdin.end(input)
  const [said, complaints, [code]] = await Promise.all([
    child.stdout === null ? "" : text(child.stdout),
    child.stderr === null ? "" : text(child.stderr),
    once(child, "close"),
  ])
  return { code: Number(code), said: (said + complaints).trimEnd() }
}

test(
  "events survive the death of the process that sends, and what receivers said is shown",
  { timeout: 120_000 },
  async () => {
    const folder = await folderForTest()
    const here = ["--data", folder, "--local"]
    await using server = await startFaultServer({
      "POST /crm": status(204),
      "POST /strict": json(422, { message: "invoice is unknown" }),
    })
    await using away = await startFaultServer({ "POST /billing": status(204) })
    await away.stopListening()
    const secrets = new Map<string, string>()
    const receivers = { crm: server.origin, strict: server.origin, billing: away.origin }
    for (const [name, origin] of Object.entries(receivers))
      secrets.set(name, (await run([...here, "add", name, `${origin}/${name}`])).said)

    const event = JSON.stringify(eventForTest("evt_1"))
    expect((await run([...here, "publish"], event)).said).toBe("written down for 3 receivers, 3 of them anew")
    expect((await run([...here, "publish"], event)).said).toBe("written down for 3 receivers, 0 of them anew")

    const first = start(...here, "run")
    await saying(first, "delivered evt_1 to crm", "rejected evt_1 to strict", "retrying evt_1 to billing")
    first.kill("SIGKILL")
    await once(first, "close")
    await away.listenAgain()

    const second = start(...here, "run")
    await saying(second, "delivered evt_1 to billing")
    second.kill("SIGTERM")
    expect(await once(second, "close")).toEqual([0, null])

    const received = [...server.requests, ...away.requests]
    expect(received.map(({ path }) => path).toSorted()).toEqual(["/billing", "/crm", "/strict"])
    for (const { path, headers, body } of received) {
      const names = ["webhook-id", "webhook-timestamp", "webhook-signature"]
      const fields = Object.fromEntries(names.map((name) => [name, fieldValue(headers, name) ?? ""]))
      new Webhook(secrets.get(path.slice(1)) ?? "").verify(Buffer.from(body.kept), fields)
    }

    const lines = (await run([...here, "list"])).said.split("\n")
    expect(lines.map((line) => line.replaceAll(/ +|\d{4}-\S+Z/g, " ").replaceAll(/ +/g, " "))).toEqual([
      "billing enabled 0 waiting, 0 parked 204",
      "crm enabled 0 waiting, 0 parked 204",
      'strict failing since 0 waiting, 1 parked 422 "invoice is unknown"',
    ])
    expect((await run([...here, "show", "strict"])).said).toMatch(
      / evt_1 rejected after 1 tries: 422 invoice is unknown$/,
    )
  },
)

test.each([
  [[], "which command?"],
  [["constructor"], 'there is no command "constructor"'],
  [["add", "crm", "http://example.com"], "a receiver's URL begins with https://"],
  [["enable", "crm"], 'there is no receiver "crm"'],
])("%j is refused in one line", async (args, said) => {
  const end = await run(["--data", await folderForTest(), ...args])
  expect(end.code).toBe(2)
  expect(end.said).toContain(said)
  expect(end.said.split("\n")).toHaveLength(1)
})

test.each(["no JSON", "null", '{"id":"evt_1","type":"a"}'])("what is no event is refused: %s", async (input) => {
  expect((await run(["--data", await folderForTest(), "publish"], input)).code).toBe(2)
})
