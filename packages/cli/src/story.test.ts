import { virtualClock } from "@steadfetch/testing"
import { failure, steadfetch, systemClock, WholeBody, type Outcome } from "steadfetch"
import { expect, test } from "vitest"
import { attemptLine, effort, saidLine, waitLine } from "./story.ts"
import { plain, type Paint } from "./paint.ts"
import { recordedOutput } from "./test-surroundings.ts"
import { Storyteller } from "./storyteller.ts"

function reply(status: number, body = "", headers: Record<string, string> = {}): Outcome {
  const bytes = new TextEncoder().encode(body)
  return { kind: "reply", status, url: undefined, headers: new Headers(headers), body: new WholeBody(bytes) }
}

/** The story of a call with these ends of its attempts, durations made equal. */
async function told(outcomes: readonly Outcome[], isTerminal = false, token?: string): Promise<string> {
  const { output, text } = recordedOutput(isTerminal)
  const left = [...outcomes]
  const send = async (): Promise<Outcome> => left.shift() ?? reply(200)
  const on = new Storyteller(output, systemClock).listeners
  const client = steadfetch({ transport: { send, close: async () => {} }, retry: { baseMs: 0 }, on })
  const headers = token === undefined ? {} : { authorization: token }
  await client.get("https://api.example.com/users?api_key=hidden", { headers }).outcome()
  return text().replace(/\b\d+ ms\b/g, "N ms")
}

test("each attempt has its line, with what the server said and why it waits when it is repeated", async () => {
  const story = await told([reply(503, '{"detail":"closed until noon"}'), reply(200)])
  expect(story).toBe(
    [
      "GET https://api.example.com/users?api_key=REDACTED",
      "  1  503 Service Unavailable  N ms",
      "     the server says: closed until noon",
      "     waits N ms: backoff",
      "  2  200 OK  N ms",
      "",
    ].join("\n"),
  )
})

test("the results of ten attempts stand below each other", async () => {
  const lines = (await told(Array.from({ length: 10 }, () => failure("reset", "hang up")))).split("\n")
  const places = lines.map((line) => line.indexOf("no reply")).filter((place) => place >= 0)
  expect(places).toHaveLength(10)
  expect(new Set(places).size).toBe(1)
})

test("no reply says its kind and why", async () => {
  expect(await told([failure("reset", "socket hang up"), reply(200)])).toContain(
    "  1  no reply (reset): socket hang up  N ms\n",
  )
})

test("a redirect's next attempt says where it went", async () => {
  const moved = reply(302, "", { location: "https://api.example.com/people" })
  expect(await told([moved, reply(200)])).toContain("  2  200 OK  N ms  GET https://api.example.com/people\n")
})

test("a credential that the server repeats is not repeated again", async () => {
  const story = await told([reply(503, "bad token sesame-open-up"), reply(200)], false, "Bearer sesame-open-up")
  expect(story).toContain("the server says: bad token REDACTED")
  expect(story).not.toContain("sesame")
})

test("a terminal shows an attempt from its start and then overwrites that line", async () => {
  expect(await told([reply(200)], true)).toContain("  1  sent, no answer yet\u001b[K\r\u001b[K  1  200 OK")
})

test("statuses wear the colour of their class", async () => {
  const marked: Paint = (style, text) => `<${style}>${text}`
  const outcome = await steadfetch({
    transport: { send: async () => reply(404), close: async () => {} },
    on: {
      "attempt-ended": ({ call, attempt }) => {
        expect(attemptLine(call, attempt, marked)).toContain("<yellow>404 Not Found")
      },
    },
  })
    .get("https://api.example.com/")
    .outcome()
  expect(outcome.kind).toBe("client-error")
  expect.assertions(2)
})

test("a server without words says nothing", async () => {
  const record = { redact: (text: string) => text } as Parameters<typeof saidLine>[0]
  expect(saidLine(record, reply(503), plain)).toBeUndefined()
  expect(saidLine(record, failure("refused", "x"), plain)).toBeUndefined()
})

test("waits and efforts read well", () => {
  expect(waitLine(1234, "the server asked for 1 s", plain)).toBe("     waits 1.2 s: the server asked for 1 s")
  expect(effort([], 5)).toBe("0 attempts in 5 ms")
})

/** What a terminal shows, one text after the other, of a call whose attempts take as long as said. */
async function moving(isTerminal: boolean): Promise<{ readonly shown: string; readonly pending: number }> {
  const { output, text } = recordedOutput(isTerminal)
  const clock = virtualClock()
  const replies = [reply(503, "", { "retry-after": "3" }), reply(200)]
  const send = (): Promise<Outcome> =>
    new Promise((resolve) => void clock.after(2500, () => resolve(replies.shift() ?? reply(200))))
  const on = new Storyteller(output, clock).listeners
  const client = steadfetch({ transport: { send, close: async () => {} }, runtime: { clock, random: () => 0 }, on })
  const ended = client.get("https://api.example.com/").outcome()
  await clock.advance(20_000)
  await ended
  return { shown: text(), pending: clock.pending }
}

test("a terminal sees how long an attempt takes, and when the next one comes", async () => {
  const { shown, pending } = await moving(true)
  const times = [...new Set(shown.split(/[\r\n]/).map((line) => line.replace("\u001b[K", "")))]
  expect(times).toEqual(
    expect.arrayContaining([
      "  1  sent, no answer yet",
      "  1  sent, no answer yet, 1 s",
      "  1  sent, no answer yet, 2 s",
      "     next attempt in 3 s",
      "     next attempt in 1 s",
      "  2  sent, no answer yet, 2 s",
    ]),
  )
  expect(shown).toMatch(/ {2}2 {2}200 OK {2}2\.5 s\n$/)
  expect(pending).toBe(0)
})

test("elsewhere nothing moves", async () => {
  expect((await moving(false)).shown).not.toMatch(/no answer yet|next attempt|\r/)
})
