import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { startFaultServer, status } from "@steadfetch/testing/fault-server"
import { expect, onTestFinished, test } from "vitest"
import { steadfetch } from "./steadfetch-process.ts"

const pets = `openapi: 3.1.0
info: { title: Pets, version: "1" }
servers: [{ url: /v1 }]
paths:
  /pets:
    get:
      responses:
        200:
          description: All
          content: { application/json: { schema: { $ref: schemas.yaml#/Pets } } }
`

async function output(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "steadfetch-generate-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, "api.ts")
}

test("a URL is fetched as call does it, also what it refers to, and its servers are there", async () => {
  await using server = await startFaultServer({
    "GET /docs/openapi.yaml": [status(503, { headers: { "retry-after": "0" } }), status(200, { body: pets })],
    "GET /docs/schemas.yaml": [status(200, { body: "Pets: { enum: [rex] }" })],
  })
  const api = await output()
  const { code, stderr } = await steadfetch(["generate", `${server.origin}/docs/openapi.yaml`, "-o", api])
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  const text = await readFile(api, "utf8")
  expect(text).toContain('"rex"')
  expect(text).toContain(`servers: [{"url":"${server.origin}/v1"}]`)
})

test("a URL that cannot be had, or one that it refers to, is told and ends as call does", async () => {
  await using server = await startFaultServer({
    "GET /gone.yaml": [status(404, { body: { json: { message: "no such page" } } })],
    "GET /openapi.yaml": [status(200, { body: pets })],
    "GET /schemas.yaml": [status(404)],
  })
  const api = await output()
  const missing = await steadfetch(["generate", `${server.origin}/gone.yaml`, "-o", api])
  expect(missing).toMatchObject({ code: 4, stderr: expect.stringMatching(/gone\.yaml → 404 Not Found: no such page/) })
  const part = await steadfetch(["generate", `${server.origin}/openapi.yaml`, "-o", api])
  expect(part).toMatchObject({ code: 4, stderr: expect.stringMatching(/schemas\.yaml → 404/) })
})
