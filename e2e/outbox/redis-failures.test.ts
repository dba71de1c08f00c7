import { randomUUID } from "node:crypto"
import { redis } from "@steadfetch/outbox/redis"
import { Redis } from "ioredis"
import { beforeAll, describe, expect, onTestFinished, test } from "vitest"
import type { Stage } from "../../packages/outbox/src/store-contract/stage.ts"
import { redisProgram, startRedis, type RedisServer } from "../servers/redis.ts"
import { redisStage } from "./redis-backing.ts"

beforeAll(redisProgram, 300_000)

async function serverFor(...settings: readonly string[]): Promise<RedisServer> {
  const server = await startRedis(...settings)
  onTestFinished(() => server[Symbol.asyncDispose]())
  return server
}

function clientOf(server: RedisServer): Redis {
  const client = new Redis(server.path)
  client.on("error", () => {})
  onTestFinished(() => client.disconnect())
  return client
}

/** Whatever else the machine does meanwhile. */
const longLease = (): { leaseUntil: number } => ({ leaseUntil: Date.now() + 3_600_000 })

/** Takes all that waits, and delivers it; how often each was taken. */
async function deliverAll(stage: Stage): Promise<Map<string, number>> {
  const taken = new Map<string, number>()
  await stage.until(async () => {
    for (const claimed of (await stage.store.claim(stage.request(longLease()))).claimed) {
      taken.set(claimed.entry.id, (taken.get(claimed.entry.id) ?? 0) + 1)
      await stage.conclude(claimed, "delivered")
    }
    expect((await stage.store.counts()).map(({ states }) => states.waiting + states.sending)).toEqual([0])
  })
  return taken
}

describe("a Redis that would lose entries is refused", () => {
  test.each([
    ["without an append-only file", ["--appendonly", "no"], "it keeps no append-only file; set appendonly yes"],
    [
      "that evicts",
      ["--maxmemory-policy", "allkeys-lru"],
      "(maxmemory-policy allkeys-lru); set maxmemory-policy noeviction",
    ],
    [
      "that leaves writing to the system",
      ["--appendfsync", "no"],
      "(appendfsync no); set appendfsync always or everysec",
    ],
    ["that is a replica", ["--replicaof", "127.0.0.1 1"], "it is a replica; give the address of the primary"],
  ])("%s", async (_what, settings, message) => {
    const store = redis((await serverFor(...settings)).path)
    onTestFinished(() => store.close())
    await expect(store.open()).rejects.toMatchObject({ code: "unsafe", message: expect.stringContaining(message) })
  })

  test("that a newer version has written to", async () => {
    const server = await serverFor()
    await clientOf(server).set("{steadfetch-outbox}:schema", 2)
    const store = redis(server.path)
    onTestFinished(() => store.close())
    await expect(store.open()).rejects.toMatchObject({ code: "newer" })
    expect(await clientOf(server).dbsize()).toBe(1)
  })
})

test("a store tells that Redis is away, and can be opened once it is there", async () => {
  const server = await serverFor()
  await server.kill()
  const store = redis(server.path)
  onTestFinished(() => store.close())
  const away = { code: "store", message: expect.stringMatching(/^cannot open Redis .*redis\.sock: .*; is it running/) }
  await expect(store.open()).rejects.toMatchObject(away)
  await expect(store.open()).rejects.toMatchObject(away)
  await server.start()
  await store.open()
  expect(await store.counts()).toEqual([])
})

test("a store that may not come in says what to check", async () => {
  const store = redis((await serverFor("--requirepass", "secret")).path)
  onTestFinished(() => store.close())
  await expect(store.open()).rejects.toMatchObject({
    code: "store",
    message: expect.stringMatching(/NOAUTH.*check the username, the password/),
  })
})

test("a Redis that is silent is away, and the store goes on when it speaks again", async () => {
  const server = await serverFor()
  await using stage = await redisStage(server, { silentMs: 2000 })
  const id = await stage.add()
  const pid = Number(/process_id:(\d+)/.exec(await clientOf(server).info("server"))?.[1])
  process.kill(pid, "SIGSTOP")
  await expect(stage.add()).rejects.toMatchObject({ code: "store" })
  process.kill(pid, "SIGCONT")
  await stage.until(async () => expect(await stage.read(id)).toMatchObject({ state: "waiting" }))
  await stage.until(async () => void (await stage.add()))
})

test("a Redis that has become a replica takes nothing, and the store goes on when it is the primary again", async () => {
  const server = await serverFor()
  await using stage = await redisStage(server)
  const client = clientOf(server)
  await client.replicaof("127.0.0.1", 1)
  await stage.until(() =>
    expect(stage.add()).rejects.toMatchObject({
      code: "store",
      message: expect.stringMatching(/READONLY.*give the address of the primary/),
    }),
  )
  await client.replicaof("NO", "ONE")
  await stage.until(async () => void (await stage.add()))
  await stage.takeOne()
})

test("no acknowledged entry is lost when Redis is killed under load, and the store goes on by itself", async () => {
  const server = await serverFor()
  await using stage = await redisStage(server)
  const acknowledged = new Map<string, boolean>()
  const errors: unknown[] = []
  let isBack = false
  const caller = async (): Promise<void> => {
    for (let after = 0; after < 5;) {
      const entry = stage.entry({ key: randomUUID() })
      try {
        await stage.store.add([entry])
        acknowledged.set(entry.id, true)
        if (isBack) after++
      } catch (error) {
        errors.push(error)
        await stage.time.pass(20)
      }
    }
  }
  const callers = Promise.all(Array.from({ length: 16 }, caller))
  await stage.until(() => expect(acknowledged.size).toBeGreaterThan(200))
  await server.kill()
  await stage.until(() => expect(errors.length).toBeGreaterThan(0))
  await server.start()
  isBack = true
  await callers
  for (const error of errors) expect(error).toMatchObject({ name: "OutboxError", code: "store" })
  for (const id of acknowledged.keys()) expect(await stage.store.read(id)).toMatchObject({ id, state: "waiting" })
  const taken = await deliverAll(stage)
  for (const id of acknowledged.keys()) expect(taken.get(id)).toBe(1)
})

test("a Redis whose memory is full takes nothing more, and what it has is sent and makes room", async () => {
  const server = await serverFor("--maxmemory", "8mb")
  await using stage = await redisStage(server)
  const added: string[] = []
  const body = new Uint8Array(50_000)
  const fill = async (): Promise<void> => {
    for (;;) added.push(await stage.add({ body }))
  }
  await expect(fill()).rejects.toMatchObject({
    code: "store",
    message: expect.stringContaining("its memory is full: give it more, or remove what is settled"),
  })
  const largeBody = new Uint8Array(2_000_000)
  await expect(stage.add({ body: largeBody })).rejects.toMatchObject({ code: "store" })
  expect(added.length).toBeGreaterThan(10)
  const taken = await deliverAll(stage)
  expect([...taken.keys()].toSorted()).toEqual(added)
  expect(await stage.store.remove(["delivered"], Date.now() + 1, 10_000)).toBe(added.length)
  await stage.until(async () => void (await stage.add({ body })))
})

describe("tickets", () => {
  test("that are lost are issued again", async () => {
    const server = await serverFor()
    await using stage = await redisStage(server, { prefix: "lost" })
    const ids = [await stage.add(), await stage.add({ priority: 7 }), await stage.add({ orderingKey: "line" })]
    const client = clientOf(server)
    // Queues have names of 32 hexadecimal digits.
    const queues = `{lost}:${"[0-9a-f]".repeat(32)}:*`
    await stage.until(async () => expect((await client.keys(`${queues}-1`)).length).toBe(3))
    await client.del(await client.keys(queues))
    expect((await stage.take(3)).map(({ entry }) => entry.id).toSorted()).toEqual(ids)
  })

  test("that were taken by a process that died then are taken back", async () => {
    const server = await serverFor()
    await using stage = await redisStage(server, { prefix: "dead" })
    const id = await stage.add()
    const client = clientOf(server)
    const find = (what: string): Promise<string[]> => client.keys(`{dead}:${"[0-9a-f]".repeat(32)}:${what}`)
    await stage.until(async () => expect(await find("prioritized")).toHaveLength(1))
    // As BullMQ leaves a job that a worker took and whose lock has expired.
    const [prioritized = ""] = await find("prioritized")
    const [job = ""] = await client.zrange(prioritized, "0", "0")
    await client.multi().del(prioritized).lpush(prioritized.replace("prioritized", "active"), job).exec()
    expect((await stage.takeOne()).entry.id).toBe(id)
  })

  test("leave nothing behind that grows", async () => {
    const server = await serverFor()
    await using stage = await redisStage(server, { prefix: "small", patience: { ticketMs: 5000, stalledMs: 60_000 } })
    for (let round = 0; round < 5; round++) {
      await stage.store.add(Array.from({ length: 100 }, () => stage.entry({ key: randomUUID() })))
      for (const claimed of await stage.take(100, longLease())) await stage.conclude(claimed, "delivered")
    }
    expect(await stage.store.remove(["delivered"], Date.now() + 1, 10_000)).toBe(500)
    expect(await stage.store.counts()).toEqual([])
    const client = clientOf(server)
    await stage.until(async () => {
      const kinds = (await client.keys("*")).map((key) => key.replace(/[0-9a-f]{32}/, "QUEUE")).toSorted()
      const known = ["events", "id", "marker", "meta", "pc", "stalled-check"].map((kind) => `{small}:QUEUE:${kind}`)
      expect(kinds.filter((key) => !known.includes(key))).toEqual(["{small}:schema", "{small}:seq"])
    })
    for (const events of await client.keys("*:events")) expect(await client.xlen(events)).toBeLessThan(300)
  })
})

describe("when entries are not sent", () => {
  test("their tickets are taken away: no queue grows of an origin that nobody calls any more", async () => {
    const server = await serverFor()
    await using stage = await redisStage(server, { prefix: "unsent" })
    const client = clientOf(server)
    const tickets = (): Promise<string[]> => client.keys("{unsent}:*-1")
    const later = Date.now() + 3_600_000
    const id = await stage.add({ dueAt: later })
    const expired = await stage.add({ dueAt: later, expiresAt: later - 1 })
    await stage.until(async () => expect(await tickets()).toHaveLength(2))
    const { claimed } = await stage.store.claim(stage.request({ at: later - 1, leaseUntil: later }))
    expect(claimed.map(({ entry }) => entry.id)).toEqual([expired])
    await stage.until(async () => expect(await tickets()).toHaveLength(1))
    await stage.alter(id, { state: "discarded" })
    await stage.until(async () => expect(await tickets()).toHaveLength(0))
  })

  test("those that they held up are sent as soon as they are removed, however old they were", async () => {
    const patience = { ticketMs: 60_000, stalledMs: 60_000 }
    await using stage = await redisStage(await serverFor(), { prefix: "removed", patience })
    const [, second] = await stage.addAll({ orderingKey: "line" }, { orderingKey: "line" })
    const dayAgo = Date.now() - 86_400_000
    await stage.conclude(await stage.takeOne(), "rejected", { at: dayAgo })
    expect(await stage.store.remove(["rejected"], dayAgo + 1, 10)).toBe(1)
    expect((await stage.takeOne()).entry.id).toBe(second)
  })
})

test("an entry that is sent to Redis twice, as its answer was lost, is one entry with its body", async () => {
  await using stage = await redisStage(await serverFor())
  const entry = stage.entry({ key: "order-17", body: new Uint8Array([1, 2, 3]) })
  const other = stage.entry({ orderingKey: "line" })
  for (let count = 0; count < 2; count++)
    expect(await stage.store.add([entry, other])).toMatchObject([{ isNew: true }, { isNew: true }])
  expect(await stage.store.body(entry.id)).toEqual(new Uint8Array([1, 2, 3]))
  expect(await stage.store.counts()).toMatchObject([{ states: { waiting: 2 }, bodyBytes: 3 }])
})

test("a body that comes so slowly that its first part is gone is refused", async () => {
  const server = await serverFor()
  await using stage = await redisStage(server, { prefix: "slow" })
  const client = clientOf(server)
  const chunk = (): Uint8Array<ArrayBuffer> => new Uint8Array(256 * 1024)
  const body = async function* (): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    yield chunk()
    await client.del(await client.keys("{slow}:b:*"))
    yield chunk()
  }
  await expect(stage.add({ body: body() })).rejects.toMatchObject({
    code: "store",
    message: expect.stringContaining("add it again"),
  })
  expect(await client.keys("{slow}:b:*")).toEqual([])
})
