import type { ReadableSpan } from "@opentelemetry/sdk-trace"
import { rehearse, testRuntime } from "@steadfetch/testing"
import * as fc from "fast-check"
import { apiKey, basic, bearer, breaker, createFetch, dropIn, fallback, hedge, pace, throttle } from "steadfetch"
import { expect, test } from "vitest"
import { telemetry } from "./index.ts"
import { observed } from "./observed.ts"

/** Long enough to be one, and in no other text by chance. */
const secret = fc.stringMatching(/^[A-Za-z0-9+/=~. %&"\\-]{4,20}$/).map((text) => `pl4nted${text}pl4nted`)

const credentials = fc.constantFrom("bearer", "basic", "header", "query", "none")

function auth(kind: string, planted: string) {
  if (kind === "bearer") return bearer(() => planted)
  if (kind === "basic") return basic("ada", planted)
  if (kind === "header") return apiKey(planted)
  return kind === "query" ? apiKey(planted, { query: "k" }) : undefined
}

/** What the server makes of it: most servers that fail quote the request. */
const answer = fc.record({
  status: fc.constantFrom(200, 302, 400, 401, 404, 429, 500, 503, 0, 1),
  delayMs: fc.constantFrom(0, 50),
})

async function exported(sdk: ReturnType<typeof observed>): Promise<string> {
  const plain = ({ name, attributes, events, status, links }: ReadableSpan) => ({
    name,
    attributes,
    events,
    status,
    links,
  })
  return JSON.stringify([sdk.spans().map(plain), await sdk.metrics()])
}

function expectNone(text: string, planted: string): void {
  for (const form of [planted, encodeURIComponent(planted), new URLSearchParams({ "": planted }).toString().slice(1), "pl4nted"])
    expect(text).not.toContain(form)
} // prettier-ignore

test("a secret in URL, header, body, reply or error is in nothing that is exported", () =>
  fc.assert(
    fc.asyncProperty(secret, credentials, fc.array(answer, { minLength: 1, maxLength: 6 }), async (planted, kind, answers) => {
      const sdk = observed()
      const given = auth(kind, planted)
      const { api, server, run } = rehearse({
        ...(given === undefined ? {} : { auth: given }),
        retry: { baseMs: 10, attempts: 4 },
        add: [
          fallback({ with: () => ({ json: planted }) }),
          hedge({ afterMs: 20 }),
          breaker({ minAttempts: 2, key: ({ headers }) => headers.find(([name]) => name === "x-token")?.[1] ?? "" }),
          throttle(),
          pace(),
          telemetry(sdk.providers),
        ],
      })
      const headers = { location: `/b?token=${encodeURIComponent(planted)}`, "x-echo": encodeURIComponent(planted), "retry-after": "1" }
      for (const { status, delayMs } of answers) {
        if (status === 0) server.throws(new Error(`no way: ${planted}`))
        else if (status === 1) server.fails("reset", { delayMs })
        else server.replies(status, { headers, body: planted, delayMs })
      }
      server.otherwise.replies(200, { body: planted })
      const options = {
        headers: { "x-token": encodeURIComponent(planted), cookie: `sid=${encodeURIComponent(planted)}` },
        query: { access_token: planted, sig: planted, note: encodeURIComponent(planted) },
        json: { planted },
      }
      for (let calls = 0; calls < 3; calls++) await run(api.put(`/{a}?token=${encodeURIComponent(planted)}`, { ...options, path: { a: "a" } }).outcome().catch(() => {}))
      expectNone(await exported(sdk), planted)
      expect(sdk.spans().length).toBeGreaterThan(3)
    }),
    { numRuns: 150 },
  )) // prettier-ignore

test("nor is one that the drop-in fetch was given", () =>
  fc.assert(
    fc.asyncProperty(secret, fc.constantFrom(200, 401, 503, 0, 1), async (planted, status) => {
      const sdk = observed()
      const runtime = testRuntime()
      const platform = async (): Promise<Response> => {
        if (status === 0) throw new TypeError("fetch failed", { cause: Object.assign(new Error(planted), { code: "ECONNRESET" }) })
        if (status === 1) throw new RangeError(planted)
        return new Response(planted, { status })
      }
      const policies = [...dropIn(), breaker({ minAttempts: 1 }), telemetry(sdk.providers)]
      const fetch = createFetch({ policies, runtime, fetch: platform })
      const init = { method: "POST", body: planted, headers: { authorization: `Bearer ${encodeURIComponent(planted)}` } }
      const url = `https://ada:${encodeURIComponent(planted)}@api.test/a?api_key=${encodeURIComponent(planted)}#${encodeURIComponent(planted)}`
      await runtime.clock.runUntil(fetch(url, init).catch(() => {}))
      expectNone(await exported(sdk), planted)
      expect(sdk.spans().length).toBeGreaterThan(1)
    }),
    { numRuns: 60 },
  )) // prettier-ignore
