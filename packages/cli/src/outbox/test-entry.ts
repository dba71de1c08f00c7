import type { Entry, EntryQuery, LastSending, Outbox } from "@steadfetch/outbox"

/** The instant of all that happens in a test. */
export const NOW = Date.UTC(2026, 10, 30)

export function testEntry(parts: Partial<Entry> = {}): Entry {
  return {
    id: "0199c2a4-7b3e-7abc-8def-000000000001",
    state: "waiting",
    version: 1,
    method: "POST",
    url: "https://api.example.com/payments",
    origin: "https://api.example.com",
    key: undefined,
    orderingKey: undefined,
    afterRejection: "hold",
    priority: 0,
    addedAt: new Date(NOW - 60_000),
    changedAt: new Date(NOW - 60_000),
    dueAt: new Date(NOW),
    expiresAt: new Date(NOW + 3_600_000),
    tries: 0,
    headers: [["content-type", "application/json"]],
    bodyBytes: undefined,
    idempotencyKey: "k-1",
    waitingFor: undefined,
    last: undefined,
    body: async () => undefined,
    ...parts,
  }
}

export function testSending(parts: Partial<LastSending> = {}): LastSending {
  return {
    kind: "client-error",
    at: new Date(NOW - 5000),
    status: 422,
    statusName: "Unprocessable Content",
    message: "amount must be positive",
    code: undefined,
    requestId: undefined,
    retryAt: undefined,
    headers: {},
    body: undefined,
    isBodyCut: false,
    why: "the API refused it",
    ...parts,
  }
}

/** Of an outbox, lists alone; `asked` counts them. */
export function testLists(entries: readonly Entry[]): Pick<Outbox, "list"> & { readonly asked: () => number } {
  const newestFirst = entries.toSorted((one, other) => (one.id < other.id ? 1 : -1))
  let asked = 0
  return {
    asked: () => asked,
    async list({ states, after, limit = 100 }: EntryQuery = {}) {
      asked++
      return newestFirst
        .filter(
          ({ id, state }) => (after === undefined || id < after) && (states === undefined || states.includes(state)),
        )
        .slice(0, limit)
    },
  }
}
