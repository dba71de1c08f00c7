import { randomUUID } from "node:crypto"
import { Client, Pool } from "pg"
import { postgres, type PostgresOptions } from "@steadfetch/outbox/postgres"
import type { Claimed, ClaimRequest, Conclusion, NewEntry, Store } from "@steadfetch/outbox"
import type { PostgresServer } from "../servers/postgres.ts"

/** The instant of all that happens in a test but for what it says: the store takes the caller's word for the time. */
export const NOW = Date.UTC(2026, 10, 30)

export function entry(parts: Partial<NewEntry> = {}): NewEntry {
  return {
    id: randomUUID(),
    origin: "https://api.example.com",
    key: undefined,
    orderingKey: undefined,
    afterRejection: "hold",
    priority: 0,
    addedAt: NOW,
    dueAt: NOW,
    expiresAt: NOW + 86_400_000,
    content: new TextEncoder().encode("content"),
    body: undefined,
    ...parts,
  }
}

export function request(parts: Partial<ClaimRequest> = {}): ClaimRequest {
  return { at: NOW, leaseUntil: NOW + 60_000, most: 100, room: () => 100, ...parts }
}

export function end(state: Conclusion["state"], parts: Partial<Conclusion> = {}): Conclusion {
  return { at: NOW, state, dueAt: NOW, tries: 1, result: undefined, ...parts }
}

export async function openStore(
  server: PostgresServer,
  options: PostgresOptions = {},
): Promise<Store & AsyncDisposable> {
  const own = options.pool === undefined ? { connectionString: server.connectionString } : {}
  const store = postgres({ ...own, ...options })
  await store.open()
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() })
}

/** A connection of a user's own. */
export async function connected(connectionString: string): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString })
  // The servers of these tests go away.
  client.on("error", () => {})
  await client.connect()
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() })
}

/** A pool of a user's own. */
export function pooled(connectionString: string): Pool & AsyncDisposable {
  const pool = new Pool({ connectionString })
  // Its last connections may outlive its end for a moment, and the server with it.
  pool.on("error", () => {})
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.end() })
}

export const idsOf = (claimed: readonly Claimed[]): string[] => claimed.map((one) => one.entry.id)

/** A number that a test waits for; whoever raises it wakes those who wait. */
export class Count {
  value = 0
  readonly #waiting = new Set<() => void>()

  raise(): void {
    this.value++
    for (const wake of this.#waiting) wake()
  }

  async reaches(value: number): Promise<void> {
    while (this.value < value) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#waiting.add(resolve)
      await promise
      this.#waiting.delete(resolve)
    }
  }
}
