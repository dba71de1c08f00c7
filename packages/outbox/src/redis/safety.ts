import type { Redis } from "ioredis"
import { OutboxError } from "../errors.ts"

/** The parts of a client that are needed to look at its Redis. */
export type InformedRedis = Pick<Redis, "info"> & { config(get: "GET", name: string): Promise<unknown> }

/**
 * Refuses a Redis that would lose entries. It goes by INFO, as hosted ones do not allow CONFIG.
 * @throws OutboxError "unsafe" that says what to set.
 */
export async function refuseUnsafe(redis: InformedRedis, name: string): Promise<void> {
  const info = await redis.info()
  const value = (field: string): string => new RegExp(`^${field}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "unknown"
  const refuse = (what: string, fix: string): never => {
    throw new OutboxError("unsafe", `${name} cannot keep an outbox: ${what}; ${fix}`)
  }
  const version = value("redis_version")
  if (!(Number.parseInt(version, 10) >= 7)) refuse(`its version is ${version}`, "use Redis 7 or newer, or Valkey")
  if (value("redis_mode") === "cluster" || value("cluster_enabled") === "1")
    refuse("it is part of a cluster", "give a Redis of its own")
  if (value("role") === "slave") refuse("it is a replica", "give the address of the primary")
  if (value("aof_enabled") !== "1")
    refuse("it keeps no append-only file", "set appendonly yes, and appendfsync always to survive a power cut in full")
  const policy = value("maxmemory_policy")
  if (policy !== "noeviction")
    refuse(
      `it throws keys away when its memory is full (maxmemory-policy ${policy})`,
      "set maxmemory-policy noeviction",
    )
  const flushes = await redis.config("GET", "appendfsync").catch(() => undefined)
  if (Array.isArray(flushes) && flushes[1] === "no")
    refuse(
      "it leaves it to the system when to write to the disk (appendfsync no)",
      "set appendfsync always or everysec",
    )
}
