import { rehearse, type Rehearsal } from "@steadfetch/testing"
import { expect, test } from "vitest"
import type { Policy } from "../index.ts"

const keysOf = ({ server }: Rehearsal): (string | undefined)[] =>
  server.requests.map((request) => request.header("idempotency-key"))
const atOnce = { retry: { baseMs: 0 } } as const

test.each(["POST", "PATCH"])("%s carries a key made once per call, the same on every attempt", async (method) => {
  const rehearsal = rehearse(atOnce)
  const { api, server, run } = rehearsal
  server.replies(503).fails("reset").replies(200).replies(200)
  await run(api.request(method, "/", { json: 1 }))
  await run(api.request(method, "/", { json: 1 }))
  expect(keysOf(rehearsal)).toEqual(["id-1", "id-1", "id-1", "id-2"])
})

test.each(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])("%s carries none", async (method) => {
  const rehearsal = rehearse()
  rehearsal.server.replies(200)
  await rehearsal.run(rehearsal.api.request(method, "/"))
  expect(keysOf(rehearsal)).toEqual([undefined])
})

test("a key that the caller set stays, in whatever case its name is written", async () => {
  const rehearsal = rehearse()
  const { api, server, run } = rehearsal
  server.replies(200).replies(200)
  await run(api.post("/", { headers: { "IDEMPOTENCY-KEY": "mine" } }))
  await run(api.post("/", { idempotencyKey: "mine too" }))
  expect(keysOf(rehearsal)).toEqual(["mine", "mine too"])
  expect(server.requests[0]?.headers.filter(([name]) => name === "idempotency-key").length).toBe(1)
})

test("a call may ask for one where there would be none, and refuse the one it would get", async () => {
  const rehearsal = rehearse()
  const { api, server, run } = rehearsal
  server.replies(200).replies(200)
  await run(api.delete("/", { idempotencyKey: "mine" }))
  await run(api.post("/", { idempotencyKey: false }))
  expect(keysOf(rehearsal)).toEqual(["mine", undefined])
})

test("a call may set its own where the client sends none", async () => {
  const rehearsal = rehearse({ ...atOnce, idempotencyKey: false })
  const { api, server, run } = rehearsal
  server.replies(200).fails("reset").replies(200)
  await run(api.post("/"))
  await run(api.post("/", { idempotencyKey: "mine" }))
  expect(keysOf(rehearsal)).toEqual([undefined, "mine", "mine"])
})

test("name and format are the API's", async () => {
  const { api, server, run } = rehearse({ idempotencyKey: { header: "X-Request-Key", format: "quoted" } })
  server.replies(200).replies(200)
  await run(api.post("/"))
  await run(api.post("/", { idempotencyKey: 'a"b\\c' }))
  expect(server.requests.map((request) => request.header("x-request-key"))).toEqual(['"id-1"', String.raw`"a\"b\\c"`])
})

test("further in it is known which field carries the key, and that there is none", async () => {
  const fields: unknown[] = []
  const looks: Policy = {
    name: "looks",
    scope: "attempt",
    wrap: (next) => (exchange) => {
      fields.push(exchange.idempotencyField)
      return next(exchange)
    },
  }
  const { api, server, run } = rehearse({ idempotencyKey: { header: "X-Request-Key" }, add: [looks] })
  server.otherwise.replies(200)
  await run(api.post("/"))
  await run(api.post("/", { headers: { "X-Request-Key": "mine" } }))
  await run(api.put("/", { headers: { "X-Request-Key": "mine" } }))
  expect(fields).toEqual(["x-request-key", "x-request-key", undefined])
})

test("a key under another name makes a POST repeatable as well", async () => {
  const { api, server, run } = rehearse({ ...atOnce, idempotencyKey: { header: "X-Request-Key" } })
  server.fails("reset").replies(200).fails("reset").replies(200)
  expect((await run(api.post("/"))).attempts.length).toBe(2)
  expect((await run(api.post("/", { headers: { "X-Request-Key": "mine" } }))).attempts.length).toBe(2)
})

test("in a web page, no header is added to a request to another origin, unless asked for", async () => {
  const home = rehearse({ pageOrigin: "https://api.test" })
  const away = rehearse({ pageOrigin: "https://page.test" })
  const asked = rehearse({ pageOrigin: "https://page.test", idempotencyKey: { crossOrigin: true } })
  for (const { api, server, run } of [home, away, asked]) {
    server.replies(200)
    await run(api.post("/"))
  }
  expect([home, away, asked].map((rehearsal) => keysOf(rehearsal)[0])).toEqual(["id-1", undefined, "id-1"])
})

test("a key that cannot be a header's value is refused before anything is sent", async () => {
  const { api, server, run } = rehearse()
  await expect(run(api.post("/", { idempotencyKey: "a\nb" }))).rejects.toThrow("idempotency-key")
  expect(server.requests).toEqual([])
})

test.each(["", "  ", 5, true, null])("%j is no key of a call", async (idempotencyKey) => {
  const { api, server, run } = rehearse()
  await expect(run(api.post("/", { idempotencyKey: idempotencyKey as never }))).rejects.toThrow("idempotencyKey")
  expect(server.requests).toEqual([])
})

test.each([
  [{ format: "base64" }, "base64"],
  [{ header: "no token" }, "no token"],
  [{ name: "X-Key" }, "name"],
])("%j is refused when the client is made", (idempotencyKey, named) => {
  expect(() => rehearse({ idempotencyKey: idempotencyKey as never })).toThrow(named)
})
