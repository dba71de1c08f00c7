import { failure, steadfetch, StreamedBody, type Exchange, type Failure, type Outcome, type Reading } from "steadfetch"
import { expect, test } from "vitest"
import { buffering } from "./buffering.ts"

const LIMIT = 10

interface Given {
  readonly headers?: [string, string][]
  readonly pieces: readonly (string | Failure)[]
}

/** A client whose transport streams these replies one after the other. */
function calling(reading: Reading, ...replies: readonly Given[]) {
  const left = [...replies]
  const send = async (exchange: Exchange): Promise<Outcome> => {
    expect(exchange.reading).toBe("stream")
    const { headers = [], pieces } = left.shift() ?? { pieces: [] }
    const body = new StreamedBody(streamOf(pieces), exchange.watch, (error) => error as Failure)
    return { kind: "reply", status: 200, url: undefined, headers: new Headers(headers), body }
  }
  const transport = buffering({ send, close: async () => {} }, LIMIT)
  return steadfetch({ transport, retry: { baseMs: 0 } })
    .get("https://api.example.com/")
    .outcome({ reading })
}

function streamOf(pieces: readonly (string | Failure)[]): ReadableStream<Uint8Array> {
  const left = [...pieces]
  return new ReadableStream({
    pull(controller) {
      const piece = left.shift()
      if (piece === undefined) controller.close()
      else if (typeof piece === "string") controller.enqueue(new TextEncoder().encode(piece))
      else controller.error(piece)
    },
  })
}

const broken = failure("broken-body", "scripted")

test("a small body that breaks off is fetched again", async () => {
  const outcome = await calling("buffer", { pieces: ["half", broken] }, { pieces: ["who", "le"] })
  expect(outcome.kind === "success" ? await outcome.text() : outcome.kind).toBe("whole")
  expect(outcome.attempts).toHaveLength(2)
})

test("a body above the limit is handed over as it comes, complete", async () => {
  const outcome = await calling("buffer", { pieces: ["12345", "67890", "abc", "def"] })
  expect(outcome.kind === "success" ? await outcome.text() : outcome.kind).toBe("1234567890abcdef")
})

test("a body above the limit that breaks off ends its stream with an error and is not fetched again", async () => {
  const outcome = await calling("buffer", { pieces: ["12345", "67890", "abc", broken] }, { pieces: ["never"] })
  if (outcome.kind !== "success") throw new TypeError(outcome.kind)
  await expect(outcome.text()).rejects.toThrow("scripted")
  expect(outcome.attempts).toHaveLength(1)
})

test.each([
  ["a body whose length is above the limit", ["content-length", "11"]],
  ["an event stream", ["content-type", "text/event-stream; charset=utf-8"]],
] as [string, [string, string]][])("%s is handed over at its headers", async (_, header) => {
  const outcome = await calling("buffer", { headers: [header], pieces: [broken] })
  expect(outcome).toMatchObject({ kind: "success", attempts: [{ status: 200 }] })
})

test("whoever asks for a stream gets one, however small the body", async () => {
  const outcome = await calling("stream", { pieces: [broken] })
  expect(outcome.kind).toBe("success")
})

test("cancelling what was handed over cancels the connection's stream", async () => {
  const outcome = await calling("buffer", { pieces: ["1234567890", "abc", "never read"] })
  if (outcome.kind !== "success") throw new TypeError(outcome.kind)
  const reader = outcome.stream().getReader()
  await reader.read()
  await expect(reader.cancel()).resolves.toBeUndefined()
})
