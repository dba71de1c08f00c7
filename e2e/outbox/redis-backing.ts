import { randomUUID } from "node:crypto"
import { clientOf } from "../../packages/outbox/src/redis/redis.ts"
import { RedisStore, type Patience } from "../../packages/outbox/src/redis/redis-store.ts"
import { Stage, type StoreBacking } from "../../packages/outbox/src/store-contract/stage.ts"
import type { RedisServer } from "../servers/redis.ts"

/** Nothing is waited for longer than the tests can bear. */
export const impatient: Patience = { ticketMs: 50, stalledMs: 100 }

/** Data of its own in a Redis. */
export function redisBacking(server: RedisServer, prefix: string = randomUUID()): StoreBacking {
  return {
    open: async () => {
      const store = new RedisStore(clientOf(server.path), "Redis", prefix, impatient)
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
}

export const redisStage = (server: RedisServer, prefix?: string): Promise<Stage> =>
  Stage.open(async () => redisBacking(server, prefix))
