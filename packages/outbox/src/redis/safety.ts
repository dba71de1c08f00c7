import type { Redis } from "ioredis"
import { OutboxError } from "../errors.ts"

/**
 * Refuses a Redis that would lose entries. It looks at INFO, as hosted ones do not allow CONFIG.
 * @throws OutboxError "unsafe" that says what to set.
 */
export async function refuseUnsafe(redis: Redis, name: string): Promise<void> {
  const info = `${await redis.info("server")}\n${await redis.info("persistence")}\n${await redis.info("memory")}`
  const value = (field: string): string | undefined => new RegExp(`^${field}:(.*?)\\r?$`, "m").exec(info)?.[1]
  const refuse = (what: string, fix: string): never => {
    throw new OutboxError("unsafe", `${name} would lose entries: ${what}; ${fix}`)
  }
  const version = value("redis_version") ?? "unknown"
  if (!(Number.parseInt(version, 10) >= 7)) refuse(`its version is ${version}`, "use Redis 7 or newer, or Valkey")
  if (value("aof_enabled") !== "1")
    refuse(
      "it keeps no append-only file",
      "set appendonly yes (and appendfsync always, to survive a power cut in full)",
    )
  const policy = value("maxmemory_policy") ?? "unknown"
  if (policy !== "noeviction")
    refuse(
      `it throws keys away when its memory is full (maxmemory-policy ${policy})`,
      "set maxmemory-policy noeviction",
    )
}
