import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fieldValue, json, stall, startFaultServer, status, type Script } from "@steadfetch/testing/fault-server"
import { describe, expect, test } from "vitest"
import { jsonLines } from "./json-lines.ts"
import { startSteadfetch, steadfetch } from "./steadfetch-process.ts"
import { temporaryFolder } from "./temporary-folder.ts"

interface Result {
  readonly index: number
  readonly line: number
  readonly url: string
  readonly status: number | null
  readonly outcome: string
  readonly verdict: string
  readonly error: string | null
  readonly attempts: number
}

/** Makes the calls of these lines against a server that plays the script. */
async function batching(script: Script, lines: readonly string[], args: readonly string[] = []) {
  await using server = await startFaultServer(script)
  const stdin = Buffer.from(lines.join("\n"))
  const { code, stdout, stderr } = await steadfetch(["batch", "-", "--base-url", server.origin, ...args], { stdin })
  return { code, stdout, stderr, results: jsonLines<Result>(stdout), requests: [...server.requests] }
}

const busy = status(503, { headers: { "retry-after": "0" } })

describe("results", () => {
  test("are one line for each call, in their order, whichever ends first", async () => {
    const script: Script = {
      "GET /slow": json(200, { a: 1 }, { delayMs: 300 }),
      "POST /orders": [busy, json(201, { id: 7 })],
      "GET /gone": json(404, { detail: "no such page" }),
    }
    const lines = ["/slow", '{"url":"/orders","json":{"item":1},"idempotencyKey":"order-1"}', "", "/gone"]
    const { code, stdout, stderr, requests } = await batching(script, lines)
    expect(stdout.toString()).toContain(
      '{"index":0,"line":1,"method":"GET","url":"/slow","status":200,"outcome":"success","verdict":"accept","error":null,"attempts":1}\n',
    )
    expect(jsonLines<Result>(stdout)).toMatchObject([
      { index: 0, line: 1, status: 200, outcome: "success", verdict: "accept", error: null, attempts: 1 },
      { index: 1, line: 2, status: 201, outcome: "success", verdict: "accept", error: null, attempts: 2 },
      { index: 2, line: 4, status: 404, outcome: "client-error", verdict: "correct", attempts: 1 },
    ])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^3 calls, 6 at a time\n3 calls in [\d.]+ m?s: 2 success, 1 client-error, 1 retry\n$/)
    const keys = requests.flatMap(({ headers }) => fieldValue(headers, "idempotency-key") ?? [])
    expect(keys).toEqual(["order-1", "order-1"])
  })

  test("exit with 0 when each call succeeded, and --quiet leaves them alone", async () => {
    expect(await batching({ "/*": status(204) }, ["/a", "/b"], ["-q"])).toMatchObject({ code: 0, stderr: "" })
  })

  test("have the bodies where they are wanted, those of errors as well", async () => {
    const script: Script = { "/a": json(200, { id: 1 }), "/b": json(400, { detail: "no" }) }
    const { results } = await batching(script, ["/a", "/b"], ["--bodies"])
    expect(results).toMatchObject([
      { bodyForm: "json", body: { id: 1 } },
      { bodyForm: "json", body: { detail: "no" } },
    ])
  })

  test("are as many as the calls of a file of several groups, with no more calls at a time than allowed", async () => {
    await using server = await startFaultServer({ "/*": status(204) })
    const file = join(await temporaryFolder(), "urls.txt")
    await writeFile(file, Array.from({ length: 2500 }, (_, index) => `${server.origin}/${index}\n`).join(""))
    const { code, stdout, stderr } = await steadfetch(["batch", file, "--concurrency", "20"])
    expect(code).toBe(0)
    const results = jsonLines<Result>(stdout)
    expect(results.map(({ index }) => index)).toEqual(Array.from({ length: 2500 }, (_, index) => index))
    expect(results.every(({ url, index }) => url === `${server.origin}/${index}`)).toBe(true)
    expect(server.requests).toHaveLength(2500)
    expect(stderr).toMatch(/\n2500 calls in [\d.]+ m?s: 2500 success\n$/)
  })
})

describe("lines that are wrong", () => {
  test.each([
    ["no JSON", ["/a", '{"url":"/b"'], "line 2: no JSON: "],
    ["an unknown field", ['{"url":"/a","jsn":{}}'], 'line 1: there is no field "jsn"; did you mean "json"?'],
    [
      "a header that cannot be sent",
      ["", '{"url":"/a","headers":{"a b":"c"}}'],
      'line 2: header name "a b" is no token',
    ],
    ["a GET with a body", ['{"method":"GET","url":"/a","json":1}'], "line 1: a GET request has no body"],
  ])("%s: are told before anything is sent", async (_, lines, message) => {
    const { code, stdout, stderr, requests } = await batching({ "/*": status(204) }, lines)
    expect({ code, stdout: stdout.toString(), requests }).toEqual({ code: 2, stdout: "", requests: [] })
    expect(stderr).toContain(message)
  })

  test("a relative URL without a base, no calls at all, and a file that is not there are told", async () => {
    const relative = await steadfetch(["batch", "-"], { stdin: Buffer.from("/a") })
    expect(relative).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('line 1: URL "/a" is relative; make it absolute, or give --base-url URL\n'),
    })
    const none = await steadfetch(["batch", "-"], { stdin: Buffer.from("\n\n") })
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining("standard input holds no calls") })
    const missing = await steadfetch(["batch", "no.jsonl"])
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('the file "no.jsonl" does not exist') })
  })
})

describe("a batch that ends early", () => {
  test("by --stop-on sends no more, and tells what was not sent", async () => {
    const script: Script = { "/ok": status(204), "/bad": status(400) }
    const { code, results, requests, stderr } = await batching(
      script,
      ["/ok", "/bad", "/ok", "/ok"],
      ["--concurrency", "1", "--stop-on", "client-error"],
    )
    expect(code).toBe(1)
    expect(results.map(({ outcome }) => outcome)).toEqual(["success", "client-error", "not-sent", "not-sent"])
    expect(requests).toHaveLength(2)
    expect(stderr).toContain("4 calls in ")
    expect(stderr).toContain(": 1 success, 1 client-error, 2 not-sent\n")
  })

  test("by Ctrl-C tells what was done, what was under way and what was not sent, and exits with 130", async () => {
    await using server = await startFaultServer({ "/ok": status(204), "/slow": stall("before-headers") })
    const stdin = Buffer.from("/ok\n/slow\n/ok")
    const args = ["batch", "-", "--base-url", server.origin, "--concurrency", "1"]
    const running = startSteadfetch(args, { stdin })
    await running.wrote("stdout", '"index":0')
    await server.received(2)
    running.signal("SIGINT")
    const { code, stdout, stderr } = await running.ended
    expect(code).toBe(130)
    expect(jsonLines<Result>(stdout)).toMatchObject([
      { outcome: "success", verdict: "accept" },
      { outcome: "thrown", verdict: "retry", error: "aborted by SIGINT while it was under way" },
      { outcome: "not-sent", verdict: "retry" },
    ])
    expect(stderr).toMatch(/aborted by SIGINT\n3 calls in .*: 1 success, 1 thrown, 1 not-sent\n$/)
  })

  test("by a reader that leaves makes no more calls, ends those under way, and says nothing", async () => {
    const script: Script = {
      "/ok": status(204),
      "/late": status(204, { delayMs: 300 }),
      "/slow": stall("before-headers"),
    }
    await using server = await startFaultServer(script)
    const stdin = Buffer.from(["/ok", "/late", "/slow", "/ok?never"].join("\n"))
    const args = ["batch", "-", "--base-url", server.origin, "--concurrency", "2", "-q"]
    const running = startSteadfetch(args, { stdin })
    await running.wrote("stdout", '"index":0')
    running.leave()
    expect(await running.ended).toMatchObject({ code: 1, stderr: "" })
    expect(server.requests.map(({ target }) => target)).not.toContain("/ok?never")
    await server.allClosed()
  })
})

test("the token goes to the origin of the base and to no other", async () => {
  await using other = await startFaultServer({ "/x": status(204) })
  await using server = await startFaultServer({ "/x": status(204) })
  const args = ["batch", "-", "--base-url", server.origin, "--bearer-env", "TOKEN"]
  const stdin = Buffer.from(`/x\n${other.origin}/x`)
  const { code, stdout, stderr } = await steadfetch(args, { stdin, env: { TOKEN: "sesame-open-up" } })
  expect(code).toBe(0)
  expect(fieldValue(server.requests[0]?.headers ?? [], "authorization")).toBe("Bearer sesame-open-up")
  expect(fieldValue(other.requests[0]?.headers ?? [], "authorization")).toBeUndefined()
  expect(stdout.toString() + stderr).not.toContain("sesame")
})
