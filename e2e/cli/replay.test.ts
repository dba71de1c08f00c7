import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { steadfetch as client } from "@steadfetch/node"
import { fieldValue, json, reset, stall, startFaultServer, status, type Script } from "@steadfetch/testing/fault-server"
import { Collector } from "@steadfetch/watch"
import { describe, expect, onTestFinished, test } from "vitest"
import { toHar } from "../../packages/watch/src/har.ts"
import { chromeEntry, firefoxEntry, recording } from "./recordings.ts"
import { jsonLines } from "./json-lines.ts"
import { startSteadfetch, steadfetch } from "./steadfetch-process.ts"
import { temporaryFolder } from "./temporary-folder.ts"
import { onLinux, screenOf, startOnTerminal, unstyled, type TerminalGiven } from "./terminal.ts"

interface Result {
  readonly entry: number
  readonly url: string
  readonly recordedStatus: number | null
  readonly status: number | null
  readonly differs: boolean | null
  readonly outcome: string
  readonly attempts: number
}

/** Replays what is recorded of a server that plays the script. */
async function replaying(
  script: Script,
  entries: (origin: string) => object[],
  args: readonly string[] = [],
  env = {},
) {
  await using server = await startFaultServer(script)
  const stdin = recording(...entries(server.origin))
  const { code, stdout, stderr } = await steadfetch(["replay", "-", ...args], { stdin, env })
  return {
    code,
    stdout: stdout.toString(),
    stderr,
    results: () => jsonLines<Result>(stdout),
    requests: [...server.requests],
    origin: server.origin,
  }
}

const busy = status(503, { headers: { "retry-after": "0" } })

describe("a recording is replayed", () => {
  test("in the order of time, with a line per call, and the differences in the end", async () => {
    const script: Script = {
      "/users": json(200, {}),
      "/orders": [busy, status(500)],
      "/gone": status(404),
      "/moved": status(302, { headers: { location: "/users" } }),
    }
    const { code, stdout, stderr, requests, origin } = await replaying(
      script,
      (origin) => [
        chromeEntry(`${origin}/orders`, { atMs: 20 }),
        chromeEntry(`${origin}/users`, { atMs: 10 }),
        firefoxEntry(`${origin}/gone`, { atMs: 30, status: 404 }),
        firefoxEntry(`${origin}/moved`, { atMs: 40, status: 302 }),
      ],
      ["--attempts", "2", "--concurrency", "1"],
    )
    const lines = stdout.replaceAll(/ → [\d.]+ m?s +/g, " → TIME  ").replaceAll(origin, "")
    expect(lines).toBe(
      [
        "  200 → 200     48 ms → TIME  1 attempt    GET /users",
        "≠ 200 → 500     48 ms → TIME  2 attempts   GET /orders",
        "  404 → 404     31 ms → TIME  1 attempt    GET /gone",
        "  302 → 302     31 ms → TIME  1 attempt    GET /moved",
        "",
      ].join("\n"),
    )
    expect(stderr).toMatch(
      /^4 calls, 1 at a time\n2 without the credentials that were recorded \(authorization, cookie\); .*\n4 calls in .*: 2 success, 1 client-error, 1 server-error, 1 retry\n≠ 1 ended in another status class than recorded: 1 of 2xx → 5xx\n$/,
    )
    expect(code).toBe(1)
    expect(requests.map(({ target }) => target)).toEqual(["/users", "/orders", "/orders", "/gone", "/moved"])
  })

  test("as data with --json; all is well where each call ended as recorded, or succeeds now", async () => {
    const script: Script = { "/a": status(204), "/b": status(404) }
    const { code, results, stderr, origin } = await replaying(
      script,
      (origin) => [
        chromeEntry(`${origin}/a?token=hush&x=1`, { status: 500 }),
        firefoxEntry(`${origin}/b`, { status: 410 }),
      ],
      ["--json", "-q"],
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(results()).toMatchObject([
      {
        index: 0,
        entry: 0,
        method: "GET",
        url: `${origin}/a?x=1`,
        recordedStatus: 500,
        status: 204,
        differs: true,
        recordedMs: 48.3,
        verdict: "accept",
        attempts: 1,
      },
      {
        index: 1,
        entry: 1,
        recordedStatus: 410,
        status: 404,
        differs: false,
        recordedMs: 31,
        outcome: "client-error",
        verdict: "correct",
      },
    ])
  })

  test("with the fields that were recorded, without credentials, HTTP/2's own and those of the connection", async () => {
    const { requests, stdout, stderr } = await replaying({ "/*": status(204) }, (origin) => [
      chromeEntry(`${origin}/a`),
    ])
    const names = requests[0]?.headers.map(([name]) => name.toLowerCase()) ?? []
    expect(names).toEqual(expect.arrayContaining(["accept", "sec-fetch-mode", "user-agent", "host"]))
    expect(fieldValue(requests[0]?.headers ?? [], "user-agent")).toContain("Chrome/142")
    for (const name of ["authorization", "cookie", ":authority", ":method"]) expect(names).not.toContain(name)
    expect(stdout + stderr).not.toMatch(/recorded-token|recorded-session/)
  })

  test("with recorded credentials where that is asked for, to where they were recorded, and printed nowhere", async () => {
    const script: Script = { "/*": json(401, { detail: "recorded-token has expired" }) }
    const { requests, stdout, stderr } = await replaying(
      script,
      (origin) => [chromeEntry(`${origin}/a?api_key=recorded-key`)],
      ["--with-credentials", "--json"],
    )
    expect(fieldValue(requests[0]?.headers ?? [], "authorization")).toBe("Bearer recorded-token")
    expect(fieldValue(requests[0]?.headers ?? [], "cookie")).toBe("sid=recorded-session")
    expect(requests[0]?.target).toBe("/a?api_key=recorded-key")
    expect(stdout + stderr).not.toMatch(/recorded-(token|session|key)/)
  })

  test("with a token of the user's in place of the recorded one", async () => {
    const { requests, stderr, stdout } = await replaying(
      { "/*": status(204) },
      (origin) => [chromeEntry(`${origin}/a`)],
      ["--bearer-env", "TOKEN", "--with-credentials"],
      { TOKEN: "sesame-open-up" },
    )
    expect(requests[0]?.headers.filter(([name]) => name.toLowerCase() === "authorization")).toEqual([
      [expect.anything(), "Bearer sesame-open-up"],
    ])
    expect(stdout + stderr).not.toContain("sesame")
  })

  test("to another server, which gets no recorded credentials", async () => {
    await using recorded = await startFaultServer({ "/*": status(500) })
    await using staging = await startFaultServer({ "/*": status(204) })
    const stdin = recording(chromeEntry(`${recorded.origin}/a?b=c`, { headers: [["origin", recorded.origin]] }))
    const { code, stdout } = await steadfetch(["replay", "-", "--to", staging.origin], { stdin })
    expect(code).toBe(0)
    expect(stdout.toString()).toContain(`GET ${staging.origin}/a?b=c\n`)
    expect(recorded.requests).toHaveLength(0)
    const headers = staging.requests[0]?.headers ?? []
    expect([fieldValue(headers, "origin"), fieldValue(headers, "host"), fieldValue(headers, "cookie")]).toEqual([
      staging.origin,
      new URL(staging.origin).host,
      undefined,
    ])
  })

  test("with bodies, where unsafe methods are allowed", async () => {
    const boundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
    const multipart = `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--${boundary}--\r\n`
    const { code, requests, stderr } = await replaying(
      { "POST /*": status(201), "PUT /*": status(204) },
      (origin) => [
        chromeEntry(`${origin}/json`, {
          atMs: 1,
          method: "POST",
          status: 201,
          headers: [
            ["content-type", "application/json"],
            ["content-length", "15"],
          ],
          postData: { mimeType: "application/json", text: '{"name":"Zoë"}' },
        }),
        chromeEntry(`${origin}/multipart`, {
          atMs: 2,
          method: "POST",
          headers: [["content-type", `multipart/form-data; boundary=${boundary}`]],
          postData: { mimeType: `multipart/form-data; boundary=${boundary}`, text: multipart },
        }),
        firefoxEntry(`${origin}/form`, {
          atMs: 3,
          method: "POST",
          postData: { mimeType: "application/x-www-form-urlencoded", params: [{ name: "a", value: "b c" }] },
        }),
        firefoxEntry(`${origin}/image`, {
          atMs: 4,
          method: "PUT",
          postData: { mimeType: "image/png", text: "AP8=", encoding: "base64" },
        }),
        firefoxEntry(`${origin}/file`, {
          atMs: 5,
          method: "POST",
          postData: { mimeType: "multipart/form-data", params: [{ name: "f", fileName: "a.csv" }] },
        }),
      ],
      ["--unsafe", "--concurrency", "1"],
    )
    expect(code).toBe(0)
    expect(
      requests.map(({ path, headers, body }) => [
        path,
        fieldValue(headers, "content-type"),
        Buffer.from(body.kept).toString("latin1"),
      ]),
    ).toEqual([
      ["/json", "application/json", Buffer.from('{"name":"Zoë"}').toString("latin1")],
      ["/multipart", `multipart/form-data; boundary=${boundary}`, multipart],
      ["/form", "application/x-www-form-urlencoded", "a=b+c"],
      ["/image", "image/png", "\u0000\u00ff"],
    ])
    expect(stderr).toContain(
      "left out: 1 that cannot be made again (log.entries[4].request.postData has a file whose content is not in the recording)\n",
    )
  })

  test("as the export of steadfetch watch has it: attempts of a call are one call", async () => {
    await using server = await startFaultServer({ "/users": [busy, json(200, {})], "/gone": status(404) })
    const api = client({ baseUrl: server.origin })
    const collector = new Collector()
    const stop = collector.listen(api)
    await api.get("/users?key=hush").outcome()
    await api.get("/gone?cursor_token=hush").outcome()
    await api.get("/gone").outcome()
    await api.close()
    stop()
    const stdin = Buffer.from(JSON.stringify(toHar(collector.picture.calls, "1")))
    expect((JSON.parse(stdin.toString()) as { log: { entries: unknown[] } }).log.entries).toHaveLength(4)
    const { code, stdout, stderr } = await steadfetch(["replay", "-", "--json"], { stdin })
    expect(code).toBe(0)
    expect(jsonLines<Result>(stdout)).toMatchObject([
      { entry: 0, url: `${server.origin}/users`, recordedStatus: 200, status: 200, differs: false, attempts: 1 },
      { entry: 3, url: `${server.origin}/gone`, recordedStatus: 404, status: 404 },
    ])
    expect(stderr).toContain(
      'left out: 1 that cannot be made again (log.entries[2].request.url has no value for "cursor_token")\n',
    )
  })

  test("to the end of each body: one that breaks off is a failed attempt", async () => {
    const body = "x".repeat(2_000_000)
    const { results, requests } = await replaying(
      { "/cut": [reset({ afterBytes: 1_000_000 }, { body }), status(200, { body })] },
      (origin) => [firefoxEntry(`${origin}/cut`)],
      ["--json"],
    )
    expect(results()).toMatchObject([{ status: 200, outcome: "success", attempts: 2 }])
    expect(requests).toHaveLength(2)
  })

  test("to the end of each body: one that stalls is a failed attempt", async () => {
    const { results, code } = await replaying(
      { "/*": stall({ afterBytes: 10 }) },
      (origin) => [firefoxEntry(`${origin}/stall`)],
      ["--json", "--timeout", "300ms", "--attempts", "2"],
    )
    expect(results()).toMatchObject([{ status: null, differs: true, outcome: "no-reply", attempts: 2 }])
    expect(code).toBe(1)
  })

  test("at its own pace, or a multiple of it", async () => {
    const { stderr } = await replaying(
      { "/*": status(204) },
      (origin) => [firefoxEntry(`${origin}/a`), firefoxEntry(`${origin}/b`, { atMs: 900 })],
      ["--speed", "3"],
    )
    expect(stderr).toContain("2 calls, at 3 × the recorded pace\n")
    const [, amount, unit] = /2 calls in ([\d.]+) (m?s)/.exec(stderr) ?? []
    expect(Number(amount) * (unit === "s" ? 1000 : 1)).toBeGreaterThanOrEqual(300)
  })
})

describe("what is not sent", () => {
  const mixed = (origin: string) => [
    firefoxEntry(`${origin}/a?access_token=hush`),
    firefoxEntry(`${origin}/b`, { method: "DELETE", status: 500 }),
    firefoxEntry(`${origin}/c`, { method: "POST", postData: { mimeType: "text/plain", text: "x" } }),
    chromeEntry("data:image/png;base64,AAAA"),
  ]

  test("unsafe methods and what is no HTTP are left out, and told", async () => {
    const { requests, stderr, code } = await replaying({ "/*": status(204) }, mixed)
    expect(code).toBe(0)
    expect(requests.map(({ method }) => method)).toEqual(["GET"])
    expect(stderr).toContain(
      "left out: 2 that could change something (DELETE, POST); --unsafe sends such calls\nleft out: 1 that is no HTTP request (data:)\n",
    )
  })

  test("--list prints what would be sent, and sends nothing", async () => {
    const { requests, stdout, stderr, code, origin } = await replaying({ "/*": status(204) }, mixed, [
      "--list",
      "--unsafe",
    ])
    expect({ code, requests }).toEqual({ code: 0, requests: [] })
    expect(stdout).toBe(`200   GET ${origin}/a\n500   DELETE ${origin}/b\n200   POST ${origin}/c  with a body\n`)
    expect(stderr).toMatch(/^3 calls, not sent\n/)
  })

  test("--list --json has names of fields, not their values", async () => {
    const { stdout, origin } = await replaying({}, (origin) => [chromeEntry(`${origin}/a`)], [
      "--list",
      "--json",
      "--with-credentials",
    ])
    expect(JSON.parse(stdout)).toEqual({
      index: 0,
      entry: 0,
      method: "GET",
      url: `${origin}/a`,
      recordedStatus: 200,
      headers: ["accept", "authorization", "cookie", "sec-fetch-mode", "user-agent"],
      hasBody: false,
    })
    expect(stdout).not.toContain("recorded-session")
  })

  test("where nothing is left there is a reason", async () => {
    const { code, stderr } = await replaying({}, (origin) => [firefoxEntry(`${origin}/b`, { method: "DELETE" })])
    expect(code).toBe(2)
    expect(stderr).toContain(
      "steadfetch: there is nothing to send; left out: 1 that could change something (DELETE); --unsafe sends such calls\n",
    )
  })

  test.each([
    ["no HAR", Buffer.from('{"url":"hush"}'), "log is missing; give a HAR"],
    ["half a HAR", recording(chromeEntry("http://127.0.0.1:9/a")).subarray(0, 500), "standard input is no JSON"],
    [
      "a field that is none",
      recording(firefoxEntry("http://127.0.0.1:9/a", { headers: [["a b", "hush"]] })),
      'log.entries[0].request: header name "a b" is no token',
    ],
  ])("%s is bad usage, told without its values", async (_, stdin, message) => {
    const { code, stdout, stderr } = await steadfetch(["replay", "-"], { stdin })
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/hush|recorded-/)
  })

  test("a file that begins with a byte order mark is read, one that is not there is told", async () => {
    await using server = await startFaultServer({ "/*": status(204) })
    const file = join(await temporaryFolder(), "recording.har")
    await writeFile(file, `\ufeff${recording(firefoxEntry(`${server.origin}/a`)).toString()}`)
    expect(await steadfetch(["replay", file])).toMatchObject({ code: 0 })
    expect(await steadfetch(["replay", "no.har"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the file "no.har" does not exist'),
    })
  })
})

describe("a replay that ends early", () => {
  test("by Ctrl-C tells what was done, what was under way and what was not sent, and exits with 130", async () => {
    await using server = await startFaultServer({ "/ok": status(204), "/slow": stall("before-headers") })
    const stdin = recording(...["/ok", "/slow", "/ok"].map((path) => firefoxEntry(server.origin + path)))
    const running = startSteadfetch(["replay", "-", "--json", "--concurrency", "1"], { stdin })
    await running.wrote("stdout", '"index":0')
    await server.received(2)
    running.signal("SIGINT")
    const { code, stdout, stderr } = await running.ended
    expect(code).toBe(130)
    expect(jsonLines<Result>(stdout)).toMatchObject([
      { outcome: "success", differs: false },
      { outcome: "thrown", differs: null },
      { outcome: "not-sent", differs: null },
    ])
    expect(stderr).toMatch(
      /aborted by SIGINT\n3 calls in .*: 1 success, 1 thrown, 1 not-sent\nall in their recorded status classes\n$/,
    )
  })

  test("by Ctrl-C while it waits for the time of the next call ends at once", async () => {
    await using server = await startFaultServer({ "/*": status(204) })
    const stdin = recording(firefoxEntry(`${server.origin}/a`), firefoxEntry(`${server.origin}/b`, { atMs: 3_600_000 }))
    const running = startSteadfetch(["replay", "-", "--as-recorded"], { stdin })
    await running.wrote("stdout", "/a\n")
    running.signal("SIGINT")
    const { code, stdout, stderr } = await running.ended
    expect(code).toBe(130)
    expect(stdout.toString().split("\n")).toHaveLength(2)
    expect(stderr).toContain(": 1 success, 1 not-sent\n")
    expect(server.requests).toHaveLength(1)
  })

  test("by a reader that leaves makes no more calls", async () => {
    const left = Promise.withResolvers<void>()
    const paths: string[] = []
    const server = createServer((request, response) => {
      paths.push(request.url ?? "")
      if (request.url === "/first") response.end()
      else void left.promise.then(() => response.end())
    })
    await once(server.listen(0, "127.0.0.1"), "listening")
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const stdin = recording(
      ...["/first", "/second", "/third", "/fourth"].map((path) => firefoxEntry(`http://127.0.0.1:${port}${path}`)),
    )
    const running = startSteadfetch(["replay", "-", "--concurrency", "1", "-q"], { stdin })
    await running.wrote("stdout", "/first\n")
    running.leave()
    left.resolve()
    expect(await running.ended).toMatchObject({ code: 1, stderr: "" })
    // The line about the second one is what tells that nobody reads; by then the third may be under way.
    expect(paths).not.toContain("/fourth")
  })
})

describe("on a terminal", { ...onLinux, timeout: 90_000 }, () => {
  const replayed = async (given: TerminalGiven, args = "") => {
    await using server = await startFaultServer({ "/a": status(204, { delayMs: 500 }), "/b": status(404) })
    const cwd = await temporaryFolder()
    const entries = [0, 1, 2].flatMap(() => [firefoxEntry(`${server.origin}/a`), firefoxEntry(`${server.origin}/b`)])
    await writeFile(join(cwd, "a.har"), recording(...entries))
    return await startOnTerminal(`replay a.har --concurrency 1 ${args}`, { cwd, ...given }).ended
  }

  test("there is a bar with counts, lines stand above it in colours, and it is gone in the end", async () => {
    const { code, text } = await replayed({ columns: 200 })
    expect(code).toBe(1)
    expect(unstyled(text)).toMatch(/\r\[=+> +\] +\d+ %  \d of 6  \d success  \d client-error/)
    expect(text).toContain("\u001b[33m200 → 404")
    expect(screenOf(text, 200).slice(1, -2)).toEqual([
      "6 calls, 1 at a time",
      ...[1, 2, 3].flatMap(() => [expect.stringContaining("/a"), expect.stringMatching(/^≠ 200 → 404 .*\/b$/)]),
      expect.stringMatching(/^6 calls in .* s: 3 success, 3 client-error$/),
      "≠ 3 ended in another status class than recorded: 3 of 2xx → 4xx",
    ])
  })

  test("a narrow one gets a bar that fits, NO_COLOR no colours, --quiet no bar", async () => {
    const { text } = await replayed({ columns: 30 }, "> results")
    expect(() => screenOf(text, 30)).not.toThrow()
    expect(unstyled(text)).toMatch(/\d+ %  \d of 6⌫/)
    const plain = await replayed({ env: { NO_COLOR: "1" } })
    expect(plain.text.replaceAll("\u001b[K", "")).not.toContain("\u001b")
    const quiet = await replayed({}, "--quiet > results")
    expect(quiet.text).toMatch(/^settings: .*\nsettings: .*\n$/)
  })
})
