import { createHash } from "node:crypto"
import { json, reset, startFaultServer, status } from "@steadfetch/testing/fault-server"
import { createFetch, steadfetch } from "steadfetch"
import { describe, expect, test } from "vitest"
import { HeldTime } from "./held-time.ts"
import { oneShot, streamInit } from "./one-shot.ts"

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

describe("1: a stream is never sent again empty", () => {
  test("the client sends it whole, once, and hands over the 503", async () => {
    await using server = await startFaultServer({ "PUT /file": [status(503, { body: "busy" }), json(200, {})] })
    const time = new HeldTime()
    const api = steadfetch({ baseUrl: server.origin, runtime: time.runtime(), on: time.passingWaits })
    const outcome = await api.put("/file", { body: oneShot("first ", "second") }).outcome()
    expect(outcome).toMatchObject({ kind: "server-error", status: 503, attempts: [{ status: 503 }] })
    expect(outcome.kind === "server-error" && outcome.error.message).toMatch(/body .* stream/)
    expect(server.requests.map(({ body }) => body.sha256)).toEqual([sha256("first second")])
  })

  test("the client does not resend it after a reset in mid-upload", async () => {
    await using server = await startFaultServer({ "PUT /file": [reset("before-headers"), json(200, {})] })
    const time = new HeldTime()
    const api = steadfetch({ baseUrl: server.origin, runtime: time.runtime(), on: time.passingWaits })
    const outcome = await api.put("/file", { body: oneShot("only once") }).outcome()
    expect(outcome).toMatchObject({ kind: "no-reply", attempts: [{ failure: "reset" }] })
    expect(server.requests).toHaveLength(1)
  })

  const long = "long ".repeat(300_000)

  test.each([
    ["in an init", (url: string) => ({ input: url, init: streamInit("PUT", oneShot(long, "end")) })],
    [
      "long, in a Request",
      (url: string) => ({ input: new Request(url, streamInit("PUT", oneShot(long, "end"))), init: undefined }),
    ],
  ])("the drop-in sends it whole, once, given %s", async (_, given) => {
    await using server = await startFaultServer({ "PUT /file": [status(503, { body: "busy" }), json(200, {})] })
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime(), on: time.passingWaits })
    const { input, init } = given(`${server.origin}/file`)
    const response = await steadyFetch(input, init)
    expect(response.status).toBe(503)
    expect(await response.text()).toBe("busy")
    expect(server.requests.map(({ body }) => body.sha256)).toEqual([sha256(`${long}end`)])
  })

  test("the drop-in sends a short one that a Request holds again, but whole", async () => {
    await using server = await startFaultServer({ "PUT /file": [status(503, { body: "busy" }), json(200, {})] })
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime(), on: time.passingWaits })
    const init = streamInit("PUT", oneShot("first ", "second"))
    expect((await steadyFetch(new Request(`${server.origin}/file`, init))).status).toBe(200)
    const whole = sha256("first second")
    expect(server.requests.map(({ body }) => body.sha256)).toEqual([whole, whole])
  })

  test("the drop-in does not resend it after a reset, and rejects as fetch does", async () => {
    await using server = await startFaultServer({ "PUT /file": [reset("before-headers"), json(200, {})] })
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime(), on: time.passingWaits })
    await expect(steadyFetch(`${server.origin}/file`, streamInit("PUT", oneShot("only once")))).rejects.toThrow(
      TypeError,
    )
    expect(server.requests).toHaveLength(1)
  })
})
