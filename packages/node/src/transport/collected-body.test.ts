import { gzipSync } from "node:zlib"
import { startFaultServer, status } from "@steadfetch/testing/fault-server"
import { expect, test } from "vitest"
import { steadfetch } from "../steadfetch.ts"

test.each([
  ["as it came", {}, Buffer.from("short")],
  ["decoded", { "content-encoding": "gzip" }, gzipSync("short")],
])("the bytes of a body are in memory of their own, where nothing else can be seen: %s", async (_, headers, body) => {
  await using server = await startFaultServer({
    "/": status(200, { headers, body: { base64: body.toString("base64") } }),
  })
  const bytes = await steadfetch({ baseUrl: server.origin }).get("/").bytes()
  expect(bytes).toStrictEqual(new TextEncoder().encode("short"))
  expect(bytes.buffer.byteLength).toBe(5)
})

test("a body as long as one read of its socket comes without the header section before it", async () => {
  const body = Buffer.alloc(65_536, "steadfetch")
  await using server = await startFaultServer({ "/": status(200, { body: { base64: body.toString("base64") } }) })
  const bytes = await steadfetch({ baseUrl: server.origin }).get("/").bytes()
  expect(body.equals(bytes)).toBe(true)
})
