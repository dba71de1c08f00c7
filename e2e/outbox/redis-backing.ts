import { randomUUID } from "node:crypto"
import { clientOf } from "../../packages/outbox/src/redis/redis.ts"
import { RedisStore, type Patience } from "../../packages/outbox/src/redis/redis-store.ts"
import { Stage, type StoreBacking } from "../../packages/outbox/src/store-contract/stage.ts"
import type { RedisServer } from "../servers/redis.ts"

interface Settings {
  readonly prefix?: string
  /** A silent Redis is away after so long. */
  readonly silentMs?: number
  readonly patience?: Patience
}

/** Nothing is waited for longer than the tests can bear. */
const impatient: Patience = { ticketMs: 50, stalledMs: 100 }

/** Data of its own in a Redis. */
export function redisBacking(
  { path }: Pick<RedisServer, "path">,
  { prefix = randomUUID(), silentMs = 10_000, patience = impatient }: Settings = {},
): StoreBacking {
  return {
    open: async () => {
      const client = clientOf(path)
      Object.assign(client.options, { commandTimeout: silentMs, socketTimeout: silentMs })
      const store = new RedisStore(client, "Redis", prefix, patience)
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

export const redisStage = (...of: Parameters<typeof redisBacking>): Promise<Stage> =>
  Stage.open(async () => redisBacking(...of))
