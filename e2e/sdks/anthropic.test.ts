import { Anthropic, APIUserAbortError, InternalServerError, NotFoundError } from "@anthropic-ai/sdk"
import { createFetch } from "steadfetch"
import { expect, test } from "vitest"
import { fieldValue, json, startFaultServer, type FaultServer, type Step } from "@steadfetch/testing/fault-server"
import { serverSentEvents } from "./replies.ts"

const MESSAGES = "POST /v1/messages"
const QUESTION = { model: "claude-test", max_tokens: 10, messages: [{ role: "user" as const, content: "Say hi" }] }
const MESSAGE = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-test",
  content: [{ type: "text", text: "hi" }],
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
}

function sdk(server: FaultServer): Anthropic {
  const fetch = createFetch({ retry: { baseMs: 1 } })
  return new Anthropic({ apiKey: "sk-test", baseURL: server.origin, maxRetries: 0, fetch })
}

function refusal(status: number, type: string, message: string, headers: Readonly<Record<string, string>> = {}): Step {
  return json(status, { type: "error", error: { type, message } }, { headers })
}

/** The API's own status for too much load. */
const overloaded = refusal(529, "overloaded_error", "Overloaded")

const EVENTS = [
  { type: "message_start", message: { ...MESSAGE, content: [], stop_reason: null } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hel" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "lo" } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 2 } },
  { type: "message_stop" },
].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}`)

test("a JSON call succeeds after a 529, with the same body and key on both attempts", async () => {
  await using server = await startFaultServer({ [MESSAGES]: [overloaded, json(200, MESSAGE)] })
  const message = await sdk(server).messages.create(QUESTION)
  expect(message.content).toEqual([{ type: "text", text: "hi" }])
  const [first, second] = server.requests
  expect(second?.body.sha256).toBe(first?.body.sha256)
  expect(second?.headers).toEqual(first?.headers)
  expect(fieldValue(second?.headers ?? [], "idempotency-key")).toMatch(/\S{16,}/)
})

test("the SDK's streaming helper puts a message together after a 529", async () => {
  await using server = await startFaultServer({ [MESSAGES]: [overloaded, serverSentEvents(EVENTS)] })
  const stream = sdk(server).messages.stream(QUESTION)
  const pieces: string[] = []
  stream.on("text", (text) => pieces.push(text))
  const message = await stream.finalMessage()
  expect(pieces).toEqual(["Hel", "lo"])
  expect(message.content).toMatchObject([{ type: "text", text: "Hello" }])
  expect(message.stop_reason).toBe("end_turn")
  expect(server.requests).toHaveLength(2)
})

test("an error event in the middle of a stream is the SDK's error and is not asked for again", async () => {
  const failed = `event: error\ndata: ${JSON.stringify({
    type: "error",
    error: { type: "overloaded_error", message: "Overloaded" },
  })}`
  await using server = await startFaultServer({ [MESSAGES]: serverSentEvents([...EVENTS.slice(0, 3), failed]) })
  await expect(sdk(server).messages.stream(QUESTION).finalMessage()).rejects.toThrow("Overloaded")
  expect(server.requests).toHaveLength(1)
})

test("an unending 529 is the SDK's InternalServerError with the server's words", async () => {
  await using server = await startFaultServer({ [MESSAGES]: overloaded })
  const call = sdk(server).messages.create(QUESTION)
  await expect(call).rejects.toThrow(InternalServerError)
  await expect(call).rejects.toMatchObject({
    status: 529,
    error: { error: { type: "overloaded_error", message: "Overloaded" } },
  })
  expect(server.requests).toHaveLength(4)
})

test("a 404 is the SDK's NotFoundError after one request", async () => {
  await using server = await startFaultServer({
    [MESSAGES]: refusal(404, "not_found_error", "model: claude-test", { "request-id": "req_1" }),
  })
  const call = sdk(server).messages.create(QUESTION)
  await expect(call).rejects.toThrow(NotFoundError)
  await expect(call).rejects.toThrow("model: claude-test")
  await expect(call).rejects.toMatchObject({ status: 404, requestID: "req_1" })
  expect(server.requests).toHaveLength(1)
})

test("a 503 that the server says not to retry comes back after one request", async () => {
  await using server = await startFaultServer({
    [MESSAGES]: refusal(503, "api_error", "Not today", { "x-should-retry": "false" }),
  })
  await expect(sdk(server).messages.create(QUESTION)).rejects.toThrow(InternalServerError)
  expect(server.requests).toHaveLength(1)
})

test("a call whose signal is aborted already sends nothing", async () => {
  await using server = await startFaultServer({ [MESSAGES]: json(200, MESSAGE) })
  const call = sdk(server).messages.create(QUESTION, { signal: AbortSignal.abort() })
  await expect(call).rejects.toThrow(APIUserAbortError)
  expect(server.requests).toHaveLength(0)
})

test("an upload of a file arrives whole after a 529", async () => {
  await using server = await startFaultServer({
    "POST /v1/files": [overloaded, json(200, { id: "file_1", type: "file", filename: "notes.txt" })],
  })
  const file = new File(["some notes"], "notes.txt", { type: "text/plain" })
  const uploaded = await sdk(server).beta.files.upload({ file })
  expect(uploaded.id).toBe("file_1")
  expect(server.requests).toHaveLength(2)
  for (const { body } of server.requests) {
    expect(Buffer.from(body.kept).toString()).toContain("some notes")
    expect(body.complete).toBe(true)
  }
})
