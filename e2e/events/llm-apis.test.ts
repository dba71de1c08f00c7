import { Anthropic, APIError as AnthropicAPIError } from "@anthropic-ai/sdk"
import { OpenAI, APIError as OpenAIAPIError } from "openai"
import { BodyError, eventStreams, NoReplyError, steadfetch, type EventOptions } from "steadfetch"
import { describe, expect, test } from "vitest"
import { makeTransport, transportNames, type TransportName } from "../transports.ts"
import { sendInPieces, StreamServer } from "./stream-server.ts"

/** What OpenAI's chat completions send: unnamed events, a comment of a gateway's, and "[DONE]". */
const chunks = ["Grüße ", "aus 茶", " 🍵\n", "\u2028"].map((content, index) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1,
  model: "gpt-test",
  choices: [{ index: 0, delta: { content }, finish_reason: index === 3 ? "stop" : null }],
}))
const openaiData = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("")
const openaiBody = `: PROCESSING\n\n${openaiData}data: [DONE]\n\n`
const openaiError = { error: { message: "The server had an error", type: "server_error", code: null } }

/** What Anthropic's messages send: named events, with a ping among them. */
const messages = [
  { type: "message_start", message: { id: "msg_1", role: "assistant", content: [], usage: { input_tokens: 1 } } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "ping" },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Grüße 🍵" } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } },
  { type: "message_stop" },
]
const named = (event: { readonly type: string }): string => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
const anthropicBody = messages.map(named).join("")
const anthropicError = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }

function openai(server: StreamServer): OpenAI {
  return new OpenAI({ apiKey: "sk-test", baseURL: `${server.origin}/v1`, maxRetries: 0 })
}

function anthropic(server: StreamServer): Anthropic {
  return new Anthropic({ apiKey: "sk-test", baseURL: server.origin, maxRetries: 0 })
}

const question = { model: "test", messages: [{ role: "user" as const, content: "hi" }], stream: true as const }

interface Seen {
  readonly values: unknown[]
  readonly error: unknown
}

async function all(items: AsyncIterable<unknown>): Promise<Seen> {
  const values: unknown[] = []
  try {
    for await (const item of items) values.push(item)
    return { values, error: undefined }
  } catch (error) {
    return { values, error }
  }
}

/** The JSON of all events but pings, as SDKs hand them over. An event of the type "error" is thrown, as they do. */
async function ours(server: StreamServer, transport: TransportName, options: EventOptions): Promise<Seen> {
  const api = steadfetch({
    baseUrl: server.origin,
    abilities: [eventStreams],
    transport: makeTransport(transport),
    retry: { baseMs: 1 },
  })
  async function* values(): AsyncGenerator {
    for await (const event of api.post("/v1/any", { json: question }).events(options)) {
      if (event.type === "error") throw event.json()
      if (event.type !== "ping") yield event.json()
    }
  }
  const seen = await all(values())
  await api.close()
  return seen
}

describe.each(transportNames)("on %s", (transport) => {
  test.each([1, 3, 7, 64, 100_000])("OpenAI's stream in pieces of %i bytes is what its SDK reads", async (size) => {
    await using server = await StreamServer.start(async (response) => {
      await sendInPieces(response, openaiBody, size)
      response.end()
    })
    const theirs = await all(await openai(server).chat.completions.create(question))
    expect(theirs.values).toEqual(chunks)
    expect(await ours(server, transport, { until: "[DONE]" })).toEqual(theirs)
    expect(server.requests.map(({ method, body }) => [method, JSON.parse(body)])).toEqual([
      ["POST", question],
      ["POST", question],
    ])
  })

  test("OpenAI's [DONE] ends it, though the server keeps the connection open", async () => {
    await using server = await StreamServer.start((response) => sendInPieces(response, openaiBody, 50))
    expect(await ours(server, transport, { until: "[DONE]" })).toEqual({ values: chunks, error: undefined })
    await expect.poll(() => server.connections()).toBe(0)
  })

  test("OpenAI's error in mid-stream is an event, which its SDK throws", async () => {
    await using server = await StreamServer.start(async (response) => {
      await sendInPieces(response, `${openaiData}data: ${JSON.stringify(openaiError)}\n\n`, 20)
      response.end()
    })
    const theirs = await all(await openai(server).chat.completions.create(question))
    expect(theirs.error).toBeInstanceOf(OpenAIAPIError)
    const { values, error } = await ours(server, transport, { until: "[DONE]" })
    expect(values).toEqual([...theirs.values, openaiError])
    expect(BodyError.is(error) && error.message).toContain('the stream ended without "[DONE]", after 5 events')
  })

  test.each([1, 5, 100_000])("Anthropic's stream in pieces of %i bytes is what its SDK reads", async (size) => {
    await using server = await StreamServer.start(async (response) => {
      await sendInPieces(response, anthropicBody, size)
      response.end()
    })
    const theirs = await all(await anthropic(server).messages.create({ ...question, max_tokens: 9 }))
    expect(theirs.values).toEqual(messages.filter(({ type }) => type !== "ping"))
    expect(await ours(server, transport, {})).toEqual(theirs)
    const stop: EventOptions = { until: ({ type }) => type === "message_stop" }
    expect((await ours(server, transport, stop)).values).toEqual(theirs.values.slice(0, -1))
  })

  test("Anthropic's error in mid-stream is an event of that type, which its SDK throws", async () => {
    await using server = await StreamServer.start(async (response) => {
      await sendInPieces(response, messages.slice(0, 4).map(named).join("") + named(anthropicError), 20)
      response.end()
    })
    const theirs = await all(await anthropic(server).messages.create({ ...question, max_tokens: 9 }))
    expect(theirs.error).toBeInstanceOf(AnthropicAPIError)
    expect(await ours(server, transport, {})).toEqual({ values: theirs.values, error: anthropicError })
  })

  test("a stream that breaks off is an error, and the prompt is not sent again", async () => {
    await using server = await StreamServer.start(async (response) => {
      await sendInPieces(response, openaiData, 1000)
      response.destroy()
    })
    const { values, error } = await ours(server, transport, { until: "[DONE]" })
    expect(values).toEqual(chunks)
    expect(NoReplyError.is(error) && [error.code, error.message]).toEqual([
      "broken-body",
      expect.stringMatching(/^POST http\S+ → no reply: .*, after 4 events \(last event id: ""\) \(not retried: /),
    ])
    expect(server.requests.length).toBe(1)
  })

  test("an overload before the stream is retried by the client", async () => {
    await using server = await StreamServer.start(
      (response) => response.writeHead(529).end(JSON.stringify(anthropicError)),
      async (response) => {
        await sendInPieces(response, anthropicBody, 100)
        response.end()
      },
    )
    expect((await ours(server, transport, {})).values.length).toBe(6)
    expect(server.requests.length).toBe(2)
  })
})
