import { expect, test } from "vitest"
import { refuseUnsafe, type InformedRedis } from "./safety.ts"

const SAFE = {
  redis_version: "7.2.4",
  redis_mode: "standalone",
  role: "master",
  aof_enabled: "1",
  maxmemory_policy: "noeviction",
  cluster_enabled: "0",
}

/** A Redis that says so of itself. */
function redisThatSays(parts: Partial<typeof SAFE>, config: () => Promise<unknown>): InformedRedis {
  const lines = Object.entries({ ...SAFE, ...parts }).map(([field, value]) => `${field}:${value}\r\n`)
  return { info: async () => `# Server\r\n${lines.join("")}`, config }
}

const noConfig = async (): Promise<never> => {
  throw new Error("NOPERM this user has no permissions to run the 'config|get' command")
}

test.each([
  ["an older version", { redis_version: "6.2.14" }, "its version is 6.2.14; use Redis 7 or newer, or Valkey"],
  ["no version", { redis_version: "" }, "its version is ; use Redis 7"],
  ["no append-only file", { aof_enabled: "0" }, "it keeps no append-only file; set appendonly yes"],
  [
    "eviction",
    { maxmemory_policy: "volatile-lru" },
    "(maxmemory-policy volatile-lru); set maxmemory-policy noeviction",
  ],
  ["a replica", { role: "slave" }, "it is a replica; give the address of the primary"],
  ["a cluster", { redis_mode: "cluster" }, "it is part of a cluster; give a Redis of its own"],
  ["a cluster of one", { cluster_enabled: "1" }, "it is part of a cluster; give a Redis of its own"],
])("%s is refused", async (_what, parts, message) => {
  const checked = refuseUnsafe(redisThatSays(parts, noConfig), "Redis a:1")
  await expect(checked).rejects.toMatchObject({ code: "unsafe" })
  await expect(checked).rejects.toThrow(`Redis a:1 cannot keep an outbox: `)
  await expect(checked).rejects.toThrow(message)
})

test.each([
  ["a safe one", {}, noConfig],
  ["a newer one", { redis_version: "10.0.0" }, noConfig],
  ["one that writes every second", {}, async () => ["appendfsync", "everysec"]],
])("%s is not refused", async (_what, parts, config) => {
  await expect(refuseUnsafe(redisThatSays(parts, config), "Redis")).resolves.toBeUndefined()
})

test("one that leaves it to the system when to write is refused, where it can be asked", async () => {
  const checked = refuseUnsafe(
    redisThatSays({}, async () => ["appendfsync", "no"]),
    "Redis",
  )
  await expect(checked).rejects.toThrow("(appendfsync no); set appendfsync always or everysec")
})
