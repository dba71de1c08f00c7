import { fieldValue, json, redirect, startFaultServer, status, type Script } from "@steadfetch/testing/fault-server"
import { describe, expect, test } from "vitest"
import { startSteadfetch, steadfetch } from "./steadfetch-process.ts"
import { expectRestored, onLinux, screenOf, startOnTerminal, unstyled } from "./terminal.ts"

/** What the tests look at of a report. */
interface Report {
  readonly end: string
  readonly elapsedMs: number
  readonly load: { readonly model: string; readonly retries: boolean }
  readonly calls: { readonly count: number; readonly perSecond: number; readonly cut: number }
  readonly attempts: { readonly count: number; readonly perCall: number }
  readonly bytes: { readonly count: number }
  readonly latencyMs: Readonly<Record<"calls" | "attempts", Readonly<Record<"p50" | "p99" | "p999" | "max", number>>>>
  readonly accepted: { readonly atOnce: number; readonly afterRetry: number }
  readonly exhausted: readonly unknown[]
  readonly waits: { readonly count: number; readonly askedByServer: number }
  readonly pausedMs: number
  readonly schedule: { readonly late: number; readonly missed: number } | null
}

/** Loads a server that plays the script. */
async function loading(script: Script, args: readonly string[], path = "/orders") {
  await using server = await startFaultServer(script)
  const { code, stdout, stderr } = await steadfetch(["bench", server.origin + path, ...args])
  return { code, text: stdout.toString(), stderr, requests: [...server.requests] }
}

/** The same with the report as an object. */
async function reported(script: Script, args: readonly string[]) {
  const { text, ...rest } = await loading(script, [...args, "--output", "json"])
  return { ...rest, report: JSON.parse(text) as Report }
}

const ok = json(200, { id: 7 })
/** Each tenth request fails; in fifty calls that makes five. */
const tenth: Script = {
  "/orders": { steps: [...Array.from({ length: 9 }, () => ok), status(503, { body: "busy" })], then: "repeat" },
}

describe("a report", () => {
  test("counts calls, attempts and what became of them, as the server saw it", async () => {
    const { code, report, stderr, requests } = await reported(tenth, ["--requests", "50"])
    expect({ code, stderr, sent: requests.length }).toEqual({ code: 0, stderr: "", sent: 55 })
    expect(report).toMatchObject({
      end: "complete",
      load: { model: "closed", retries: true },
      calls: { count: 50, cut: 0 },
      attempts: { count: 55, perCall: 1.1 },
      bytes: { count: 50 * 8 + 5 * 4 },
      waits: { count: 5, askedByServer: 0 },
      schedule: null,
    })
    expect(report.accepted.atOnce + report.accepted.afterRetry).toBe(50)
    const { calls, attempts } = report.latencyMs
    for (const { p50, p99, p999, max } of [calls, attempts]) {
      expect(p50).toBeLessThanOrEqual(p99)
      expect(p999).toBeLessThanOrEqual(max)
    }
    // Calls wait between their attempts.
    expect(calls.max).toBeGreaterThanOrEqual(attempts.p50)
  })

  test("of the bare server has its failures, and exits with 1", async () => {
    const { code, text, stderr, requests } = await loading(tenth, ["--requests", "50", "--no-retry"])
    expect({ code, stderr, sent: requests.length }).toEqual({ code: 1, stderr: "", sent: 50 })
    expect(text).toContain("10 at a time, 50 calls, without retries\n")
    expect(text).toMatch(/\nfailed +5 +10\.0 %\n {2}503 Service Unavailable +5\n {4}busy\n/)
    expect(text).toContain("10 % of the calls failed in a way that commonly passes (5xx or no reply): 5 of 50 calls.")
  })

  test("has what is to be corrected, with the server's words once", async () => {
    const script: Script = { "/orders": json(404, { message: "no such order" }) }
    const { code, text, requests } = await loading(script, ["--requests", "20"])
    expect({ code, sent: requests.length }).toEqual({ code: 1, sent: 20 })
    expect(text).toMatch(/\nto be corrected +20 +100\.0 %\n {2}404 Not Found +20\n {4}no such order\n\n/)
    expect(text.match(/no such order/g)).toHaveLength(1)
  })

  test("of a time has the warm-up in no count", async () => {
    const { code, report, requests } = await reported({ "/orders": ok }, ["--duration", "500ms", "--warm-up", "200ms"])
    expect(code).toBe(0)
    expect(report.calls.count).toBe(report.accepted.atOnce)
    expect(report.calls.count).toBeGreaterThan(0)
    expect(requests.length).toBeGreaterThan(report.attempts.count)
    expect(report.elapsedMs).toBeGreaterThanOrEqual(500)
  })
})

describe("what is sent", () => {
  test("is the same for each call, but for its Idempotency-Key", async () => {
    const args = ["--json", '{"item":7}', "-H", "x-tenant: a", "--query", "dry=1", "--requests", "12"]
    const { code, requests } = await loading({ "POST /orders": status(201) }, args)
    expect([code, requests.length]).toEqual([0, 12])
    const sent = requests.map(({ target, body, headers }) => ({
      target,
      body: Buffer.from(body.kept).toString(),
      fields: ["content-type", "x-tenant"].map((name) => fieldValue(headers, name)),
    }))
    const each = { target: "/orders?dry=1", body: '{"item":7}', fields: ["application/json", "a"] }
    expect(sent).toEqual(Array.from({ length: 12 }, () => each))
    expect(new Set(requests.map(({ headers }) => fieldValue(headers, "idempotency-key"))).size).toBe(12)
    const without = await loading({ "POST /orders": status(201) }, [...args, "--no-idempotency-key"])
    expect(without.requests.every(({ headers }) => fieldValue(headers, "idempotency-key") === undefined)).toBe(true)
  })

  test("goes to nobody who was not asked whether he minds", async () => {
    const { code, stdout, stderr } = await steadfetch(["bench", "http://192.0.2.1/"])
    expect([code, stdout.toString()]).toEqual([2, ""])
    expect(stderr).toMatch(/^steadfetch: 192\.0\.2\.1 is not this machine.*add --yes-this-is-my-server\n/)
  })

  test("follows no redirect", async () => {
    await using other = await startFaultServer({ "/*": ok })
    const { code, text } = await loading({ "/orders": redirect(302, `${other.origin}/x`) }, ["--requests", "5"])
    expect([code, other.requests.length]).toEqual([0, 0])
    expect(text).toContain("5 calls ended with a redirect, which is not followed")
  })

  test("is refused before anything is sent where it cannot be", async () => {
    const { code, stderr, requests } = await loading({ "/*": ok }, ["-H", "a b: c"])
    expect([code, requests]).toEqual([2, []])
    expect(stderr).toContain('header name "a b" is no token')
  })
})

describe("a server that asks for a pause", () => {
  const pausing: Script = { "/orders": [status(503, { headers: { "retry-after": "1" } }), ok] }

  test("gets it", async () => {
    const { code, report, requests } = await reported(pausing, ["--requests", "8", "--concurrency", "1"])
    expect(code).toBe(0)
    expect(report).toMatchObject({ end: "complete", pausedMs: 1000, waits: { count: 1, askedByServer: 1 } })
    const [first, second] = requests.map(({ arrivedAtMs }) => arrivedAtMs)
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1000)
  })

  test("does not when the bare server is measured", async () => {
    const { code, report } = await reported(pausing, ["--requests", "8", "--concurrency", "1", "--no-retry"])
    expect(code).toBe(1)
    expect(report).toMatchObject({ pausedMs: 0, accepted: { atOnce: 7 }, exhausted: [{ status: 503, count: 1 }] })
  })

  test("of an hour is left alone", async () => {
    const script: Script = { "/orders": status(503, { headers: { "retry-after": "3600" }, body: "maintenance" }) }
    const { code, text, requests } = await loading(script, ["--requests", "500", "--concurrency", "3"])
    expect(code).toBe(1)
    expect(requests.length).toBeLessThanOrEqual(3)
    expect(text).toContain("because the server asked for that (Retry-After); with that it was over.")
  })
})

describe("a schedule", () => {
  test("is kept", async () => {
    const { code, report, requests } = await reported({ "/orders": ok }, ["--rate", "50/s", "--requests", "20"])
    expect([code, requests.length, report.load.model]).toEqual([0, 20, "open"])
    expect(report.elapsedMs).toBeGreaterThanOrEqual(380)
    expect(report.schedule).toMatchObject({ missed: 0 })
  })

  test("that a server cannot keep up with tells what never began, and how long the others waited", async () => {
    const script: Script = { "/orders": status(204, { delayMs: 100 }) }
    const args = ["--rate", "100/s", "--concurrency", "1", "--duration", "1s", "--warm-up", "none"]
    const { code, report } = await reported(script, args)
    expect(code).toBe(1)
    expect(report.calls.count).toBeLessThanOrEqual(11)
    expect(report.calls.count + (report.schedule?.missed ?? 0)).toBe(100)
    // The last one that began was due long before.
    expect(report.latencyMs.calls.max).toBeGreaterThan(report.latencyMs.attempts.p50 * 2)
  })
})

test("Ctrl-C ends it early, with the report of what there is", async () => {
  await using server = await startFaultServer({ "/orders": ok })
  const args = ["bench", `${server.origin}/orders`, "--duration", "10m", "--warm-up", "none", "--output", "json"]
  const running = startSteadfetch(args)
  await server.received(50)
  running.signal("SIGINT")
  const { code, stdout, stderr } = await running.ended
  expect({ code, stderr }).toEqual({ code: 130, stderr: "ended early by SIGINT\n" })
  const report = JSON.parse(stdout.toString()) as Report
  expect(report).toMatchObject({ end: "interrupted", accepted: { atOnce: report.calls.count } })
  expect(report.calls.count).toBeGreaterThanOrEqual(40)
  await server.allClosed()
})

describe("on a terminal", onLinux, () => {
  test("a line tells how it goes, and gives way to the report", async () => {
    await using server = await startFaultServer({ "/orders": status(204, { delayMs: 20 }) })
    const args = `bench ${server.origin}/orders --duration 3s --warm-up 500ms`
    const { code, text } = await startOnTerminal(args, { columns: 140 }).ended
    expect(code).toBe(0)
    const plain = unstyled(text)
    expect(plain).toContain("warms up⌫")
    expect(plain).toMatch(/\r\[=+> +\] +\d+ %  [\d.,]+\/s  p50 [\d.]+ m?s  p99 [\d.]+ m?s  [\d,]+ ok  \d s left⌫/)
    const screen = screenOf(text, 140)
    expect(screen[1]).toBe(`GET ${server.origin}/orders  10 at a time, 3 s`)
    expect(screen.join("\n")).not.toMatch(/left|warms up/)
    expect(screen.at(-3)).toMatch(/^All [\d,]+ calls succeeded at once\.$|late itself|was the limit/)
    expectRestored(text)
  })

  test("a narrow one gets what fits into a line, and Ctrl-C the report", async () => {
    await using server = await startFaultServer({ "/orders": status(204, { delayMs: 20 }) })
    const terminal = startOnTerminal(`bench ${server.origin}/orders --duration 10m --warm-up none`, { columns: 40 })
    await terminal.shows(/p99/)
    terminal.type("\u0003")
    const { code, text } = await terminal.ended
    expect(code).toBe(130)
    expect(() => screenOf(text, 40)).not.toThrow()
    const plain = unstyled(text)
    expect(plain).toMatch(/ended early by SIGINT\n/)
    expect(plain).toMatch(/\naccepted at once/)
    expectRestored(text)
  })

  test("--quiet shows the report alone", async () => {
    await using server = await startFaultServer({ "/orders": status(204) })
    const { text } = await startOnTerminal(`bench ${server.origin}/orders --requests 5 --quiet`).ended
    expect(text).not.toMatch(/\r|left/)
    expect(text).toMatch(/\nAll 5 calls succeeded at once\.\n/)
  })
})
