import { afterAll, beforeAll } from "vitest"
import { storeContract } from "../../packages/outbox/src/store-contract/index.ts"
import { redisProgram, startRedis, type RedisServer } from "../servers/redis.ts"
import { redisBacking } from "./redis-backing.ts"

let server: RedisServer

beforeAll(async () => {
  await redisProgram()
  server = await startRedis()
}, 300_000)

afterAll(() => server[Symbol.asyncDispose]())

storeContract("Redis", async () => redisBacking(server, { patience: { ticketMs: 5000, stalledMs: 15_000 } }))
