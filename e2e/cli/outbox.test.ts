import { stat, writeFile } from "node:fs/promises"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import {
  fieldValue,
  json,
  stall,
  startFaultServer,
  status,
  type FaultServer,
  type Script,
} from "@steadfetch/testing/fault-server"
import { describe, expect, onTestFinished, test } from "vitest"
import { run } from "../../packages/cli/src/program.ts"
import { testSurroundings } from "../../packages/cli/src/test-surroundings.ts"
import { INSTALLING_POSTGRES_MS, startPostgres } from "../servers/postgres.ts"
import { startRedis } from "../servers/redis.ts"
import { jsonLines } from "./json-lines.ts"
import { startSteadfetch, type Ended, type Running } from "./steadfetch-process.ts"
import { temporaryFolder } from "./temporary-folder.ts"
import { expectRestored, onLinux, screenOf, startOnTerminal, unstyled } from "./terminal.ts"

interface Line {
  readonly event?: string
  readonly id: string
  readonly state: string
  readonly method: string
  readonly url: string
  readonly tries: number
  readonly idempotencyKey: string | null
  readonly last: { readonly status: number | null; readonly message: string | null } | null
}

type Env = Readonly<Record<string, string>>

/** An outbox of its own, and what is done with it. */
class Desk {
  readonly env: Env
  readonly cwd: string

  constructor(cwd: string, env: Env) {
    this.cwd = cwd
    this.env = env
  }

  /** In this process, beside which others deliver. */
  async run(...args: readonly string[]): Promise<Ended> {
    const { surroundings, stdout, stderr } = testSurroundings({ env: this.env })
    const code = await run(["outbox", ...args], surroundings)
    return { code, stdout: stdout.bytes(), stderr: stderr.text() }
  }

  /** What must succeed. */
  async out(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args)
    if (code !== 0) throw new Error(`outbox ${args.join(" ")} ended with ${code}: ${stderr}`)
    return stdout.toString()
  }

  /** The id of the entry that is added. */
  async add(...args: readonly string[]): Promise<string> {
    return (await this.out("add", "-q", ...args)).trim()
  }

  async list(...args: readonly string[]): Promise<Line[]> {
    return jsonLines<Line>(Buffer.from(await this.out("list", "--output", "json", ...args)))
  }

  /** Delivers beside what else is done. */
  deliver(...args: readonly string[]): Running {
    return startSteadfetch(["outbox", "run", "--output", "json", ...args], { env: this.env })
  }
}

async function desk(env: Env = {}): Promise<Desk> {
  const cwd = await temporaryFolder()
  return new Desk(cwd, { STEADFETCH_OUTBOX: join(cwd, "outbox.db"), ...env })
}

async function serve(script: Script): Promise<FaultServer> {
  const server = await startFaultServer(script)
  onTestFinished(() => server.close())
  return server
}

const refusal = json(422, { error: { message: "amount must be positive", code: "amount_invalid" } })

/** A server that answers its first request when it is told to. */
async function heldServer() {
  const server = createServer()
  const request = once(server, "request") as Promise<[IncomingMessage, ServerResponse]>
  await once(server.listen(0, "127.0.0.1"), "listening")
  onTestFinished(() => void server.close())
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    request,
    answer: () => void request.then(([, reply]) => reply.writeHead(204).end()),
  }
}

/** Ends with Ctrl-C, and must have drained. */
async function drained(running: Running): Promise<Line[]> {
  running.signal("SIGINT")
  const { code, stdout, stderr } = await running.ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("stops: what is under way is finished") })
  return jsonLines<Line>(stdout)
}

/** One round of everything, on any store. */
async function round(at: Desk, server: FaultServer, create: readonly string[] = []) {
  const base = ["--base-url", `${server.origin}/v1`]
  const bad = await at.add("/bad", ...base, "--json", '{"amount":-5}', "--key", "order-17", ...create)
  expect(await at.add("/bad", ...base, "--json", '{"amount":-5}', "--key", "order-17")).toBe(bad)
  const good = await at.add("PUT", "/good", ...base, "--data", "hello")
  const running = at.deliver(...base, "--bearer-env", "TOKEN")
  await running.wrote("stdout", `"event":"delivered","id":"${good}"`)
  await running.wrote("stdout", `"event":"rejected","id":"${bad}"`)

  // Beside the one that delivers.
  expect(await at.list("--state", "rejected")).toMatchObject([
    { id: bad, state: "rejected", tries: 1, last: { status: 422, message: "amount must be positive" } },
  ])
  expect(await at.out("show", bad)).toMatch(/^The server says: amount must be positive\nWhat to do: correct what/)
  const stats = JSON.parse(await at.out("stats", "--output", "json")) as { states: object; oldestWaiting: unknown }
  expect(stats).toMatchObject({ states: { delivered: 1, rejected: 1, waiting: 0 }, oldestWaiting: null })
  expect(await at.out("amend", bad, "--json", '{"amount":5}')).toContain(`amended  ${bad}  POST ${server.origin}/…/bad`)
  await running.wrote("stdout", `"event":"delivered","id":"${bad}"`)
  const lines = await drained(running)

  expect(lines.map(({ event, id }) => `${event} ${id}`).toSorted()).toEqual(
    [`delivered ${bad}`, `delivered ${good}`, `rejected ${bad}`].toSorted(),
  )
  const sent = server.requests.filter(({ target }) => target === "/v1/bad")
  return {
    bodies: sent.map(({ body }) => Buffer.from(body.kept).toString()),
    keys: new Set(sent.map(({ headers }) => fieldValue(headers, "idempotency-key"))).size,
    credentials: new Set(server.requests.map(({ headers }) => fieldValue(headers, "authorization"))),
  }
}

const SENT = { bodies: ['{"amount":-5}', '{"amount":5}'], keys: 2, credentials: new Set(["Bearer sesame-open-up"]) }
const ROUND: Script = { "POST /v1/bad": [refusal, status(201)], "PUT /v1/good": status(204) }
const TOKEN = { TOKEN: "sesame-open-up" }

test("what is added in SQLite is delivered by one process, and mended by others beside it", async () => {
  expect(await round(await desk(TOKEN), await serve(ROUND), ["--create"])).toEqual(SENT)
})

test("the same on PostgreSQL", { timeout: INSTALLING_POSTGRES_MS }, async () => {
  await using postgres = await startPostgres()
  const at = await desk({ ...TOKEN, STEADFETCH_OUTBOX: postgres.connectionString })
  expect(await round(at, await serve(ROUND))).toEqual(SENT)
})

test("the same on Redis", { timeout: INSTALLING_POSTGRES_MS }, async () => {
  await using redis = await startRedis()
  const at = await desk({ ...TOKEN, STEADFETCH_OUTBOX: `unix://${redis.path}` })
  expect(await round(at, await serve(ROUND))).toEqual(SENT)
})

describe("Ctrl-C", () => {
  test("lets what is under way finish, and takes nothing more", async () => {
    const { origin, request, answer } = await heldServer()
    const at = await desk()
    const slow = await at.add(`${origin}/slow`, "--create")
    const next = await at.add(`${origin}/next`)
    const running = at.deliver("--concurrency", "1")
    await request
    running.signal("SIGINT")
    await running.wrote("stderr", "stops: what is under way is finished")
    answer()
    const { code, stdout } = await running.ended
    expect([code, jsonLines<Line>(stdout)]).toMatchObject([0, [{ event: "delivered", id: slow }]])
    expect(await at.list()).toMatchObject([
      { id: next, state: "waiting", tries: 0 },
      { id: slow, state: "delivered" },
    ])
  })

  test("a second time breaks it off and gives it back, untried", async () => {
    const server = await serve({ "/slow": stall("before-headers") })
    const at = await desk()
    const slow = await at.add(`${server.origin}/slow`, "--create")
    const running = at.deliver("--grace", "1h")
    await server.received(1)
    running.signal("SIGINT")
    await running.wrote("stderr", "Ctrl-C again breaks it off")
    running.signal("SIGINT")
    expect((await running.ended).code).toBe(130)
    expect(await at.list()).toMatchObject([{ id: slow, state: "waiting", tries: 0, last: null }])
  })

  test("is obeyed as SIGTERM, and a reader that leaves ends it, too", async () => {
    const server = await serve({ "/*": status(204) })
    const at = await desk()
    await at.add(`${server.origin}/a`, "--create")
    const running = at.deliver()
    await running.wrote("stdout", "delivered")
    running.signal("SIGTERM")
    expect((await running.ended).code).toBe(0)
    const left = at.deliver("-q")
    left.leave()
    await at.add(`${server.origin}/b`)
    expect(await left.ended).toMatchObject({ code: 1, stderr: "" })
  })
})

test("on a terminal a line tells what waits and what was done, and gives way to a summary", onLinux, async () => {
  const server = await serve({ "/bad": json(422, { message: "no\u001b[2J way" }) })
  const at = await desk()
  await at.add(`${server.origin}/bad`, "--create")
  await at.add("http://127.0.0.1:1/refused")
  const terminal = startOnTerminal("outbox run --timeout 5s", { columns: 200, env: at.env, cwd: at.cwd })
  await terminal.shows(/1 waiting.*1 rejected.*\d put off/)
  terminal.type("\u0003")
  const { code, text } = await terminal.ended
  expect(code).toBe(0)
  expect(unstyled(text)).toMatch(/rejected +[\da-f-]{36}  POST \S+\/bad  422 Unprocessable Content: no.\[2J way/)
  expect(screenOf(text, 200).join("\n")).toMatch(/in .*: 1 rejected, \d+ put off/)
  expect(text).not.toContain("\u001b[2J")
  expectRestored(text)
})

describe("people", () => {
  test("see a table with short ids, which show takes, and what to do next", async () => {
    const server = await serve({ "/bad": refusal })
    const at = await desk()
    const id = await at.add(`${server.origin}/bad`, "--json", '{"amount":-5}', "--header", "x-note: a", "--create")
    const running = at.deliver()
    await running.wrote("stdout", "rejected")
    await drained(running)
    const table = await at.out("list")
    expect(table.split("\n")[0]).toMatch(/^ID +STATE +METHOD +URL +TRIES +STANDS$/)
    const short = /^[\da-f-]+(?= +rejected)/m.exec(table)?.[0] ?? ""
    expect(short.length).toBeLessThan(id.length)
    const shown = await at.out("show", short)
    expect(shown).toContain(`steadfetch outbox discard ${id} --yes`)
    expect(shown).toContain('Request\n  content-type: application/json\n  x-note: a\n  {"amount":-5}\n')
    expect(await at.out("show", short, "--output", "body")).toBe('{"amount":-5}')
    expect(JSON.parse(await at.out("show", short, "--output", "json"))).toMatchObject({
      id,
      bodyForm: "text",
      body: '{"amount":-5}',
      last: { status: 422 },
      reply: { headers: { "content-type": "application/json" }, isBodyCut: false },
    })
  })

  test("edit the body in their editor, whose type stays", async () => {
    const at = await desk({ EDITOR: "sed -i s/-5/7/" })
    const id = await at.add("https://api.example.com/x", "--json", '{"amount":-5}', "--create")
    await at.out("amend", id, "--edit")
    expect(await at.out("show", id)).toContain('  content-type: application/json\n  {"amount":7}\n')
    const { code, stderr } = await at.run("amend", id, "--edit")
    expect([code, stderr]).toEqual([2, expect.stringContaining("the body is as it was; nothing is amended")])
  })

  test("lose nothing of what they wrote when it is no JSON", async () => {
    const at = await desk({ EDITOR: "sed -i s/}/]/" })
    const id = await at.add("https://api.example.com/x", "--json", '{"amount":-5}', "--create")
    const { code, stderr } = await at.run("amend", id, "--edit")
    expect(code).toBe(2)
    const file = /it is in (\S+):/.exec(stderr)?.[1] ?? ""
    expect((await stat(file)).mode & 0o077).toBe(0)
    expect(await at.out("show", id, "--output", "body")).toBe('{"amount":-5}')
  })

  test("change all else about an entry, and page through many", async () => {
    const at = await desk()
    const ids: string[] = []
    for (const path of ["a", "b", "c"]) ids.push(await at.add(`https://api.example.com/${path}`, "--data", "x", "--header", "x-a: 1", "--create")) // prettier-ignore
    const [first = "", second = "", third = ""] = ids
    await at.out("amend", first, "--method", "PUT", "--url", "https://other.example/z", "--header", "x-a:", "--no-body")
    expect(JSON.parse(await at.out("show", first, "--output", "json"))).toMatchObject({
      method: "PUT",
      url: "https://other.example/z",
      headers: [],
      bodyForm: "none",
    })
    const { stdout, stderr } = await at.run("list", "--limit", "2")
    expect(stdout.toString().split("\n")).toHaveLength(4)
    expect(stderr).toBe(`there are older ones: the same with --after ${second}\n`)
    expect(await at.list("--after", second)).toMatchObject([{ id: first }])
    expect(await at.list("--origin", "https://other.example")).toMatchObject([{ id: first }])
    await at.out("discard", third, "--yes")
    expect(await at.list("--state", "discarded")).toMatchObject([{ id: third }])
  })

  test("release many at once, knowing how many", async () => {
    const server = await serve({ "/*": status(401) })
    const at = await desk()
    for (const path of ["a", "b"]) await at.add(`${server.origin}/${path}`, "--create")
    const expiring = await at.add(`${server.origin}/c`, "--lifetime", "1ms")
    const running = at.deliver()
    await running.wrote("stdout", `"event":"expired","id":"${expiring}"`)
    await running.wrote("stdout", "/a")
    await running.wrote("stdout", "/b")
    await drained(running)
    const { code, stderr } = await at.run("retry", "--status", "401")
    expect([code, stderr]).toEqual([2, expect.stringContaining("2 entries would be sent again; add --yes to do it")])
    const both = await at.run("retry", "--status", "401", "--state", "expired", "--yes")
    expect([both.code, both.stderr]).toEqual([0, "3 of 3 done\n"])
    expect(await at.list("--state", "waiting")).toHaveLength(3)
  })
})

describe("refused", () => {
  test.each([["list"], ["stats"], ["show", "0199c2a4"], ["run"], ["add", "https://h/x"], ["discard", "0199c2a4"]])(
    "%s makes no outbox that is missing",
    async (...args) => {
      const at = await desk()
      const { code, stderr } = await at.run(...args)
      expect([code, stderr]).toEqual([2, expect.stringContaining('outbox.db" does not exist; give the path of one')])
      await expect(stat(join(at.cwd, "outbox.db"))).rejects.toThrow("ENOENT")
    },
  )

  test("an empty file, a folder, and a file of something else", async () => {
    const at = await desk()
    await writeFile(join(at.cwd, "empty.db"), "")
    await writeFile(join(at.cwd, "text.db"), "no database, but a text that is long enough to be looked at".repeat(20))
    expect(await at.run("list", "--store", join(at.cwd, "empty.db"))).toMatchObject({ code: 2, stderr: expect.stringContaining("is an empty file") }) // prettier-ignore
    expect(await at.run("list", "--store", at.cwd)).toMatchObject({ code: 2, stderr: expect.stringContaining("is a folder") }) // prettier-ignore
    expect(await at.run("list", "--store", join(at.cwd, "text.db"))).toMatchObject({ code: 1, stderr: expect.stringContaining("it is not a SQLite database") }) // prettier-ignore
    expect(await at.run("add", "https://h/x", "--store", ":memory:", "--create")).toMatchObject({ code: 2, stderr: expect.stringContaining('":memory:" keeps nothing') }) // prettier-ignore
  })

  test("what an entry's state does not allow, what changes nothing, and what there is not", async () => {
    const at = await desk()
    const id = await at.add("https://h/x", "--create")
    expect(await at.run("amend", id)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("changes nothing; give --json, --data"),
    })
    await at.out("discard", id, "--yes")
    expect(await at.run("retry", id)).toMatchObject({ code: 1, stderr: expect.stringContaining("is discarded") })
    expect(await at.run("show", "0500")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("there is no entry"),
    })
    expect(await at.run("show", "0199c2a4-7b3e-7abc-8def-000000000001")).toMatchObject({ code: 1 })
    expect(await at.run("add", "/x")).toMatchObject({ code: 2, stderr: expect.stringContaining("give --base-url URL") })
  })

  test("servers that are away, without a word about the password", async () => {
    const at = await desk({ PG: "postgres://u:s3cret@127.0.0.1:1/x", RE: "redis://u:s3cret@127.0.0.1:1/0" })
    for (const [name, said] of [
      ["PG", "PostgreSQL 127.0.0.1/x"],
      ["RE", "Redis 127.0.0.1:1"],
    ] as const) {
      const { code, stdout, stderr } = await at.run("stats", "--store-env", name)
      expect([code, stderr]).toEqual([1, expect.stringContaining(said)])
      expect(stdout.toString() + stderr).not.toContain("s3cret")
    }
  })
})

test("an encrypted outbox is read with its key, and with no other", async () => {
  const at = await desk({ KEY: "ab".repeat(32), OTHER: Buffer.alloc(32, 7).toString("base64") })
  const id = await at.add("https://api.example.com/x", "--data", "a secret", "--key-env", "KEY", "--create")
  expect(await at.out("show", id, "--key-env", "KEY", "--output", "body")).toBe("a secret")
  expect(await at.run("show", id, "--key-env", "OTHER")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("was encrypted with another key"),
  })
  expect(await at.run("list")).toMatchObject({ code: 1, stderr: expect.stringContaining("steadfetch: ") })
})
