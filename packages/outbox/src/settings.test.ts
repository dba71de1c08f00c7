import { rehearse } from "@steadfetch/testing"
import { ConfigurationError } from "steadfetch"
import { expect, test } from "vitest"
import { openOutbox } from "./open-outbox.ts"
import type { OutboxOptions } from "./settings.ts"
import { TestStore } from "./test-store.ts"

test.each<[string, object, string]>([
  ["an unknown option", { retries: 3 }, 'openOutbox: no option "retries"; there is api, store, concurrency'],
  ["no client", { api: undefined }, "api.request: null; give a function"],
  ["a URL for a client", { api: "https://api.test" }, "api.request: null; give a function"],
  ["a path for a store", { store: "outbox.db" }, 'store: a string; give a store: sqlite("outbox.db")'],
  ["a concurrency of 0", { concurrency: { total: 0 } }, "concurrency.total: 0; give a number from 1"],
  ["half a concurrency", { concurrency: { perOrigin: 1.5 } }, "concurrency.perOrigin: 1.5; give a whole number"],
  ["a number for concurrency", { concurrency: 8 }, "concurrency: 8; give { total, perOrigin }"],
  ["no pace", { perSecond: 0 }, "perSecond: 0; give a number from 0.001"],
  [
    "a backoff that shrinks",
    { backoff: { baseMs: 10, maxMs: 5 } },
    "backoff.baseMs: 10, above maxMs (5); give a smaller one",
  ],
  ["a negative backoff", { backoff: { baseMs: -1 } }, "backoff.baseMs: -1"],
  ["an endless lifetime", { lifetimeMs: Infinity }, "lifetimeMs (ms): Infinity"],
  ["an unknown time to keep", { keep: { waitingMs: 1 } }, 'keep: no option "waitingMs"; there is deliveredMs'],
  ["a limit that is none", { limits: { entries: Number.NaN } }, "limits.entries: NaN"],
  ["what follows", { afterRejection: "stop" }, 'afterRejection: "stop"; give "hold" or "skip"'],
  ["a text for a key", { encryption: { key: "secret" } }, "encryption.key: a string; give 32 random bytes"],
  ["an unknown event", { on: { sent: () => {} } }, 'on: no option "sent"; there is delivered, rejected'],
  ["no listener", { on: { delivered: "log" } }, 'on.delivered: "log"; give a function'],
])("is refused with the fix: %s", async (_, options, message) => {
  const { api } = rehearse()
  const store = new TestStore()
  const opening = openOutbox({ api, store, ...options } as OutboxOptions)
  await expect(opening).rejects.toThrow(message)
  await expect(opening).rejects.toBeInstanceOf(ConfigurationError)
  expect(store.calls["open"]).toBeUndefined()
})

test("what the store says when it is opened is passed on", async () => {
  const { api } = rehearse()
  const store = new TestStore()
  const newer = new Error("newer")
  store.failures.push({ method: "open", error: newer })
  await expect(openOutbox({ api, store })).rejects.toBe(newer)
})
