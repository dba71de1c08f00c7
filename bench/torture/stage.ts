import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sqlite } from "@steadfetch/outbox"
import { Client } from "pg"
import { startPostgres } from "../../e2e/servers/postgres.ts"
import { startRedis } from "../../e2e/servers/redis.ts"
import type { Victim } from "./actor.ts"
import type { Place } from "./task.ts"

/** A place for entries of its own, and how it is looked through afterwards. */
export interface Stage extends AsyncDisposable {
  readonly place: Place
  /** The server that keeps them, where there is one. */
  readonly server: Victim | undefined
  /** Opens what was left, and looks through all of it. Resolves to what is wrong. */
  check(): Promise<readonly string[]>
}

export const stages: Readonly<Record<Place["kind"], () => Promise<Stage>>> = {
  sqlite: onSqlite,
  postgres: onPostgres,
  redis: onRedis,
}

async function onSqlite(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "torture-"))
  const address = join(folder, "outbox.db")
  return {
    place: { kind: "sqlite", address },
    server: undefined,
    async check() {
      const store = sqlite(address)
      await store.open()
      const problems = await store.check()
      await store.close()
      return problems
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

async function onPostgres(): Promise<Stage> {
  const server = await startPostgres()
  return {
    place: { kind: "postgres", address: server.connectionString },
    server: victim(server),
    check: () => problemsInPostgres(server.connectionString),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** Each index beside its table (amcheck), and tickets that no entry has. */
async function problemsInPostgres(connectionString: string): Promise<readonly string[]> {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    await client.query("CREATE EXTENSION IF NOT EXISTS amcheck")
    await client.query(
      `SELECT bt_index_check(index.oid, true) FROM pg_class index JOIN pg_namespace n ON n.oid = relnamespace
       JOIN pg_am ON pg_am.oid = relam AND amname = 'btree' WHERE nspname = 'steadfetch_outbox' AND relkind = 'i'`,
    )
    const { rows } = await client.query("SELECT count(*)::int AS left FROM steadfetch_outbox.job")
    const left = Number(rows[0]?.left)
    return left === 0 ? [] : [`${left} tickets are left of entries that were delivered`]
  } catch (error) {
    return [String(error)]
  } finally {
    await client.end()
  }
}

async function onRedis(): Promise<Stage> {
  const server = await startRedis()
  return {
    place: { kind: "redis", address: server.path },
    server: victim(server),
    // It reads its whole append-only file when it starts, and does not start when that is damaged.
    async check() {
      await server.kill()
      await server.start()
      return []
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function victim(server: { kill(): Promise<void>; start(): Promise<void> }): Victim {
  return { kind: "server", ready: async () => {}, kill: () => server.kill(), begin: () => server.start() }
}
