import { ConfigurationError } from "steadfetch"
import { expect, test } from "vitest"
import { clientOf, redis } from "./redis.ts"

type Connection = Parameters<typeof redis>[0]

test.each([
  ["nothing", undefined, {}, "redis: undefined; give a URL such as"],
  ["an empty text", "", {}, "redis: a string that is neither a URL of Redis nor an absolute path"],
  ["a host and a port", "localhost:6379", {}, "redis: a string that is neither"],
  ["a URL of something else", "https://user:secret@example.com", {}, "redis: a string that is neither"],
  ["the nodes of a cluster", [{ host: "a" }], {}, "redis: an object (Array); give a URL"],
  ["a client", clientOf("redis://localhost"), {}, "redis: a client; give its options"],
  ["a prefix for all keys", { keyPrefix: "app:" }, {}, "redis.keyPrefix: a text; give the prefix as redis("],
  ["an unknown option", "redis://localhost", { perfix: "app" }, 'no option "perfix"'],
  ["a prefix with braces", "redis://localhost", { prefix: "{app}" }, "redis.prefix: a string; give a text without"],
  ["a prefix that is no text", "redis://localhost", { prefix: 7 }, "redis.prefix: a number; give a text without"],
])("%s is refused", (_what, connection, options, message) => {
  const make = (): unknown => redis(connection as Connection, options as Parameters<typeof redis>[1])
  expect(make).toThrow(ConfigurationError)
  expect(make).toThrow(message)
  expect(make).not.toThrow("secret")
})

test.each([
  ["redis://localhost", "Redis localhost:6379"],
  ["rediss://user:secret@redis.example.com:6380/2", "Redis redis.example.com:6380 database 2"],
  ["/run/redis.sock", "Redis /run/redis.sock"],
  [{ host: "redis.example.com", password: "secret" }, "Redis redis.example.com:6379"],
  [{ sentinels: [{ host: "a", port: 26379 }], name: "outbox" }, "Redis outbox (by Sentinel)"],
])("%j is called %s", (connection, name) => {
  expect(redis(connection as Connection).name).toBe(name)
})

test("URLs give the user, the password, the database and TLS", () => {
  const { options } = clientOf("rediss://user:p%40ss@redis.example.com:6380/2")
  expect(options).toMatchObject({ username: "user", password: "p@ss", host: "redis.example.com", port: 6380, db: 2 })
  expect(options.tls).toBeTruthy()
})

test("what the store relies on cannot be changed", () => {
  const { options } = clientOf({ stringNumbers: true, enableOfflineQueue: true, commandTimeout: 1e9 })
  expect(options).toMatchObject({ stringNumbers: false, enableOfflineQueue: false, commandTimeout: 10_000 })
})

test("a connection to what has become a replica is given up", () => {
  const { reconnectOnError } = clientOf("redis://localhost").options
  expect(reconnectOnError?.(new Error("READONLY You can't write against a read only replica."))).toBe(true)
  expect(reconnectOnError?.(new Error("OOM command not allowed"))).toBe(false)
})
