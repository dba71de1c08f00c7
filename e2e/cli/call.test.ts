import { createHash } from "node:crypto"
import {
  echo,
  endless,
  fieldValue,
  json,
  patternBytes,
  redirect,
  refusedPort,
  reset,
  stall,
  startFaultServer,
  status,
  trickle,
  type Script,
} from "@steadfetch/testing/fault-server"
import { describe, expect, test } from "vitest"
import { startSteadfetch, steadfetch, type Given } from "./steadfetch-process.ts"

/** Calls a server that plays the script; the arguments are made of its origin. */
async function calling(script: Script, args: (origin: string) => string[], given: Given = {}) {
  await using server = await startFaultServer(script)
  const { code, stdout, stderr } = await steadfetch(["call", ...args(server.origin)], given)
  return { code, stdout: stdout.toString(), stderr, requests: [...server.requests] }
}

const closed = status(503, { body: { json: { detail: "closed until noon" } }, headers: { "retry-after": "0" } })

describe("exit codes", () => {
  test("a success is 0", async () => {
    expect(await calling({ "/": status(204) }, (origin) => [origin])).toMatchObject({ code: 0, stdout: "" })
  })

  test("a client error is 4, sent once, with the server's explanation", async () => {
    const script: Script = { "/users": json(400, { detail: '"email" is required' }) }
    const { code, stdout, stderr, requests } = await calling(script, (origin) => [`${origin}/users`, "--json", "{}"])
    expect(code).toBe(4)
    expect(JSON.parse(stdout)).toEqual({ detail: '"email" is required' })
    expect(stderr).toContain('400 Bad Request: "email" is required (not retried: correct the request)')
    expect(requests).toHaveLength(1)
  })

  test("a server error is 5 after its attempts", async () => {
    const { code, requests } = await calling({ "/": closed }, (origin) => [origin, "--retries", "2"])
    expect(code).toBe(5)
    expect(requests).toHaveLength(3)
  })

  test("no reply is 7", async () => {
    await using nobody = await refusedPort()
    const { code, stdout, stderr } = await steadfetch(["call", nobody.origin, "--attempts", "2"])
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 7, stdout: "" })
    expect(stderr).toContain("  1  no reply (refused)")
    expect(stderr).toContain("  2  no reply (refused)")
    expect(stderr).toContain("no reply: 2 attempts")
  })

  test.each([
    ["an unknown option", ["--attempt5", "http://h"], "--attempt5"],
    ["a URL without scheme", ["example.com"], "write https://example.com"],
    ["a header that cannot be sent", ["http://127.0.0.1", "-H", "bad name: 1"], "header name"],
    ["a port that fetch refuses", ["http://127.0.0.1:9"], "bad port"],
  ])("%s is 2", async (_, args, message) => {
    const { code, stdout, stderr } = await steadfetch(["call", ...args])
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toContain(message)
  })

  test("a timeout is 7 and names the limit", async () => {
    const { code, stderr } = await calling({ "/": stall("before-headers") }, (origin) => [
      origin,
      "--timeout",
      "200ms",
      "--retries",
      "0",
    ])
    expect(code).toBe(7)
    expect(stderr).toContain("no reply within 200 ms")
  })
})

describe("the story", () => {
  test("tells each attempt, what the server said, the wait and the reason, and the ending", async () => {
    const { code, stdout, stderr } = await calling({ "/users": [closed, json(200, { id: 7 })] }, (origin) => [
      `${origin}/users`,
    ])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"id":7}' })
    const story = stderr.replace(/127\.0\.0\.1:\d+/, "HOST").replace(/\b[\d.]+ m?s\b/g, "TIME")
    expect(story).toBe(
      [
        "GET http://HOST/users",
        "  1  503 Service Unavailable  TIME",
        "     the server says: closed until noon",
        "     waits TIME: backoff",
        "  2  200 OK  TIME",
        "success: 2 attempts in TIME",
        "",
      ].join("\n"),
    )
  })

  test("is told while it happens", async () => {
    await using server = await startFaultServer({ "/": [status(503), stall("before-headers")] })
    const running = startSteadfetch(["call", server.origin])
    expect(await running.wrote("stderr", "waits")).toContain("  1  503 Service Unavailable")
    await server.received(2)
    running.signal("SIGINT")
    await running.ended
  })

  test("says where a created resource is", async () => {
    const created = json(201, { id: 7 }, { headers: { location: "/users/7" } })
    const { stderr } = await calling({ "POST /users": created }, (origin) => [`${origin}/users`, "--json", "{}"])
    expect(stderr).toMatch(/success: .*, created http:\/\/127\.0\.0\.1:\d+\/users\/7\n/)
  })

  test("--quiet leaves one line for an error and none for a success", async () => {
    const good = await calling({ "/": [closed, status(204)] }, (origin) => [origin, "--quiet"])
    expect(good).toMatchObject({ code: 0, stderr: "" })
    const bad = await calling({ "/": status(404) }, (origin) => [origin, "-q"])
    expect(bad.stderr).toMatch(/^GET http:\S+ → 404 Not Found[^\n]*\n$/)
  })

  test("--include shows the header fields on standard error alone", async () => {
    const script: Script = { "/": status(200, { headers: { "x-request-id": "7f3a" }, body: "hi" }) }
    const { stdout, stderr } = await calling(script, (origin) => [origin, "-i"])
    expect(stdout).toBe("hi")
    expect(stderr).toContain("     x-request-id: 7f3a\n")
  })
})

describe("interruptions", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s aborts the call, says so, and exits with %i", async (signal, code) => {
    await using server = await startFaultServer({ "/": stall("before-headers") })
    const running = startSteadfetch(["call", server.origin])
    await server.received(1)
    running.signal(signal)
    const ended = await running.ended
    expect(ended.code).toBe(code)
    expect(ended.stderr).toContain(`aborted by ${signal} after`)
    await server.allClosed()
  })

  test("SIGINT during a wait ends it at once", async () => {
    await using server = await startFaultServer({ "/": status(503, { headers: { "retry-after": "30" } }) })
    const running = startSteadfetch(["call", server.origin])
    await running.wrote("stderr", "waits")
    running.signal("SIGINT")
    expect((await running.ended).code).toBe(130)
  })

  test("SIGINT in mid-body keeps what came and exits with 130", async () => {
    await using server = await startFaultServer({ "/": stall({ afterBytes: 2_000_000 }) })
    const running = startSteadfetch(["call", server.origin, "--stream"])
    await running.wrote("stdout", Buffer.from(patternBytes(1000)).toString())
    running.signal("SIGINT")
    const { code, stdout } = await running.ended
    expect(code).toBe(130)
    expect(stdout.length).toBeGreaterThan(0)
  })

  test("SIGINT while standard input is awaited sends nothing and exits with 130", async () => {
    await using server = await startFaultServer({ "/": status(204) })
    const running = startSteadfetch(["call", server.origin, "--data", "-", "-H", "Authorization: x"], { stdin: "open" })
    await running.wrote("stderr", "note: ")
    running.signal("SIGINT")
    expect((await running.ended).code).toBe(130)
    expect(server.requests).toHaveLength(0)
  })

  test("a reader that leaves ends the command without a word", async () => {
    await using server = await startFaultServer({ "/": endless() })
    const running = startSteadfetch(["call", server.origin, "--quiet"])
    await server.received(1)
    running.leave()
    expect(await running.ended).toMatchObject({ code: 0, stderr: "" })
    await server.allClosed()
  })
})

describe("bodies that come", () => {
  test("pass untouched, also large ones", async () => {
    const size = 5_000_000
    await using server = await startFaultServer({ "/": status(200, { body: { bytes: size } }) })
    const { code, stdout } = await steadfetch(["call", server.origin])
    expect(code).toBe(0)
    expect(stdout.equals(patternBytes(size))).toBe(true)
  })

  test("small ones that break off are fetched again", async () => {
    const script: Script = { "/": [reset({ afterBytes: 100 }), status(200, { body: "whole" })] }
    const { code, stdout, requests } = await calling(script, (origin) => [origin])
    expect({ code, stdout }).toEqual({ code: 0, stdout: "whole" })
    expect(requests).toHaveLength(2)
  })

  test("large ones that break off are an error, for half of them is on its way already", async () => {
    const script: Script = { "/": reset({ afterBytes: 3_000_000 }, { body: { bytes: 6_000_000 } }) }
    const { code, stderr, requests } = await calling(script, (origin) => [origin])
    expect(code).toBe(7)
    expect(stderr).toContain("the body broke off")
    expect(stderr).not.toContain("success")
    expect(requests).toHaveLength(1)
  })

  test("--stream passes them on as they come", async () => {
    const script: Script = { "/": trickle("first\nsecond\n", { chunkBytes: 6, gapMs: 60_000 }) }
    await using server = await startFaultServer(script)
    const running = startSteadfetch(["call", server.origin, "--stream"])
    await running.wrote("stdout", "first\n")
    running.signal("SIGINT")
    expect((await running.ended).code).toBe(130)
  })

  test("--output json is one object and nothing else", async () => {
    const { code, stdout } = await calling({ "/": [closed, json(404, { detail: "gone away" })] }, (origin) => [
      origin,
      "--output",
      "json",
    ])
    expect(code).toBe(4)
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: "client-error",
      status: 404,
      body: { detail: "gone away" },
      attempts: [{ status: 503 }, { status: 404 }],
      error: { name: "NotFoundError", serverMessage: "gone away" },
    })
  })
})

describe("bodies that go", () => {
  test("standard input is sent again byte for byte under the same key", async () => {
    const stdin = patternBytes(300_000)
    const sha256 = createHash("sha256").update(stdin).digest("hex")
    const { code, requests } = await calling(
      { "POST /": [closed, reset("before-headers"), status(204)] },
      (origin) => [origin, "--data", "-"],
      { stdin },
    )
    expect(code).toBe(0)
    expect(requests.map(({ body }) => body.sha256)).toEqual([sha256, sha256, sha256])
    const keys = requests.map(({ headers }) => fieldValue(headers, "idempotency-key"))
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toBeDefined()
  })

  test("JSON goes out as written, with its media type", async () => {
    const { requests } = await calling({ "/": status(204) }, (origin) => ["PUT", origin, "--json", '{ "n": 1.10 }'])
    const [request] = requests
    expect(Buffer.from(request?.body.kept ?? []).toString()).toBe('{ "n": 1.10 }')
    expect(fieldValue(request?.headers ?? [], "content-type")).toBe("application/json")
    expect(fieldValue(request?.headers ?? [], "content-length")).toBe("13")
  })

  test("header fields, query parameters and a key of one's own arrive", async () => {
    const { stdout } = await calling({ "/x": echo() }, (origin) => [
      "PATCH",
      `${origin}/x?a=1`,
      "--query",
      "b=x y",
      "-H",
      "X-One: 1",
      "--idempotency-key",
      "k-1",
      "--form",
      "c=d",
    ])
    const sent = JSON.parse(stdout) as { target: string; headers: [string, string][] }
    expect(sent.target).toBe("/x?a=1&b=x+y")
    expect(Object.fromEntries(sent.headers)).toMatchObject({
      "x-one": "1",
      "idempotency-key": "k-1",
      "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
    })
  })

  test("without a key a POST that may have been processed is not sent again", async () => {
    const { code, stderr, requests } = await calling({ "/": status(500) }, (origin) => [
      "POST",
      origin,
      "--no-idempotency-key",
    ])
    expect(code).toBe(5)
    expect(stderr).toContain("carries no Idempotency-Key")
    expect(requests).toHaveLength(1)
  })
})

describe("credentials", () => {
  test("the token of --bearer-env goes to the URL's origin and not to where it redirects", async () => {
    await using other = await startFaultServer({ "/": echo() })
    await using server = await startFaultServer({ "/": redirect(302, `${other.origin}/`) })
    const env = { TOKEN: "sesame-open-up" }
    const { code, stdout, stderr } = await steadfetch(["call", server.origin, "--bearer-env", "TOKEN"], { env })
    expect(code).toBe(0)
    expect(fieldValue(server.requests[0]?.headers ?? [], "authorization")).toBe("Bearer sesame-open-up")
    expect(stdout.toString() + stderr).not.toContain("sesame")
  })

  test("a token among the arguments gets a hint", async () => {
    const { stderr } = await calling({ "/": status(204) }, (origin) => [origin, "-H", "Authorization: Bearer x"])
    expect(stderr).toContain("--bearer-env NAME keeps it private")
  })
})

describe("contracts", () => {
  test("strict never sends a 4xx again, whatever Retry-After says", async () => {
    const busy = status(429, { headers: { "retry-after": "0" } })
    const strict = await calling({ "/": [busy, status(204)] }, (origin) => [origin, "--contract", "strict"])
    expect(strict.code).toBe(4)
    const documented = await calling({ "/": [busy, status(204)] }, (origin) => [origin])
    expect(documented.code).toBe(0)
  })

  test("a wait beyond the deadline ends the call at once with when to come back", async () => {
    const later = status(503, { headers: { "retry-after": "120" } })
    const { code, stderr, requests } = await calling({ "/": later }, (origin) => [origin, "--deadline", "2s"])
    expect(code).toBe(5)
    expect(stderr).toMatch(/try again after \d{4}-\d\d-\d\dT/)
    expect(requests).toHaveLength(1)
  })
})

describe("colours", () => {
  const escape = "\u001b["

  test("there are none in a pipe", async () => {
    expect((await calling({ "/": status(404) }, (origin) => [origin])).stderr).not.toContain(escape)
  })

  test("FORCE_COLOR brings them, on standard error alone", async () => {
    const env = { FORCE_COLOR: "1" }
    const { stdout, stderr } = await calling({ "/": json(404, {}) }, (origin) => [origin], { env })
    expect(stderr).toContain(`${escape}33m404 Not Found`)
    expect(stdout).toBe("{}")
  })
})
