import { randomUUID } from "node:crypto"
import { redis } from "@steadfetch/outbox/redis"
import { afterAll, beforeAll } from "vitest"
import { storeContract } from "../../packages/outbox/src/store-contract/index.ts"
import { redisProgram, startRedis, type RedisServer } from "../servers/redis.ts"

let server: RedisServer

beforeAll(async () => {
  await redisProgram()
  server = await startRedis()
}, 300_000)

afterAll(() => server[Symbol.asyncDispose]())

storeContract("Redis", async () => {
  const prefix = randomUUID()
  return {
    open: async () => {
      const store = redis({ path: server.path }, { prefix })
      await store.open()
      return store
    },
    time: {
      now: Date.now,
      pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      stepMs: 100,
      isReal: true,
    },
    remove: async () => {},
  }
})
