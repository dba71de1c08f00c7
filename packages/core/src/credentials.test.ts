import { inspect } from "node:util"
import * as fc from "fast-check"
import { rehearse } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  apiKey,
  basic,
  bearer,
  type CallError,
  type ClientOptions,
  type EventMap,
  fetchTransport,
  type RequestOptions,
  steadfetch,
} from "./index.ts"

const SECRET = 'pl4nted/s3cret+"42"\\x=='

/** Everything of an error that can end up in a log. */
function everything(error: unknown): string {
  const { stack, message } = error as CallError
  return [String(error), message, stack, JSON.stringify(error), inspect(error, { depth: 20 })].join("\n")
}

/** How an echo of the secret can be written. */
const SPELLINGS = [
  SECRET,
  JSON.stringify(SECRET).slice(1, -1),
  JSON.stringify(SECRET).slice(1, -1).replaceAll("/", "\\/"),
  encodeURIComponent(SECRET),
]

function expectClean(text: string): void {
  for (const spelling of SPELLINGS) expect(text).not.toContain(spelling)
  expect(text).not.toContain("s3cret")
}

interface Place {
  readonly where: string
  readonly client?: Omit<ClientOptions, "transport" | "runtime">
  readonly options?: RequestOptions
}

const PLACES: readonly Place[] = [
  { where: "a bearer token", client: { auth: bearer(SECRET) } },
  { where: "a bearer token that is fetched", client: { auth: bearer(async () => SECRET) } },
  { where: "a password", client: { auth: basic("ada", SECRET) } },
  { where: "an API key", client: { auth: apiKey(SECRET) } },
  { where: "an API key in a field of its own", client: { auth: apiKey(SECRET, { header: "X-Custom" }) } },
  { where: "an API key in the query", client: { auth: apiKey(SECRET, { query: "k" }) } },
  { where: "the client's Authorization", client: { headers: { authorization: `Bearer ${SECRET}` } } },
  { where: "the client's query", client: { query: { api_key: SECRET } } },
  { where: "the call's Authorization", options: { headers: { Authorization: `Token ${SECRET}` } } },
  { where: "the call's cookie", options: { headers: { cookie: `theme=dark; sid=${SECRET}; lang=en` } } },
  { where: "the call's X-Api-Key", options: { headers: { "X-Api-Key": SECRET } } },
  { where: "the call's query", options: { query: { page: 2, access_token: SECRET } } },
]

/** What a server can do with a secret: say it in every place that it has. */
function echo(secret: string, status: number) {
  return {
    status,
    parts: {
      headers: {
        "x-request-id": "req-1",
        "x-echo": `you sent ${secret}`,
        "set-cookie": `sid=${secret}`,
        "www-authenticate": `Bearer realm="${secret}"`,
      },
      body: { json: { detail: `bad credential ${secret}`, code: `code-${secret}`, errors: [{ message: secret }], [secret]: [secret] } },
    },
  } // prettier-ignore
}

async function failed({ client, options }: Place, play: (server: ReturnType<typeof rehearse>["server"]) => void) {
  const heard: string[] = []
  const hear = (event: EventMap["call-ended"]): unknown => heard.push(JSON.stringify(event.call), inspect(event.call))
  const { api, server, run } = rehearse({ retry: { attempts: 2 }, ...client, on: { "call-ended": hear } })
  play(server)
  const error = await run(api.get("/users", options).then(undefined, (thrown: unknown) => thrown))
  return { error, heard: heard.join("\n") }
}

describe("no error and no event shows", () => {
  test.each(PLACES)("$where, when the server echoes it", async (place) => {
    for (const status of [400, 401, 422, 503]) {
      const { error, heard } = await failed(place, (server) => {
        const { parts } = echo(SECRET, status)
        server.otherwise.replies(status, parts)
      })
      expect(error).toMatchObject({ status, requestId: "req-1" })
      expectClean(everything(error))
      expectClean(heard)
    }
  })

  test.each(PLACES)("$where, when a text echoes it", async (place) => {
    for (const body of SPELLINGS) {
      const { error } = await failed(place, (server) =>
        server.otherwise.replies(400, { body: `cannot take ${body} here` }),
      )
      expect(error).toMatchObject({ status: 400, body: expect.stringContaining("cannot take") as string })
      expectClean(everything(error))
    }
  })

  test.each(PLACES)("$where, when there is no reply", async (place) => {
    const { error, heard } = await failed(place, (server) => server.otherwise.fails("reset"))
    expect(error).toMatchObject({ name: "NoReplyError" })
    expectClean(everything(error) + heard)
  })

  test.each(PLACES)("$where, when the body is not what was asked for", async (place) => {
    const { api, server, run } = rehearse({ ...place.client })
    server.otherwise.replies(200, { body: `<html>${SECRET}</html>` })
    const error = await run(api.get("/users", place.options).json().catch((thrown: unknown) => thrown)) // prettier-ignore
    expect(error).toMatchObject({ name: "BodyError" })
    expectClean(everything(error))
  })

  test.each(["s3cret42", "s3cret-0123456789abcdef"])(
    "the token %s, whole or in part, that the JSON parser quotes",
    async (token) => {
      const { api, server, run } = rehearse({ auth: bearer(token) })
      server.replies(200, { body: `[${token}]` })
      const error = await run(api.get("/").json().catch((thrown: unknown) => thrown)) // prettier-ignore
      expect(error).toMatchObject({ name: "BodyError" })
      expectClean(everything(error))
    },
  )

  test.each(PLACES)("$where, when the platform's own error names the URL, as Deno's does", async (place) => {
    const deno: typeof fetch = async (input) => {
      const { url } = new Request(input)
      throw new TypeError(`error sending request for url (${url}): connection reset`)
    }
    const transport = fetchTransport({ fetch: deno })
    const api = steadfetch({ baseUrl: "https://api.test", retry: false, ...place.client, transport })
    const error = await api.get("/users", place.options).then(undefined, (thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: "NoReplyError", code: "reset" })
    expectClean(everything(error))
  })

  test("a secret of any letters, wherever the server puts it", async () => {
    const secret = fc.string({ unit: fc.constantFrom(..."abcXYZ019-._~+/=\"\\'<>&%{}[]:, é"), minLength: 12, maxLength: 30 })
      .filter((text) => text.trim() === text && !text.includes(" ")) // prettier-ignore
    const place = fc.constantFrom<(secret: string) => Place>(
      (text) => ({ where: "a token", client: { auth: bearer(text) } }),
      (text) => ({ where: "a key", options: { headers: { "x-api-key": text } } }),
      (text) => ({ where: "the query", options: { query: { token: text } } }),
    )
    await fc.assert(
      fc.asyncProperty(secret, place, fc.constantFrom(400, 500), async (text, at, status) => {
        const { error } = await failed(at(text), (server) => server.otherwise.replies(status, echo(text, status).parts))
        expect(JSON.stringify(error)).not.toContain(JSON.stringify(text).slice(1, -1))
        expect((error as Error).message).not.toContain(text)
      }),
    )
  })
})
