import { fieldValue, redirect, startFaultServer, status } from "@steadfetch/testing/fault-server"
import { bearer, steadfetch, type ClientOptions } from "steadfetch"
import { describe, expect, test } from "vitest"
import { makeTransport, transportNames } from "../transports.ts"

describe.each(transportNames)("redirects (RFC 9110 §15.4) over %s", (name) => {
  const client = (options: ClientOptions) => steadfetch({ transport: makeTransport(name), retry: false, ...options })

  test.each([
    [301, "POST", "GET"],
    [302, "POST", "GET"],
    [302, "PUT", "PUT"],
    [303, "PUT", "GET"],
    [307, "POST", "POST"],
    [308, "PATCH", "PATCH"],
  ])("%i sends %s on as %s, its body whole where it goes along", async (code, method, next) => {
    await using server = await startFaultServer({ "/": redirect(code, "/there?x=1"), "/there": status(200) })
    const reply = await client({ baseUrl: server.origin }).request(method, "/", { body: "words" })
    expect(reply.url).toBe(`${server.origin}/there?x=1`)
    const [, second] = server.requests
    expect(second?.method).toBe(next)
    expect(Buffer.from(second?.body.kept ?? []).toString()).toBe(next === "GET" ? "" : "words")
    expect(fieldValue(second?.headers ?? [], "content-type")).toBe(next === "GET" ? undefined : "text/plain;charset=UTF-8") // prettier-ignore
  })

  test("another origin gets no credentials, cookies, keys or fields of the caller's", async () => {
    await using elsewhere = await startFaultServer({ "/": status(200) })
    await using server = await startFaultServer({ "/": redirect(307, "{origin:other}/") }, { origins: { other: elsewhere } }) // prettier-ignore
    const headers = { cookie: "a=1", "x-api-key": "secret", "accept-language": "de" }
    await client({ baseUrl: server.origin, auth: bearer("token"), headers }).post("/", { body: "words" })
    const sent = (names: string[], of = server) => names.map((field) => fieldValue(of.requests[0]?.headers ?? [], field) !== undefined) // prettier-ignore
    const secret = ["authorization", "cookie", "x-api-key", "idempotency-key"]
    expect(sent(secret)).toEqual([true, true, true, true])
    expect(sent(secret, elsewhere)).toEqual([false, false, false, false])
    expect(sent(["accept-language", "content-type"], elsewhere)).toEqual([true, true])
  })

  test("the same origin gets them again", async () => {
    await using server = await startFaultServer({ "/": redirect(307, "/there"), "/there": status(200) })
    await client({ baseUrl: server.origin, auth: bearer("token") }).get("/")
    expect(fieldValue(server.requests[1]?.headers ?? [], "authorization")).toBe("Bearer token")
  })

  test("20 are followed, and not one more", async () => {
    const steps = [...Array.from({ length: 20 }, () => redirect(302, "/")), status(200)]
    await using server = await startFaultServer({ "/": { steps, then: "repeat" } })
    expect((await client({ baseUrl: server.origin }).get("/")).status).toBe(200)
    await using loop = await startFaultServer({ "/": redirect(302, "/") })
    const outcome = await client({ baseUrl: loop.origin }).get("/").outcome()
    expect(outcome).toMatchObject({ kind: "no-reply", error: { code: "redirect" } })
    expect(loop.requests).toHaveLength(21)
  })

  test("a body that can be sent once is not sent on, and the error says why", async () => {
    await using server = await startFaultServer({ "/": redirect(307, "/there"), "/there": status(200) })
    const call = client({ baseUrl: server.origin })
      .post("/", { body: new Blob(["words"]).stream() })
      .json()
    await expect(call).rejects.toThrow(/asks for the body again, and it is a stream/)
    expect(server.requests).toHaveLength(1)
  })

  test("a redirect is handed over when asked for", async () => {
    await using server = await startFaultServer({ "/": redirect(302, "/there") })
    const reply = await client({ baseUrl: server.origin }).get("/", { redirect: "manual" })
    expect([reply.status, reply.headers.get("location")]).toEqual([302, "/there"])
  })

  test("a redirect's own body does not keep its connection", async () => {
    await using server = await startFaultServer({
      "/": redirect(302, "/there", { body: { endless: true } }),
      "/there": status(200, { body: "here" }),
    })
    const stream = await client({ baseUrl: server.origin }).get("/").stream()
    expect(await new Response(stream).text()).toBe("here")
    await server.finished(2)
    expect(server.requests[0]?.end).toBe("abandoned")
  })
})
