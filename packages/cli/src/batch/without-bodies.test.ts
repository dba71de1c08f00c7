import { rehearse } from "@steadfetch/testing"
import { steadfetch } from "steadfetch"
import { expect, test } from "vitest"
import { withoutBodies } from "./without-bodies.ts"

test("bodies of successes are dropped, those of errors are kept for their explanation", async () => {
  const { server, clock } = rehearse()
  server.expect("GET /a").replies(200, { body: "large" })
  server.expect("GET /b").replies(400, { body: '{"detail":"no such item"}' })
  const api = steadfetch({ baseUrl: "https://api.test", transport: withoutBodies(server) })
  const outcome = await clock.runUntil(api.get("/a").outcome())
  expect(outcome.kind === "success" && (await outcome.text())).toBe("")
  expect(await clock.runUntil(api.get("/b").outcome())).toMatchObject({ error: { serverMessage: "no such item" } })
})
