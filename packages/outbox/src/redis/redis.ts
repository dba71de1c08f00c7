import { Redis, type RedisOptions as ConnectionOptions } from "ioredis"
import { kindOf, knownOptions, refuse } from "steadfetch"
import type { Store } from "../store.ts"
import { RedisStore } from "./redis-store.ts"

/** Options of {@link redis}. */
export interface RedisStoreOptions {
  /** Of the keys in Redis: outboxes with the same one are one. Default "steadfetch-outbox". */
  readonly prefix?: string | undefined
}

/** A silent Redis is away after so long. */
const COMMAND_MS = 10_000

/**
 * A store in Redis 7 or newer, or Valkey, for any number of processes on any machines; BullMQ keeps its queues. It is as
 * durable as the append-only file of that Redis: with `appendfsync always` what it acknowledges survives a power cut, with
 * `everysec` the death of every process, and of the machine but for the last second.
 * @param connection A `redis://` or `rediss://` URL, the path of a socket, or options of ioredis.
 * @throws ConfigurationError for what is neither, and for unknown options. `open()` refuses a Redis that would lose entries.
 */
export function redis(connection: string | ConnectionOptions, options: RedisStoreOptions = {}): Store {
  knownOptions("redis", options, ["prefix"])
  const { prefix = "steadfetch-outbox" } = options
  if (typeof prefix !== "string" || !/^[^{}\s]+$/.test(prefix))
    refuse("redis.prefix", kindOf(prefix), "a text without spaces and braces")
  const own: ConnectionOptions = {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_MS,
    retryStrategy: (times) => Math.min(50 * 2 ** times, 2000),
  }
  const client = new Redis({ ...optionsOf(connection), ...own } as ConnectionOptions)
  return new RedisStore(client, nameOf(client), prefix)
}

function optionsOf(connection: string | ConnectionOptions): ConnectionOptions {
  const form = 'a URL such as "redis://localhost:6379", or options of ioredis'
  if (typeof connection === "string") {
    if (connection === "") refuse("redis", '""', form)
    return { ...new Redis(connection, { lazyConnect: true }).options }
  }
  if (typeof connection !== "object" || connection === null) refuse("redis", kindOf(connection), form)
  return connection
}

/** Without credentials. */
function nameOf({ options }: Redis): string {
  const { path, host = "localhost", port = 6379, db = 0 } = options
  return `Redis ${path ?? `${host}:${port}`}${db === 0 ? "" : ` database ${db}`}`
}
