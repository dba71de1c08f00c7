import { seededRandom } from "@steadfetch/testing"

/** A small answer as APIs give it. */
export const SMALL = {
  id: 7,
  name: "Ada Lovelace",
  email: "ada@example.com",
  roles: ["owner", "billing"],
  active: true,
  created: "2026-01-02T03:04:05Z",
}

/** How long the large answer is. */
export const LARGE_BYTES = 1 << 20

/** How long the slow path takes, in milliseconds. */
export const SLOW_MS = 50

/** The share of the unreliable path's answers that are a 503. */
export const FAILING_SHARE = 0.2

/** The path of each kind of answer, without the leading slash. */
export const paths = { small: "small", large: "large", unreliable: "unreliable", slow: "slow" } as const

const json = reply("200 OK", "application/json; charset=utf-8", Buffer.from(JSON.stringify(SMALL)))
const large = reply("200 OK", "application/octet-stream", Buffer.alloc(LARGE_BYTES, "steadfetch"))
// Without a body, so that a client that leaves bodies of failures unread does not run out of connections here.
const unavailable = reply("503 Service Unavailable", "application/json", Buffer.alloc(0), "retry-after: 0\r\n")

// By chance: a client whose calls go in step would hit every fifth answer with the same call again and again.
const random = seededRandom(1)

/** Answers a request as a whole message. */
export function answer(request: string, send: (message: Buffer) => void): void {
  switch (request) {
    case `GET /${paths.small}`:
    case `POST /${paths.small}`:
      return send(json)
    case `GET /${paths.large}`:
      return send(large)
    case `GET /${paths.unreliable}`:
      return send(random() < FAILING_SHARE ? unavailable : json)
    case `GET /${paths.slow}`:
      setTimeout(() => send(json), SLOW_MS)
      return
    default:
      throw new Error(`no answer to ${request}`)
  }
}

function reply(status: string, mediaType: string, body: Buffer, more = ""): Buffer {
  const head = `HTTP/1.1 ${status}\r\ncontent-type: ${mediaType}\r\ncontent-length: ${body.length}\r\n${more}date: ${new Date().toUTCString()}\r\nconnection: keep-alive\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}
