import type { CallOutcome } from "steadfetch"
import type { Stop } from "./stop.ts"

/** Every kind of answer in the contract, one call each. */
export const STOPS: readonly Stop[] = [
  {
    title: "200 OK: the orders",
    call: ({ api }) => api.get("/orders"),
    ends: "success",
    attempts: [200],
    lesson: "2xx: received, understood and accepted.",
  },
  {
    title: "201 Created: a new order",
    call: ({ api }) => api.post("/orders", { json: { items: [{ sku: "TEA-250", quantity: 2, unitPriceCents: 450 }] } }),
    ends: "success",
    attempts: [201],
    proof: (outcome) => (location(outcome) === undefined ? "created.location is missing" : undefined),
    lesson: "The new resource is at reply.created.location, resolved to an absolute URL.",
  },
  {
    title: "204 No Content: an order deleted",
    call: ({ api, id }) => api.delete("/orders/{id}", { path: { id } }),
    ends: "success",
    attempts: [204],
    lesson: "No body, so .json() gives undefined instead of failing.",
  },
  {
    title: "400 Bad Request: a field is wrong",
    call: ({ api }) => api.post("/orders", { json: { items: [{ sku: "tea", quantity: 0, unitPriceCents: 450 }] } }),
    ends: "client-error",
    attempts: [400],
    proof: saysWhy,
    lesson: "4xx: the same request would get the same answer, so it is sent once. The error says what to correct.",
  },
  {
    title: "401 Unauthorized: no credentials",
    call: ({ api }) => api.get("/orders", { auth: false }),
    ends: "client-error",
    attempts: [401],
    proof: saysWhy,
    lesson: "Sent once: without credentials the answer stays the same.",
  },
  {
    title: "401 Unauthorized: the token has expired, and can be renewed",
    call: ({ renewing }) => renewing.get("/orders"),
    ends: "success",
    attempts: [401, 200],
    lesson: "With fresh credentials it is another request: sent again, once. Concurrent calls share one renewal.",
  },
  {
    title: "403 Forbidden: another customer's order",
    call: ({ api, othersId }) => api.get("/orders/{id}", { path: { id: othersId } }),
    ends: "client-error",
    attempts: [403],
    proof: saysWhy,
    lesson: "Sent once: the server knows who is asking, and refuses.",
  },
  {
    title: "404 Not Found: no such order",
    call: ({ api }) => api.get("/orders/{id}", { path: { id: "00000000-0000-4000-8000-000000000000" } }),
    ends: "client-error",
    attempts: [404],
    proof: saysWhy,
    lesson: "Sent once: what is not there will not be there in a second.",
  },
  {
    title: "429 Too Many Requests: come back in a second",
    trouble: { field: "429;times=1;retry-after=1", words: "429 with Retry-After: 1, once" },
    call: ({ api }) => api.get("/orders"),
    ends: "success",
    attempts: [429, 200],
    proof: (outcome) => waitedAtLeast(1000, outcome),
    lesson: "A 4xx for which the server itself names a time is repeated then, and not earlier.",
  },
  {
    title: "500 Internal Server Error, once",
    trouble: { field: "500;times=1", words: "500, once" },
    call: ({ api }) => api.get("/orders"),
    ends: "success",
    attempts: [500, 200],
    lesson: "5xx: the request may be right and the server is not, so it is repeated after a random delay.",
  },
  {
    title: "502 Bad Gateway, twice, on a POST",
    trouble: { field: "502;times=2", words: "502, twice" },
    call: ({ api, order }) => api.post("/orders", { json: order }),
    ends: "success",
    attempts: [502, 502, 201],
    lesson: "The delays' range doubles. Each attempt carries the same Idempotency-Key, so a repeated POST is safe.",
  },
  {
    title: "503 Service Unavailable: back in a second",
    trouble: { field: "503;times=1;retry-after=1", words: "503 with Retry-After: 1, once" },
    call: ({ api }) => api.get("/orders"),
    ends: "success",
    attempts: [503, 200],
    proof: (outcome) => waitedAtLeast(1000, outcome),
    lesson: "Retry-After is a floor: jitter comes on top, so that not all clients return at the same instant.",
  },
  {
    title: "503 Service Unavailable: back later than we can wait",
    trouble: { field: "503;retry-after=120", words: "503 with Retry-After: 120" },
    call: ({ api }) => api.get("/orders", { deadline: 2500 }),
    ends: "server-error",
    attempts: [503],
    proof: (outcome) => ("retryAt" in outcome && outcome.retryAt !== undefined ? undefined : "retryAt is missing"),
    lesson: "Waiting is pointless, so the call ends at once. error.retryAt says when to come back.",
  },
  {
    title: "No reply: nothing listens there",
    call: ({ absent }) => absent.get("/orders", { retry: { attempts: 3 } }),
    ends: "no-reply",
    attempts: ["refused", "refused", "refused"],
    lesson: "A server that cannot be reached is treated like 5xx. Every attempt is in error.attempts.",
  },
  {
    title: "No reply: the order was stored, then the connection dropped",
    trouble: { field: "drop;times=1;when=after", words: "store the order, then cut the connection, once" },
    call: ({ api, order }) => api.post("/orders", { json: { ...order, note: "only once" } }),
    ends: "success",
    attempts: ["reset", 201],
    proof: async (_, { quiet }) => {
      const orders = await quiet.get("/orders", { query: { limit: 100 } }).json<{ readonly note?: string }[]>()
      const stored = orders.filter(({ note }) => note === "only once").length
      return stored === 1 ? undefined : `the order had to be stored once, and was stored ${stored} times`
    },
    lesson: "The Idempotency-Key told the server that it was the same order. It exists once.",
  },
  {
    title: "No reply in time: the server is slow",
    trouble: { field: "slow;delay-ms=3000", words: "an answer that takes 3 s" },
    call: ({ api }) => api.get("/orders", { timeout: { attemptMs: 200 }, retry: { attempts: 2 } }),
    ends: "no-reply",
    attempts: ["timeout", "timeout"],
    lesson: "Each attempt has a limit of its own (20 s unless you say otherwise), and the call a deadline (60 s).",
  },
  {
    title: "Half a reply: the body breaks off",
    call: ({ broken }) => broken.get("/report"),
    ends: "success",
    attempts: ["broken-body", 200],
    lesson: "Half a body is no reply, whatever its status said. You get all of it or an error.",
  },
]

function location(outcome: CallOutcome): string | undefined {
  return outcome.kind === "success" ? outcome.created?.location : undefined
}

function saysWhy(outcome: CallOutcome): string | undefined {
  const said = outcome.kind === "client-error" ? outcome.error.serverMessage : undefined
  return said === undefined ? "the server's explanation is missing" : undefined
}

function waitedAtLeast(leastMs: number, outcome: CallOutcome): string | undefined {
  const waitMs = outcome.attempts[0]?.waitMs ?? 0
  return waitMs >= leastMs ? undefined : `it had to wait ${leastMs} ms, and waited ${waitMs} ms`
}
