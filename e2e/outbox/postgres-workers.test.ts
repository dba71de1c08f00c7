import { afterAll, beforeAll, expect, test } from "vitest"
import type { Claimed, Store } from "@steadfetch/outbox"
import { INSTALLING_POSTGRES_MS, startPostgres, type PostgresServer } from "../servers/postgres.ts"
import { connected, end, entry, idsOf, NOW, openStore, request } from "./postgres-stage.ts"

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
}, INSTALLING_POSTGRES_MS)

afterAll(() => server[Symbol.asyncDispose](), INSTALLING_POSTGRES_MS)

const WORKERS = 4

async function workers(schema: string): Promise<AsyncDisposableStack & { stores: readonly Store[] }> {
  const stack = new AsyncDisposableStack()
  // At once, and on an empty database: each waits for who is making the tables.
  const stores = await Promise.all(Array.from({ length: WORKERS }, () => openStore(server, { schema, connections: 4 })))
  for (const store of stores) stack.use(store)
  return Object.assign(stack, { stores })
}

/** Who is sending what. */
class Sending {
  readonly started: string[] = []
  readonly #now = new Set<string>()
  most = 0

  start({ entry }: Claimed): void {
    const what = entry.orderingKey ?? entry.id
    if (this.#now.has(what)) throw new Error(`${what} is being sent twice at once`)
    this.#now.add(what)
    this.started.push(entry.id)
    this.most = Math.max(this.most, this.#now.size)
  }

  end({ entry }: Claimed): void {
    this.#now.delete(entry.orderingKey ?? entry.id)
  }
}

/** Takes and settles until all is delivered. Every third is told to come again first. */
async function work(
  store: Store,
  sending: Sending,
  isOver: () => boolean,
  settled: (id: string) => void,
): Promise<void> {
  while (!isOver()) {
    const { claimed } = await store.claim(request({ most: 5 }))
    for (const one of claimed) sending.start(one)
    await Promise.all(
      claimed.map(async (one) => {
        const again = one.entry.tries === 0 && Number.parseInt(one.entry.id.slice(0, 4), 16) % 3 === 0
        expect(await store.renew([one.lease], NOW + 60_000)).toEqual([])
        sending.end(one)
        expect(await store.conclude(one.lease, end(again ? "waiting" : "delivered"))).toBe(true)
        if (!again) settled(one.entry.id)
      }),
    )
  }
}

test("four workers send each entry once, and none has what another one has", async () => {
  await using all = await workers("exclusive")
  const entries = Array.from({ length: 400 }, () => entry())
  await Promise.all(all.stores.map((store, index) => store.add(entries.slice(index * 100, index * 100 + 100))))
  const sending = new Sending()
  const delivered: string[] = []
  await Promise.all(
    all.stores.map((store) => work(store, sending, () => delivered.length === 400, (id) => delivered.push(id))), // prettier-ignore
  )
  expect(delivered.toSorted()).toEqual(entries.map(({ id }) => id).toSorted())
  expect(sending.most).toBeGreaterThan(1)
}, 60_000)

test("entries of one ordering key are sent in order, whoever adds, takes, settles and changes at the same time", async () => {
  await using all = await workers("ordered")
  const keys = Array.from({ length: 8 }, (_, index) => `line ${index}`)
  const lines = keys.map((orderingKey) =>
    Array.from({ length: 20 }, (_, count) => entry({ orderingKey, priority: (count * 7) % 5 })),
  )
  const added = new Map(keys.map((key, index) => [key, lines[index]?.map(({ id }) => id) ?? []]))
  const delivered = new Map<string, string[]>(keys.map((key) => [key, []]))
  const left = new Set([...added.values()].flat())
  const adding = lines.map(async (line, index) => {
    for (const [count, one] of line.entries()) await all.stores[(index + count) % WORKERS]?.add([one])
  })
  const sending = new Sending()
  const keyOf = async (id: string): Promise<string> => (await all.stores[0]?.read(id))?.orderingKey ?? ""
  const settling: Promise<void>[] = []
  const settled = (id: string): void => {
    left.delete(id)
    settling.push(keyOf(id).then((key) => void delivered.get(key)?.push(id)))
  }
  // Changes of those that wait, which take their tickets away and give them back.
  const changing = (async (): Promise<void> => {
    const [store] = all.stores
    while (left.size > 0) {
      for (const one of (await store?.list({ states: ["waiting"], limit: 3 })) ?? [])
        await store?.alter(one.id, one.version, { at: NOW, state: "waiting", priority: one.priority + 1 })
    }
  })()
  await Promise.all([
    ...adding,
    ...all.stores.map((store) => work(store, sending, () => left.size === 0, settled)),
    changing,
  ])
  await Promise.all(settling)
  for (const key of keys) {
    // Each once or, when it was to come again, twice in a row.
    expect(
      sending.started.filter((id) => added.get(key)?.includes(id)).filter((id, at, all) => id !== all[at - 1]),
    ).toEqual(added.get(key))
    expect(delivered.get(key)?.toSorted()).toEqual(added.get(key)?.toSorted())
  }
}, 60_000)

test("an entry of a worker that died is taken by another one when its lease ends", async () => {
  await using all = await workers("left_behind")
  const [dead, living] = all.stores
  const one = entry()
  await dead?.add([one])
  const { claimed } = (await dead?.claim(request({ leaseUntil: NOW + 1_000 }))) ?? { claimed: [] }
  expect(idsOf(claimed)).toEqual([one.id])
  expect(await living?.claim(request({ at: NOW + 999 }))).toEqual({ claimed: [], nextAt: NOW + 1_000 })
  expect(idsOf((await living?.claim(request({ at: NOW + 1_000 })))?.claimed ?? [])).toEqual([one.id])
})

test("pg-boss has a queue for each origin, and a ticket for each entry that may be sent", async () => {
  await using all = await workers("tickets")
  const [store] = all.stores
  await store?.add([entry(), entry({ origin: "https://other.example.com" }), entry({ orderingKey: "a" }), entry({ orderingKey: "a" })]) // prettier-ignore
  const { claimed } = (await store?.claim(request())) ?? { claimed: [] }
  expect(claimed).toHaveLength(3)
  await using client = await connected(server.connectionString)
  const { rows } = await client.query("SELECT count(DISTINCT name)::int AS queues, count(*)::int AS tickets, min(state::text) AS state FROM tickets.job") // prettier-ignore
  expect(rows).toEqual([{ queues: 2, tickets: 3, state: "active" }])
  for (const { lease } of claimed) await store?.conclude(lease, end("delivered"))
  expect((await client.query("SELECT state::text FROM tickets.job")).rows).toEqual([{ state: "created" }])
})
