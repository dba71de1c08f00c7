import { once } from "node:events"
import { sharedPace } from "@steadfetch/outbox/redis"
import { startFaultServer } from "@steadfetch/testing/fault-server"
import { Redis } from "ioredis"
import { pace, steadfetch } from "steadfetch"
import { beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { paceStore } from "../../packages/outbox/src/redis/shared-pace.ts"
import { redisProgram, startRedis } from "../servers/redis.ts"

beforeAll(redisProgram, 300_000)

/** A Redis, and how one more process connects to it. */
async function redisFor() {
  const server = await startRedis("--appendonly", "no")
  onTestFinished(() => server[Symbol.asyncDispose]())
  const connect = async (): Promise<Redis> => {
    const redis = new Redis(server.path, { retryStrategy: () => 20, enableOfflineQueue: false })
    // That Redis is away is part of the test.
    redis.on("error", () => {})
    onTestFinished(() => redis.disconnect())
    await once(redis, "ready")
    return redis
  }
  return { server, connect }
}

const RATE = { perSecond: 10, burst: 5 }

describe("turns", () => {
  test("are granted as long as there are any, to whoever asks, and then it says when the next is due", async () => {
    const { connect } = await redisFor()
    const [a, b] = [paceStore(await connect(), 1, "test:"), paceStore(await connect(), 1, "test:")]
    const first = await a.take("key", RATE, 3)
    expect(first.granted).toBe(3)
    const second = await b.take("key", RATE, 10)
    expect(second.granted).toBe(2)
    expect(second.nextMs).toBeGreaterThan(0)
    expect(second.nextMs).toBeLessThanOrEqual(100)
    expect((await b.take("another", RATE, 10)).granted).toBe(5)
  })

  test("without a rate there are as many as are wanted", async () => {
    const { connect } = await redisFor()
    expect(await paceStore(await connect(), 1, "test:").take("key", undefined, 40)).toEqual({ granted: 40, nextMs: 0 })
  })
})

describe("a pause", () => {
  test("holds back everybody, and is never shortened", async () => {
    const { connect } = await redisFor()
    const [a, b] = [paceStore(await connect(), 1, "test:"), paceStore(await connect(), 1, "test:")]
    await a.take("key", RATE, 1)
    await a.pause("key", 60_000)
    await b.pause("key", 1000)
    for (const rate of [RATE, undefined]) {
      const { granted, nextMs } = await b.take("key", rate, 1)
      expect(granted).toBe(0)
      expect(nextMs).toBeGreaterThan(50_000)
      expect(nextMs).toBeLessThanOrEqual(60_000)
    }
  })
})

describe("clients of an API that share its quota", () => {
  test("keep to it together, and pause together", async () => {
    const { connect } = await redisFor()
    await using api = await startFaultServer({
      "GET /limited": { kind: "reply", status: 429, headers: { "retry-after": "60" } },
      "/*": { kind: "reply", status: 200 },
    })
    const connections = [await connect(), await connect()]
    const [first, second] = connections.map((redis) =>
      steadfetch({
        baseUrl: api.origin,
        add: [pace({ perSecond: 50, shared: sharedPace(redis, { processes: 2 }) })],
        retry: false,
        deadline: 5000,
      }),
    )
    const ask = async (path: string, client = second) => client?.get(path).outcome()
    const startedAt = process.hrtime.bigint()
    await Promise.all(Array.from({ length: 20 }, (_, index) => ask("/x", index % 2 === 0 ? first : second)))
    // 20 turns of 20 ms, of which each client may have one at once; alone each would need 180 ms.
    expect(Number(process.hrtime.bigint() - startedAt) / 1e6).toBeGreaterThanOrEqual(340)
    await ask("/limited", first)
    let end = await ask("/x")
    while (end?.kind === "success") end = await ask("/x")
    expect(end).toMatchObject({ kind: "no-reply", error: { code: "rejected" } })
  })

  test("go on by their share when Redis dies, and together again when it is back", async () => {
    const { server, connect } = await redisFor()
    await using api = await startFaultServer({ "/*": { kind: "reply", status: 200 } })
    const states: string[] = []
    const client = steadfetch({
      baseUrl: api.origin,
      add: [pace({ perSecond: 1000, shared: sharedPace(await connect(), { processes: 2 }) })],
      on: { changed: ({ state }) => void states.push(state) },
    })
    await client.get("/x")
    await server.kill()
    while (!states.includes("alone")) await client.get("/x")
    await server.start()
    while (!states.includes("shared")) await client.get("/x")
    expect(states.slice(0, 2)).toEqual(["alone", "shared"])
  })
})
