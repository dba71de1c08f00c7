import { Client } from "pg"
import { afterAll, beforeAll } from "vitest"
import { postgres } from "@steadfetch/outbox/postgres"
import { storeContract } from "../../packages/outbox/src/store-contract/index.ts"
import { INSTALLING_POSTGRES_MS, startPostgres, type PostgresServer } from "../servers/postgres.ts"

let server: PostgresServer
let cleaning: Client

beforeAll(async () => {
  server = await startPostgres()
  cleaning = new Client({ connectionString: server.connectionString })
  await cleaning.connect()
}, INSTALLING_POSTGRES_MS)

afterAll(async () => {
  await cleaning.end()
  await server[Symbol.asyncDispose]()
}, INSTALLING_POSTGRES_MS)

storeContract("PostgreSQL", async () => {
  let now = Date.UTC(2026, 10, 30)
  return {
    async open() {
      const store = postgres({ connectionString: server.connectionString, connections: 3 })
      await store.open()
      return store
    },
    // What is due is told by the caller's clock; only notifications take real time.
    time: {
      now: () => now,
      async pass(ms) {
        now += ms
        await new Promise((resolve) => setTimeout(resolve, 5))
      },
      stepMs: 1_000,
      isReal: false,
    },
    async remove() {
      const tables = ["outbox_entry", "outbox_body", "outbox_tally", "job"]
      for (const table of tables) await cleaning.query(`DELETE FROM steadfetch_outbox.${table}`)
    },
  }
})
