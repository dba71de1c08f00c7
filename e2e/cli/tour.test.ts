import { json, refusedPort, startFaultServer, status } from "@steadfetch/testing/fault-server"
import { describe, expect, test } from "vitest"
import { startSteadfetch, steadfetch } from "./steadfetch-process.ts"

describe("the tour of the example API", () => {
  test("shows every kind of answer, and each call ends as the contract says", async () => {
    const { code, stdout, stderr } = await steadfetch(["tour"])
    const text = stdout.toString()
    expect(stderr).toBe("")
    expect(text).not.toContain("✘")
    const successes = ["200 OK", "201 Created", "204 No Content"]
    const refusals = ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "429 Too Many Requests"]
    const failures = ["500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable"]
    const silences = ["refused", "reset", "timeout", "broken-body"].map((code) => `no reply (${code})`)
    for (const name of [...successes, ...refusals, ...failures, ...silences]) expect(text).toContain(`  1  ${name}`)
    expect(text).toContain('await api.get("/orders", { auth: false })')
    expect(text).toContain("throws BadRequestError")
    expect(text).toMatch(/\n17 of 17 calls ended as the contract says, in [\d.]+ s\.\n$/)
    expect(code).toBe(0)
  })

  test("Ctrl-C ends it at once", async () => {
    const tour = startSteadfetch(["tour"])
    await tour.wrote("stdout", "429 Too Many Requests: come back in a second")
    tour.signal("SIGINT")
    const { code, stdout } = await tour.ended
    expect(code).toBe(130)
    expect(stdout.toString()).not.toContain("calls ended as the contract says")
  })
})

describe("the tour of a real API", () => {
  test("makes only calls that change nothing, and shows how each ended", async () => {
    await using server = await startFaultServer({
      "/users": [status(503, { headers: { "retry-after": "0" } }), json(200, [])],
    })
    const env = { TOKEN: "sesame-open-up" }
    const args = ["tour", "--url", `${server.origin}/users`, "--bearer-env", "TOKEN"]
    const { code, stdout } = await steadfetch(args, { env })
    const text = stdout.toString()
    expect(code).toBe(0)
    expect(text).toContain("  1  503 Service Unavailable")
    expect(text).toContain("throws NotFoundError")
    expect(text).toContain("4 of 4 calls ended as the contract says")
    expect(text).not.toContain("sesame")
    expect(new Set(server.requests.map(({ method }) => method))).toEqual(new Set(["GET", "HEAD"]))
  })

  test("ends with 7 where nobody replies", async () => {
    await using nobody = await refusedPort()
    const tour = startSteadfetch(["tour", "--url", nobody.origin, "--deadline", "1s"])
    const { code, stdout } = await tour.ended
    expect(stdout.toString()).toContain("no reply (refused)")
    expect(code).toBe(7)
  })

  test.each([
    [["--bearer-env", "TOKEN"], "--bearer-env needs --url"],
    [["--url", "example.com"], "write https://example.com"],
    [["example.com"], "give --url URL"],
  ])("%j is bad usage", async (args, message) => {
    const { code, stderr } = await steadfetch(["tour", ...args])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})
