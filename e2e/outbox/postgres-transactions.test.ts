import { afterAll, beforeAll, expect, test } from "vitest"
import { INSTALLING_POSTGRES_MS, startPostgres, type PostgresServer } from "../servers/postgres.ts"
import { connected, Count, end, entry, idsOf, openStore, pooled, request } from "./postgres-stage.ts"

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
}, INSTALLING_POSTGRES_MS)

afterAll(() => server[Symbol.asyncDispose](), INSTALLING_POSTGRES_MS)

/** How many rows of the user's own, of entries and of tickets are there. */
async function rows(schema: string): Promise<unknown> {
  await using client = await connected(server.connectionString)
  const count = (table: string): string => `(SELECT count(*)::int FROM ${table})`
  const sql = `SELECT ${count("orders")} AS orders, ${count(`${schema}.outbox_entry`)} AS entries,
    ${count(`${schema}.outbox_body`)} AS bodies, ${count(`${schema}.job`)} AS tickets`
  return (await client.query(sql)).rows[0]
}

async function userWithOrders() {
  const user = await connected(server.connectionString)
  await user.query("CREATE TABLE IF NOT EXISTS orders (id int)")
  await user.query("TRUNCATE orders")
  await user.query("BEGIN")
  await user.query("INSERT INTO orders VALUES (17)")
  return user
}

const body = new TextEncoder().encode("body")

test("an entry added in the user's transaction is there with the user's own rows once it commits, not before", async () => {
  await using store = await openStore(server, { schema: "committed" })
  await using user = await userWithOrders()
  const added = await store.add([entry({ key: "k", body })], user)
  expect(added.map(({ isNew }) => isNew)).toEqual([true])
  expect(await rows("committed")).toEqual({ orders: 0, entries: 0, bodies: 0, tickets: 0 })
  expect((await store.claim(request())).claimed).toEqual([])
  await user.query("COMMIT")
  expect(await rows("committed")).toEqual({ orders: 1, entries: 1, bodies: 1, tickets: 1 })
  expect(idsOf((await store.claim(request())).claimed)).toEqual([added[0]?.entry.id])
})

test("a rollback of the user's transaction leaves neither entry nor ticket, and its key is free", async () => {
  await using store = await openStore(server, { schema: "rolled_back" })
  await using user = await userWithOrders()
  await store.add([entry({ key: "k", body }), entry({ orderingKey: "line" })], user)
  await user.query("ROLLBACK")
  expect(await rows("rolled_back")).toEqual({ orders: 0, entries: 0, bodies: 0, tickets: 0 })
  expect(await store.counts()).toEqual([])
  expect((await store.add([entry({ key: "k" })]))[0]?.isNew).toBe(true)
})

test("a user who dies within the transaction leaves nothing", async () => {
  await using store = await openStore(server, { schema: "died" })
  const user = await userWithOrders()
  const { rows: backends } = await user.query("SELECT pg_backend_pid() AS pid")
  await store.add([entry({ key: "k" })], user)
  await using other = await connected(server.connectionString)
  await other.query("SELECT pg_terminate_backend($1)", [backends[0]?.pid])
  // It waits for the key until the transaction that had it is gone.
  expect((await store.add([entry({ key: "k" })]))[0]?.isNew).toBe(true)
  expect(await rows("died")).toEqual({ orders: 0, entries: 1, bodies: 0, tickets: 1 })
})

test("a large body of a stream is part of the user's transaction", async () => {
  await using store = await openStore(server, { schema: "streamed" })
  await using user = await userWithOrders()
  const pieces = async function* () {
    for (let piece = 0; piece < 5; piece++) yield new Uint8Array(700_000).fill(piece)
  }
  const [added] = await store.add([entry({ body: pieces() })], user)
  await user.query("COMMIT")
  expect(added?.entry.bodyBytes).toBe(3_500_000)
  expect(await rows("streamed")).toEqual({ orders: 1, entries: 1, bodies: 4, tickets: 1 })
})

test("who listens is told when the user commits", async () => {
  await using store = await openStore(server, { schema: "told" })
  const told = new Count()
  store.listen({ work: () => told.raise() })
  // Once for what was missed before it listened.
  await told.reaches(1)
  await using user = await userWithOrders()
  await store.add([entry()], user)
  await user.query("COMMIT")
  await told.reaches(2)
  expect((await store.claim(request())).claimed).toHaveLength(1)
})

test("an entry that cannot be added leaves the user's transaction as it was", async () => {
  await using store = await openStore(server, { schema: "refused" })
  await using user = await userWithOrders()
  const first = entry()
  await store.add([first], user)
  const again = store.add([entry({ key: "new" }), { ...entry(), id: first.id }], user)
  await expect(again).rejects.toMatchObject({ name: "OutboxError", code: "conflict" })
  await user.query("COMMIT")
  expect(await rows("refused")).toEqual({ orders: 1, entries: 1, bodies: 0, tickets: 1 })
})

test("the entry that has the key already is given in the user's transaction, too", async () => {
  await using store = await openStore(server, { schema: "known" })
  const [first] = await store.add([entry({ key: "k" })])
  await using user = await userWithOrders()
  const [second] = await store.add([entry({ key: "k" })], user)
  expect(second).toEqual({ entry: first?.entry, isNew: false })
  await user.query("COMMIT")
})

test("the user's commit waits for the disk, also where it would not by itself", async () => {
  await using store = await openStore(server, { schema: "durable" })
  await using user = await connected(server.connectionString)
  await user.query("SET synchronous_commit TO off")
  await user.query("BEGIN")
  await store.add([entry()], user)
  expect((await user.query("SHOW synchronous_commit")).rows).toEqual([{ synchronous_commit: "on" }])
  await user.query("COMMIT")
  expect((await user.query("SHOW synchronous_commit")).rows).toEqual([{ synchronous_commit: "off" }])
})

test("who adds to an ordering key waits for the transaction that has added to it, and comes behind it", async () => {
  await using store = await openStore(server, { schema: "in_line" })
  await using user = await userWithOrders()
  const [first] = await store.add([entry({ orderingKey: "line" })], user)
  const adding = store.add([entry({ orderingKey: "line" })])
  // Who has nothing to do with that key does not wait, whenever it asks.
  await Promise.all([store.add([entry()]), store.add([entry({ orderingKey: "other" })])])
  await store.add([entry()])
  expect((await store.list({ limit: 10 })).map(({ orderingKey }) => orderingKey)).not.toContain("line")
  await user.query("COMMIT")
  await adding
  const { claimed } = await store.claim(request())
  expect(claimed.filter((one) => one.entry.orderingKey === "line").map((one) => one.entry.id)).toEqual([
    first?.entry.id,
  ])
  expect(claimed).toHaveLength(4)
})

test("who settles an entry of an ordering key waits for the transaction that has added to it; others do not", async () => {
  await using store = await openStore(server, { schema: "settled" })
  await store.add([entry({ orderingKey: "line" }), entry()])
  const { claimed } = await store.claim(request())
  const [inLine, alone] = claimed.toSorted((a) => (a.entry.orderingKey === "line" ? -1 : 1))
  await using user = await userWithOrders()
  await store.add([entry({ orderingKey: "line" })], user)
  if (inLine === undefined || alone === undefined) throw new Error("two were to be taken")
  const settling = store.conclude(inLine.lease, end("delivered"))
  expect(await store.conclude(alone.lease, end("delivered"))).toBe(true)
  expect((await store.read(inLine.entry.id))?.state).toBe("sending")
  await user.query("COMMIT")
  expect(await settling).toBe(true)
  expect((await store.claim(request())).claimed.map(({ entry }) => entry.orderingKey)).toEqual(["line"])
})

test("who adds a key that a transaction has added waits for it, and then gets its entry; others do not wait", async () => {
  await using store = await openStore(server, { schema: "keyed" })
  await using user = await userWithOrders()
  const [first] = await store.add([entry({ key: "k" })], user)
  const adding = store.add([entry({ key: "k" })])
  await Promise.all([store.add([entry()]), store.add([entry({ key: "other" })])])
  await store.add([entry()])
  await user.query("COMMIT")
  expect(await adding).toEqual([{ entry: first?.entry, isNew: false }])
})

test("what is no transaction is refused, and nothing is added", async () => {
  await using store = await openStore(server, { schema: "none" })
  await using outside = await connected(server.connectionString)
  await using pool = pooled(server.connectionString)
  for (const given of [null, 0, "BEGIN", {}, { query: "BEGIN" }]) {
    await expect(store.add([entry()], given)).rejects.toThrow(
      new TypeError(
        "transaction must be a node-postgres client within BEGIN, or have its query(text, values) that resolves to { rows }",
      ),
    )
  }
  for (const given of [outside, pool]) {
    await expect(store.add([entry()], given)).rejects.toThrow(
      new TypeError(
        "transaction must be within BEGIN: give the client on which you have run it (a pool takes any connection)",
      ),
    )
  }
  expect(await store.list({ limit: 10 })).toEqual([])
})
