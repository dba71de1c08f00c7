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
const SILENT_MS = 10_000

const FORM =
  'a URL such as "redis://localhost:6379" or "rediss://user:password@host:6380/0", the path of a socket, or options of ioredis'

/**
 * A store in Redis 7 or newer, or Valkey, for any number of processes on any machines; BullMQ keeps its queues. It is as
 * durable as the append-only file of that Redis: with `appendfsync always` what it acknowledges survives a power cut, with
 * `everysec` the death of every process, and of the machine but for the last second. Sentinels are understood; clusters are not.
 * @param connection A `redis://` or `rediss://` URL, the path of a socket, or options of ioredis.
 * @throws ConfigurationError for what is neither, and for unknown options. `open()` refuses a Redis that would lose entries.
 */
export function redis(connection: string | ConnectionOptions, options: RedisStoreOptions = {}): Store {
  knownOptions("redis", options, ["prefix"])
  const { prefix = "steadfetch-outbox" } = options
  if (typeof prefix !== "string" || !/^[^{}\s]+$/.test(prefix))
    refuse("redis.prefix", kindOf(prefix), "a text without spaces and braces")
  const client = clientOf(connection)
  return new RedisStore(client, nameOf(client), prefix, { ticketMs: 5000, stalledMs: 15_000 })
}

/** A connection as the store needs it, not yet open. Exported for tests. */
export function clientOf(connection: string | ConnectionOptions): Redis {
  const own: ConnectionOptions & { replyMapping: "legacy" } = {
    replyMapping: "legacy",
    stringNumbers: false,
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: SILENT_MS,
    socketTimeout: SILENT_MS,
    retryStrategy: (times) => Math.min(50 * 2 ** times, 2000),
    // After a failover the old primary is a replica: the next connection may be to the new one.
    reconnectOnError: (error) => error.message.startsWith("READONLY "),
  }
  if (typeof connection === "string") {
    if (!isAddress(connection)) refuse("redis", "a string that is neither a URL of Redis nor an absolute path", FORM)
    return new Redis(connection, own)
  }
  if (typeof connection !== "object" || connection === null || Array.isArray(connection))
    refuse("redis", kindOf(connection), FORM)
  if ("options" in connection || "defineCommand" in connection)
    refuse("redis", "a client", "its options: the store has connections of its own")
  if (connection.keyPrefix) refuse("redis.keyPrefix", "a text", 'the prefix as redis(connection, { prefix: "…" })')
  return new Redis({ ...connection, ...own })
}

function isAddress(text: string): boolean {
  if (text.startsWith("/")) return true
  return /^rediss?:$/.test(URL.parse(text)?.protocol ?? "")
}

/** Without credentials. */
function nameOf({ options }: Redis): string {
  const { path, host = "localhost", port = 6379, db = 0, sentinels, name } = options
  const place = sentinels?.length ? `${name ?? "primary"} (by Sentinel)` : (path ?? `${host}:${port}`)
  return `Redis ${place}${db === 0 ? "" : ` database ${db}`}`
}
