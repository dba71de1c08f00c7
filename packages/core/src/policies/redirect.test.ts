import { rehearse } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import type { Policy } from "../index.ts"

const to = (location: string): { headers: Record<string, string> } => ({ headers: { location } })

describe("method and body", () => {
  test.each([
    [301, "GET", "GET"],
    [301, "POST", "GET"],
    [301, "PUT", "PUT"],
    [302, "HEAD", "HEAD"],
    [302, "POST", "GET"],
    [302, "PATCH", "PATCH"],
    [303, "POST", "GET"],
    [303, "PUT", "GET"],
    [303, "DELETE", "GET"],
    [303, "HEAD", "HEAD"],
    [307, "POST", "POST"],
    [307, "PUT", "PUT"],
    [308, "POST", "POST"],
    [308, "DELETE", "DELETE"],
  ])("after a %i, %s becomes %s", async (status, method, next) => {
    const { api, server, run } = rehearse()
    server.replies(status, to("/there")).replies(200)
    const body = method === "GET" || method === "HEAD" ? {} : { json: { n: 1 } }
    await run(api.request(method, "/here", body))
    const [, second] = server.requests
    expect([second?.method, second?.url]).toEqual([next, "https://api.test/there"])
    const keptBody = body.json !== undefined && next === method
    expect([second?.text(), second?.header("content-type")]).toEqual(
      keptBody ? ['{"n":1}', "application/json"] : ["", undefined],
    )
  })

  test("a body that is a stream is not sent again as something empty", async () => {
    const { api, server, run } = rehearse()
    server.replies(307, to("/there"))
    await expect(run(api.put("/", { body: new Blob(["hello"]).stream() }))).rejects.toMatchObject({
      code: "redirect",
      message: expect.stringContaining("give a function"),
    })
    server.verify()
  })

  test("a 303 after a stream is followed: nothing has to be sent again", async () => {
    const { api, server, run } = rehearse()
    server.replies(303, to("/there")).replies(200)
    expect((await run(api.post("/", { body: new Blob(["hello"]).stream() }))).status).toBe(200)
  })
})

describe("the target", () => {
  test.each([
    ["/b/c", "https://api.test/b/c"],
    ["c?x=1", "https://api.test/a/c?x=1"],
    ["../c", "https://api.test/c"],
    ["//other.test/c", "https://other.test/c"],
    ["http://other.test/c", "http://other.test/c"],
  ])("of Location %s is %s", async (location, url) => {
    const { api, server, run } = rehearse()
    server.replies(302, to(location)).replies(200)
    expect((await run(api.get("/a/b"))).url).toBe(url)
  })

  test.each(["ftp://other.test/", "https://user:hunter22@api.test/", "javascript:alert(1)", "data:text/plain,hi"])(
    "is refused: %s",
    async (location) => {
      const { api, server, run } = rehearse()
      server.replies(302, to(location))
      await expect(run(api.get("/"))).rejects.toMatchObject({
        code: "redirect",
        message: expect.stringContaining("http"),
      })
      server.verify()
    },
  )

  test.each([
    [300, to("/there")],
    [304, to("/there")],
    [301, {}],
    [302, to("http://[")],
  ])("is not looked for after %i %j: the reply is handed over", async (status, parts) => {
    const { api, server, run } = rehearse()
    server.replies(status, parts)
    expect((await run(api.get("/"))).status).toBe(status)
  })
})

describe("another origin", () => {
  const secrets = {
    authorization: "Bearer secret",
    cookie: "session=1",
    "proxy-authorization": "Basic x",
    "x-api-key": "secret",
    "if-none-match": '"tag"',
  }
  const neutral = {
    accept: "text/plain",
    "accept-language": "de",
    "user-agent": "mine",
    range: "bytes=0-9",
    "if-range": '"tag"',
  }

  test("gets neutral header fields only: no credentials, cookies, validators or keys", async () => {
    const { api, server, run } = rehearse()
    server.replies(307, to("https://other.test/")).replies(200)
    await run(api.post("/", { json: 1, headers: { ...secrets, ...neutral } }))
    const names = server.requests[1]?.headers.map(([name]) => name).toSorted()
    expect(names).toEqual([...Object.keys(neutral), "content-type"].toSorted())
  })

  test.each(["http://api.test/", "https://api.test:8443/", "https://sub.api.test/"])("is also %s", async (location) => {
    const { api, server, run } = rehearse()
    server.replies(302, to(location)).replies(200)
    await run(api.get("/", { headers: secrets }))
    expect(server.requests[1]?.headers).toEqual([])
  })

  test("does not give the credentials back on the way home", async () => {
    const { api, server, run } = rehearse()
    server.replies(302, to("https://other.test/")).replies(302, to("https://api.test/home")).replies(200)
    await run(api.get("/", { headers: secrets }))
    expect(server.requests[2]?.headers).toEqual([])
  })

  test("the same origin gets everything", async () => {
    const { api, server, run } = rehearse()
    server.replies(307, to("/there")).replies(200)
    await run(api.post("/", { headers: secrets }))
    expect(server.requests[1]?.headers).toEqual(server.requests[0]?.headers)
  })
})

describe("how far", () => {
  test("twenty redirects are followed, the next one is not", async () => {
    const { api, server, run } = rehearse()
    for (let hop = 0; hop < 20; hop++) server.replies(302, to(`/${hop}`))
    server.replies(200)
    expect((await run(api.get("/"))).url).toBe("https://api.test/19")
    for (let hop = 0; hop < 21; hop++) server.replies(302, to("/"))
    await expect(run(api.get("/"))).rejects.toMatchObject({ code: "redirect", attempts: { length: 21 } })
    server.verify()
  })

  test("a loop is no outage: it is not retried", async () => {
    const { api, server, run } = rehearse()
    server.otherwise.replies(302, to("/"))
    await run(api.get("/").outcome())
    expect(server.requests.length).toBe(21)
  })

  test("manual hands the redirect over", async () => {
    const { api, server, run } = rehearse()
    server.replies(302, to("/there"))
    const { status, headers } = await run(api.get("/", { redirect: "manual" }))
    expect([status, headers.get("location")]).toEqual([302, "/there"])
    server.verify()
  })

  test("a failure behind a redirect is retried from the start", async () => {
    const { api, server, run } = rehearse({ retry: { baseMs: 0 } })
    server.expect("GET /a").replies(302, to("/b")).expect("GET /b").replies(503)
    server.expect("GET /a").replies(302, to("/b")).expect("GET /b").replies(200)
    expect((await run(api.get("/a"))).status).toBe(200)
    server.verify()
  })

  test("bodies on the way are given up", async () => {
    const { api, server, run } = rehearse()
    server.replies(302, { ...to("/there"), body: "moved" }).replies(200, { body: "here" })
    expect(await run(api.get("/").text())).toBe("here")
    expect(server.openBodies).toBe(0)
  })

  test("a stream's body on the way is given up before the next request", async () => {
    const { api, server, run } = rehearse()
    server.replies(302, { ...to("/there"), body: "moved" }).replies(200, { body: "here" })
    const stream = await run(api.get("/").stream())
    expect(server.openBodies).toBe(1)
    await stream.cancel()
  })
})

test("nothing but http is followed, whatever else a target holds", async () => {
  const { api, server, run } = rehearse({ retry: false })
  server.replies(302, to("mailto:someone?body=https://api.test/"))
  const outcome = await run(api.get("/").outcome())
  expect(outcome).toMatchObject({ kind: "no-reply", error: { code: "redirect" } })
  expect(server.requests).toHaveLength(1)
})

test("a wish that there is not is refused", async () => {
  const { api, server, run } = rehearse()
  await expect(run(api.get("/", { redirect: "error" as never }))).rejects.toThrow(/redirect.*"follow" or "manual"/)
  expect(server.requests).toHaveLength(0)
})

test("what is within knows from which URL it was led", async () => {
  const seen: unknown[] = []
  const within: Policy = {
    name: "within",
    scope: "wire",
    wrap: (next) => (exchange) => {
      seen.push(exchange.redirectedFrom)
      return next(exchange)
    },
  }
  const { api, server, run } = rehearse({ add: [within] })
  server.replies(302, to("/b")).replies(302, to("https://other.test/")).replies(200)
  await run(api.get("/a"))
  expect(seen).toEqual([undefined, "https://api.test/a", "https://api.test/a"])
})
