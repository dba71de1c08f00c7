import { OpenAI, InternalServerError } from "openai"
import { createFetch } from "steadfetch"
import { expect, test } from "vitest"
import { json, startFaultServer } from "@steadfetch/testing/fault-server"
import { openAIError } from "./replies.ts"

const AT_ONCE = { "retry-after-ms": "0" }

test("with the SDK's retries on as well, attempts multiply and the call still succeeds", async () => {
  const busy = openAIError(503, "Busy", AT_ONCE)
  await using server = await startFaultServer({
    "GET /v1/models": [busy, busy, busy, busy, busy, json(200, { object: "list", data: [{ id: "gpt-4o" }] })],
  })
  const fetch = createFetch({ retry: { attempts: 2, baseMs: 1 } })
  const openai = new OpenAI({ apiKey: "sk-test", baseURL: `${server.origin}/v1`, maxRetries: 2, fetch })
  const models = await openai.models.list()
  expect(models.data[0]?.id).toBe("gpt-4o")
  expect(server.requests).toHaveLength(6)
})

test("under a full outage the drop-in's budget bounds what both add", async () => {
  await using server = await startFaultServer({ "GET /v1/models": openAIError(503, "Down", AT_ONCE) })
  const fetch = createFetch({ retry: { baseMs: 1, budget: { capacity: 5 } } })
  const openai = new OpenAI({ apiKey: "sk-test", baseURL: `${server.origin}/v1`, maxRetries: 1, fetch })
  for (let call = 0; call < 20; call++) await expect(openai.models.list()).rejects.toThrow(InternalServerError)
  expect(server.requests).toHaveLength(20 * 2 + 5)
})
