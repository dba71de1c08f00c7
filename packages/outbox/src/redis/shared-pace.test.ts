import { ConfigurationError } from "steadfetch"
import { expect, test } from "vitest"
import { sharedPace, type RedisCommands, type SharedPaceOptions } from "./shared-pace.ts"

const redis: RedisCommands = { eval: async () => [0, 0] }

test.each([
  ["an address", "redis://localhost", {}, "sharedPace: a string; give a client of Redis: new Redis() of ioredis"],
  ["no client", undefined, {}, "sharedPace: undefined; give a client of Redis"],
  ["an unknown option", redis, { process: 2 }, 'no option "process"'],
  ["no processes", redis, { processes: 0 }, "sharedPace.processes: 0; give a number from 1"],
  ["a prefix that is no text", redis, { prefix: 7 }, "sharedPace.prefix: a number; give a text"],
])("%s is refused", (_what, client, options, message) => {
  const make = (): unknown => sharedPace(client as RedisCommands, options as SharedPaceOptions)
  expect(make).toThrow(ConfigurationError)
  expect(make).toThrow(message)
})
