import { beforeAll, expect, test } from "vitest"
import { OutboxError, type Store } from "@steadfetch/outbox"
import { postgres } from "@steadfetch/outbox/postgres"
import { INSTALLING_POSTGRES_MS, postgresProgram, startPostgres } from "../servers/postgres.ts"
import { connected, Count, end, entry, idsOf, openStore, pooled, request } from "./postgres-stage.ts"

beforeAll(async () => {
  await postgresProgram()
}, INSTALLING_POSTGRES_MS)

const RESTARTS = 3

/** Does something until told otherwise; what the store refuses in between is counted by its code. */
async function keepOn(isOver: () => boolean, refused: Map<string, number>, one: () => Promise<void>): Promise<void> {
  while (!isOver()) {
    try {
      await one()
    } catch (error) {
      if (!(error instanceof OutboxError)) throw error
      refused.set(error.code, (refused.get(error.code) ?? 0) + 1)
      // A server that is away refuses at once: others are to have their turn.
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}

test("nothing that was acknowledged is lost when the server is killed under load and started again", async () => {
  await using server = await startPostgres()
  await using adding = await openStore(server)
  await using sending = await openStore(server)
  const acknowledged: string[] = []
  const delivered: string[] = []
  const progress = new Count()
  const refused = new Map<string, number>()
  let isOver = false
  const add = async (): Promise<void> => {
    const [added] = await adding.add([entry({ body: new Uint8Array(500).fill(7) })])
    acknowledged.push(added?.entry.id ?? "")
    progress.raise()
  }
  const send = async (): Promise<void> => {
    const { claimed } = await sending.claim(request({ most: 8 }))
    const conclude = async ({ lease }: (typeof claimed)[number]): Promise<void> => {
      if (await sending.conclude(lease, end("delivered"))) delivered.push(lease.id)
    }
    const ends = await Promise.allSettled(claimed.map(conclude))
    for (const one of ends) if (one.status === "rejected") throw one.reason
  }
  const all = [
    ...Array.from({ length: 8 }, () => keepOn(() => isOver, refused, add)),
    keepOn(() => isOver, refused, send),
    keepOn(() => isOver, refused, send),
  ]
  for (let restart = 1; restart <= RESTARTS; restart++) {
    await progress.reaches(progress.value + 40)
    await server.kill()
    await server.start()
  }
  await progress.reaches(progress.value + 40)
  isOver = true
  await Promise.all(all)
  expect([...refused.keys()]).toEqual(["store"])
  await deliverRest(sending, delivered)
  for (const id of acknowledged) expect((await adding.read(id))?.state).toBe("delivered")
  // What was told to be delivered was so once and for all.
  expect(new Set(delivered).size).toBe(delivered.length)
  const { states } = (await adding.counts())[0] ?? {}
  expect(states).toMatchObject({ waiting: 0, sending: 0 })
  await using client = await connected(server.connectionString)
  expect((await client.query("SELECT count(*)::int AS left FROM steadfetch_outbox.job")).rows).toEqual([{ left: 0 }])
}, 120_000)

/** Also what was under way when the server was killed: its leases have ended by then. */
async function deliverRest(store: Store, delivered: string[]): Promise<void> {
  const at = request().leaseUntil
  for (;;) {
    const { claimed } = await store.claim(request({ at, leaseUntil: at + 60_000 }))
    if (claimed.length === 0) return
    for (const { lease } of claimed) expect(await store.conclude(lease, end("delivered"))).toBe(true)
    delivered.push(...idsOf(claimed))
  }
}

test("a store heals by itself: it says what is wrong while the server is away, then adds and listens again", async () => {
  await using server = await startPostgres()
  const connectionString = server.connectionString.replace("postgres@", "postgres:hunter2@")
  await using pool = pooled(connectionString)
  await using store = await openStore(server, { pool })
  const told = new Count()
  store.listen({ work: () => told.raise() })
  await told.reaches(1)
  await server.kill()
  const refused = await store.add([entry()]).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(refused).toBeInstanceOf(OutboxError)
  expect(refused).toMatchObject({ code: "store", message: expect.stringMatching(/^PostgreSQL \S+\/postgres did not do it: .+$/) }) // prettier-ignore
  expect(String(refused)).not.toContain("hunter2")
  await server.start()
  // It listens again, and looks for what it has missed.
  await told.reaches(told.value + 1)
  await store.add([entry()])
  await told.reaches(told.value + 1)
  expect((await store.claim(request())).claimed).toHaveLength(1)
}, 60_000)

test("a server that does not wait for its disk is refused", async () => {
  await using server = await startPostgres({ settings: { fsync: "off" } })
  const store = postgres({ connectionString: server.connectionString })
  await expect(store.open()).rejects.toMatchObject({
    name: "OutboxError",
    code: "unsafe",
    message: expect.stringMatching(/^PostgreSQL \S+: the server runs with fsync = off .*: set fsync = on$/),
  })
  await store.close()
}, 60_000)

test("where commits do not wait for the disk by default, those of the outbox do", async () => {
  const settings = { synchronous_commit: "off", wal_writer_delay: "10s" }
  await using server = await startPostgres({ settings })
  await using store = await openStore(server)
  const [first] = await store.add([entry()])
  const [second] = await store.add([entry()])
  await server.kill()
  await server.start(settings)
  for (const added of [first, second]) expect(await store.read(added?.entry.id ?? "")).toEqual(added?.entry)
}, 60_000)

test("a schema of a newer version is refused", async () => {
  await using server = await startPostgres()
  const first = await openStore(server)
  await first.close()
  await using client = await connected(server.connectionString)
  await client.query("UPDATE steadfetch_outbox.outbox_schema SET version = 99")
  const store = postgres({ connectionString: server.connectionString })
  await expect(store.open()).rejects.toMatchObject({
    code: "newer",
    message: expect.stringContaining("is of version 99, and this @steadfetch/outbox knows 1: update it"),
  })
  await store.close()
}, 60_000)

test("a server that is not there is told of by its place, without the password", async () => {
  const store = postgres({ connectionString: "postgresql://me:hunter2@127.0.0.1:1/orders" })
  expect(store.name).toBe("PostgreSQL 127.0.0.1/orders")
  await expect(store.open()).rejects.toMatchObject({
    code: "store",
    message: expect.stringMatching(/^PostgreSQL 127.0.0.1\/orders did not do it: connect ECONNREFUSED/),
  })
  await store.close()
})
