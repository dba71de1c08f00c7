import { createReadStream, readFileSync } from "node:fs"
import {
  OpenAI,
  APIConnectionError,
  APIConnectionTimeoutError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  toFile,
  UnprocessableEntityError,
} from "openai"
import { createFetch, type Listeners } from "steadfetch"
import { expect, test } from "vitest"
import {
  fieldValue,
  json,
  refusedPort,
  reset,
  stall,
  startFaultServer,
  type FaultServer,
  type ReceivedRequest,
} from "@steadfetch/testing/fault-server"
import { openAIError, serverSentEvents } from "./replies.ts"

const CHAT = "POST /v1/chat/completions"
const QUESTION = { model: "gpt-4o", messages: [{ role: "user" as const, content: "Say hi" }] }

function sdk({ origin }: { readonly origin: string }, on: Listeners = {}, timeout = 20_000): OpenAI {
  const fetch = createFetch({ retry: { baseMs: 1 }, on })
  return new OpenAI({ apiKey: "sk-test", baseURL: `${origin}/v1`, maxRetries: 0, timeout, fetch })
}

function completion(content: string): unknown {
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "gpt-4o",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }],
  }
}

function piece(content: string): string {
  return `data: ${JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "gpt-4o",
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
  })}`
}

function keys(server: FaultServer): (string | undefined)[] {
  return server.requests.map((request) => fieldValue(request.headers, "idempotency-key"))
}

function sent(request: ReceivedRequest | undefined): string {
  return Buffer.from(request?.body.kept ?? []).toString()
}

test("a JSON call succeeds after a 503, with one key on both attempts", async () => {
  await using server = await startFaultServer({
    [CHAT]: [openAIError(503, "The engine is overloaded"), json(200, completion("hi"))],
  })
  const reply = await sdk(server).chat.completions.create(QUESTION)
  expect(reply.choices[0]?.message.content).toBe("hi")
  const [first, second] = server.requests
  expect(sent(second)).toBe(sent(first))
  expect(JSON.parse(sent(second))).toEqual(QUESTION)
  expect(keys(server)).toEqual([expect.stringMatching(/^\S{16,}$/), keys(server)[0]])
})

test("a JSON call succeeds after a connection that broke before the reply", async () => {
  await using server = await startFaultServer({ [CHAT]: [reset("before-headers"), json(200, completion("hi"))] })
  const reply = await sdk(server).chat.completions.create(QUESTION)
  expect(reply.choices[0]?.message.content).toBe("hi")
  expect(server.requests).toHaveLength(2)
})

test("a stream of events arrives whole after a 503", async () => {
  await using server = await startFaultServer({
    [CHAT]: [
      openAIError(503, "The engine is overloaded"),
      serverSentEvents([piece("Hel"), piece("lo"), "data: [DONE]"]),
    ],
  })
  const stream = await sdk(server).chat.completions.create({ ...QUESTION, stream: true })
  let text = ""
  for await (const event of stream) text += event.choices[0]?.delta.content ?? ""
  expect(text).toBe("Hello")
  expect(server.requests).toHaveLength(2)
})

test("a stream that breaks off in the middle fails there and is not asked for again", async () => {
  const begun = `${piece("Hel")}\n\n`
  await using server = await startFaultServer({
    [CHAT]: reset(
      { afterBytes: begun.length },
      { headers: { "content-type": "text/event-stream" }, framing: "chunked", body: `${begun}${piece("lo")}\n\n` },
    ),
  })
  const stream = await sdk(server).chat.completions.create({ ...QUESTION, stream: true })
  let text = ""
  const read = async (): Promise<void> => {
    for await (const event of stream) text += event.choices[0]?.delta.content ?? ""
  }
  await expect(read()).rejects.toThrow(/terminated|reset|closed/i)
  expect(text).toBe("Hel")
  expect(server.requests).toHaveLength(1)
})

test("an unending 503 is the SDK's InternalServerError with the server's words", async () => {
  await using server = await startFaultServer({ [CHAT]: openAIError(503, "The engine is overloaded") })
  const call = sdk(server).chat.completions.create(QUESTION)
  await expect(call).rejects.toThrow(InternalServerError)
  await expect(call).rejects.toMatchObject({ status: 503, message: "503 The engine is overloaded" })
  expect(server.requests).toHaveLength(4)
})

test.each([
  [400, BadRequestError],
  [401, AuthenticationError],
  [403, PermissionDeniedError],
  [404, NotFoundError],
  [409, ConflictError],
  [422, UnprocessableEntityError],
  [429, RateLimitError],
])("a %i is the SDK's own error after one request", async (status, kind) => {
  await using server = await startFaultServer({ [CHAT]: openAIError(status, "Look at your request") })
  const call = sdk(server).chat.completions.create(QUESTION)
  await expect(call).rejects.toThrow(kind)
  await expect(call).rejects.toThrow(`${status} Look at your request`)
  expect(server.requests).toHaveLength(1)
})

test("a 429 that names a time is waited for", async () => {
  await using server = await startFaultServer({
    [CHAT]: [openAIError(429, "Slow down", { "retry-after": "0" }), json(200, completion("hi"))],
  })
  await sdk(server).chat.completions.create(QUESTION)
  expect(server.requests).toHaveLength(2)
})

test("a server that cannot be reached is the SDK's connection error, its cause kept", async () => {
  await using nowhere = await refusedPort()
  let waits = 0
  const call = sdk(nowhere, { waiting: () => void waits++ }).models.list()
  await expect(call).rejects.toThrow(APIConnectionError)
  await expect(call).rejects.toMatchObject({ cause: { cause: { code: "ECONNREFUSED" } } })
  expect(waits).toBe(3)
})

test("aborting while the drop-in waits ends the call at once", async () => {
  await using server = await startFaultServer({ [CHAT]: openAIError(503, "Maintenance", { "retry-after": "20" }) })
  const user = new AbortController()
  const waits: number[] = []
  const openai = sdk(server, {
    waiting: ({ waitMs }) => {
      waits.push(waitMs)
      user.abort()
    },
  })
  await expect(openai.chat.completions.create(QUESTION, { signal: user.signal })).rejects.toThrow(APIUserAbortError)
  expect(waits).toEqual([expect.toSatisfy((waitMs: number) => waitMs >= 20_000)])
  expect(server.requests).toHaveLength(1)
})

test("aborting in the middle of a stream of events ends the connection", async () => {
  const begun = `${piece("Hel")}\n\n`
  await using server = await startFaultServer({
    [CHAT]: stall(
      { afterBytes: begun.length },
      { headers: { "content-type": "text/event-stream" }, framing: "chunked", body: `${begun}${piece("lo")}\n\n` },
    ),
  })
  const stream = await sdk(server).chat.completions.create({ ...QUESTION, stream: true })
  for await (const event of stream) {
    expect(event.choices[0]?.delta.content).toBe("Hel")
    stream.controller.abort()
  }
  await server.finished(1)
  expect(server.requests.map(({ end }) => end)).toEqual(["cut"])
  expect(server.requests).toHaveLength(1)
})

test("the SDK's timeout ends a request without an answer, and no attempt follows", async () => {
  await using server = await startFaultServer({ [CHAT]: stall("before-headers") })
  await expect(sdk(server, {}, 100).chat.completions.create(QUESTION)).rejects.toThrow(APIConnectionTimeoutError)
  await server.finished(1)
  expect(server.requests).toHaveLength(1)
})

test("the SDK's timeout ends the drop-in's wait as well", async () => {
  await using server = await startFaultServer({ [CHAT]: openAIError(503, "Maintenance", { "retry-after": "20" }) })
  await expect(sdk(server, {}, 100).chat.completions.create(QUESTION)).rejects.toThrow(APIConnectionTimeoutError)
  expect(server.requests).toHaveLength(1)
})

/** Any file will do: this one. */
const PATH = import.meta.filename
const CONTENT = readFileSync(PATH, "utf8")

test.each([
  ["a File", () => new File([CONTENT], "openai.test.ts")],
  ["a Buffer", () => toFile(Buffer.from(CONTENT), "openai.test.ts")],
])("an upload of %s arrives whole after a 503", async (_kind, file) => {
  await using server = await startFaultServer({
    "POST /v1/files": [openAIError(503, "Busy"), json(200, { id: "file-1", object: "file" })],
  })
  const uploaded = await sdk(server).files.create({ file: await file(), purpose: "fine-tune" })
  expect(uploaded.id).toBe("file-1")
  expect(server.requests).toHaveLength(2)
  server.requests.forEach(expectUpload)
  expect(keys(server)[1]).toBe(keys(server)[0])
})

test("an upload of a file stream, which the SDK sends piece by piece, is not replayed: its 503 comes back", async () => {
  await using server = await startFaultServer({
    "POST /v1/files": [openAIError(503, "Busy"), json(200, { id: "file-1", object: "file" })],
  })
  const upload = sdk(server).files.create({ file: createReadStream(PATH), purpose: "fine-tune" })
  await expect(upload).rejects.toThrow(InternalServerError)
  await expect(upload).rejects.toThrow("503 Busy")
  expect(server.requests).toHaveLength(1)
  server.requests.forEach(expectUpload)
})

function expectUpload(request: ReceivedRequest): void {
  expect(fieldValue(request.headers, "content-type")).toMatch(/^multipart\/form-data; boundary=/)
  expect(request.body.complete).toBe(true)
  expect(sent(request)).toContain(`filename="openai.test.ts"`)
  expect(sent(request)).toContain(CONTENT)
}
