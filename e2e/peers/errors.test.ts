import { inspect } from "node:util"
import { json, redirect, reset, startFaultServer, status } from "@steadfetch/testing/fault-server"
import { apiKey, basic, bearer, createFetch, ServerError, steadfetch } from "steadfetch"
import { describe, expect, test } from "vitest"
import { HeldTime } from "./held-time.ts"

describe("9: the last reply is not lost when retries end", () => {
  const overloaded = json(
    503,
    { error: { message: "shedding load", code: "overloaded" } },
    {
      headers: { "retry-after": "1", "x-request-id": "r-17" },
    },
  )

  test("the client's error has its status, fields and body, and the story of all attempts", async () => {
    await using server = await startFaultServer({ "GET /": overloaded })
    const time = new HeldTime()
    const options = { retry: { attempts: 3 }, runtime: time.runtime(), on: time.passingWaits }
    const error: unknown = await steadfetch({ baseUrl: server.origin, ...options })
      .get("/")
      .json()
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      name: "ServiceUnavailableError",
      status: 503,
      code: "overloaded",
      requestId: "r-17",
      body: { error: { message: "shedding load", code: "overloaded" } },
      headers: { "retry-after": "1", "x-request-id": "r-17" },
      attempts: [{ status: 503 }, { status: 503 }, { status: 503 }],
    })
    expect(server.requests).toHaveLength(3)
  })

  test("nor is it when the attempts after it got no reply", async () => {
    await using server = await startFaultServer({ "GET /": [overloaded, reset("before-headers")] })
    const time = new HeldTime()
    const options = { retry: { attempts: 3 }, runtime: time.runtime(), on: time.passingWaits }
    const outcome = await steadfetch({ baseUrl: server.origin, ...options })
      .get("/")
      .outcome()
    expect(outcome).toMatchObject({
      kind: "server-error",
      attempts: [{ status: 503 }, { failure: "reset" }, { failure: "reset" }],
    })
    expect(outcome.kind === "server-error" && (await outcome.json())).toHaveProperty("error.code", "overloaded")
  })

  test("the drop-in resolves with it, unread", async () => {
    await using server = await startFaultServer({ "GET /": overloaded })
    const time = new HeldTime()
    const steadyFetch = createFetch({ retry: { attempts: 3 }, runtime: time.runtime(), on: time.passingWaits })
    const response = await steadyFetch(server.origin)
    expect([response.status, response.headers.get("x-request-id"), response.bodyUsed]).toEqual([503, "r-17", false])
    expect(await response.json()).toHaveProperty("error.message", "shedding load")
    expect(server.requests).toHaveLength(3)
  })

  test("the drop-in rejects as fetch does, with the causes, when there was no reply", async () => {
    await using server = await startFaultServer({ "GET /": reset("before-headers") })
    const time = new HeldTime()
    const steadyFetch = createFetch({ retry: { attempts: 3 }, runtime: time.runtime(), on: time.passingWaits })
    const error: unknown = await steadyFetch(server.origin).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toHaveProperty("cause.code")
    expect(server.requests).toHaveLength(3)
  })
})

describe("13: the server's own words are in the message", () => {
  const said = "amount must be below 100"
  const ways = {
    "problem details": { "content-type": "application/problem+json", text: JSON.stringify({ detail: said }) },
    "an error object": { "content-type": "application/json", text: JSON.stringify({ error: { message: said } }) },
    "plain text": { "content-type": "text/plain", text: said },
    "a page": { "content-type": "text/html", text: `<html><head><title>${said}</title></head><p>…</p></html>` },
  }

  test.each(Object.entries(ways))("said as %s in a 4xx and in a 5xx", async (_, { text, ...headers }) => {
    await using server = await startFaultServer({
      "GET /400": status(400, { headers, body: text }),
      "GET /503": status(503, { headers, body: text }),
    })
    const time = new HeldTime()
    const api = steadfetch({ baseUrl: server.origin, runtime: time.runtime(), on: time.passingWaits })
    await expect(api.get("/400").json()).rejects.toThrow(`GET ${server.origin}/400 → 400 Bad Request: ${said}`)
    await expect(api.get("/503").json()).rejects.toThrow(`GET ${server.origin}/503 → 503 Service Unavailable: ${said}`)
    const streamed = api.get("/400").stream()
    await expect(streamed).rejects.toThrow(said)
  })
})

describe("14: errors carry no credentials", () => {
  const secret = "s3cr3t-of-ada"
  const fresh = "fr3sh-from-the-server"
  const ways = {
    bearer: { sent: secret, auth: bearer(secret) },
    basic: { sent: btoa(`ada:${secret}`), auth: basic("ada", secret) },
    "a key in a header": { sent: secret, auth: apiKey(secret) },
    "a key in the query": { sent: secret, auth: apiKey(secret, { query: "api_key" }) },
    "a header of the client's": { sent: secret, headers: { authorization: `Bearer ${secret}` } },
    "a cookie": { sent: `session=${secret}`, headers: { cookie: `session=${secret}` } },
  }
  const cases = Object.entries(ways).map(([how, { sent, ...options }]) => ({ how, sent, options }))

  test.each(cases)("given as $how, however the call fails", async ({ sent, options }) => {
    const echoing = `you sent ${sent}`
    await using server = await startFaultServer({
      "GET /400": json(400, { message: echoing }, { headers: { "set-cookie": `session=${fresh}` } }),
      "GET /503": status(503, { body: echoing }),
      "GET /reset": reset("before-headers"),
      "GET /broken": reset({ afterBytes: 5 }),
      "GET /not-json": status(200, { body: echoing }),
      "GET /loop": redirect(302, `/loop?token=${sent}`),
    })
    const time = new HeldTime()
    const common = { retry: { attempts: 2 }, runtime: time.runtime(), on: time.passingWaits }
    const api = steadfetch({ ...options, ...common, baseUrl: server.origin })
    for (const path of ["/400", "/503", "/reset", "/broken", "/not-json", "/loop"]) {
      const error: unknown = await api
        .get(path, { query: { access_token: secret } })
        .json()
        .catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(Error)
      const shown = [String(error), JSON.stringify(error), inspect(error, { depth: Infinity, showHidden: true })].join()
      expect(shown).toContain(path)
      expect(shown).not.toContain(sent)
      expect(shown).not.toContain(secret)
      expect(shown).not.toContain(fresh)
    }
    const [first] = server.requests
    expect(`${first?.target} ${JSON.stringify(first?.headers)}`).toContain(sent)
  })

  test("given to the drop-in, which rejects", async () => {
    await using server = await startFaultServer({ "GET /": reset("before-headers") })
    const time = new HeldTime()
    const steadyFetch = createFetch({ runtime: time.runtime(), on: time.passingWaits })
    const headers = { authorization: `Bearer ${secret}` }
    const error: unknown = await steadyFetch(server.origin, { headers }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TypeError)
    expect(ServerError.is(error)).toBe(false)
    expect(inspect(error, { depth: Infinity, showHidden: true }) + JSON.stringify(error)).not.toContain(secret)
  })
})
