import { checked, kindOf, knownOptions, refuse, sharedTurns, type SharedPace, type TurnsOf } from "steadfetch"

/** What {@link sharedPace} needs of a Redis client: `new Redis()` of ioredis has it. */
export interface RedisCommands {
  eval(script: string, keys: number, ...args: (string | number)[]): Promise<unknown>
}

/** Options of {@link sharedPace}. */
export interface SharedPaceOptions {
  /** How many processes share the rate: while Redis cannot be asked, each keeps to that part of it. Default 1. */
  readonly processes?: number | undefined
  /** What its keys in Redis begin with. Processes with the same one share. Default "steadfetch:pace:". */
  readonly prefix?: string | undefined
}

/**
 * A token bucket and the end of a pause, by the clock of Redis, so that those of the processes do not matter. Grants what
 * is in the bucket, or nothing during a pause, and tells when the next is due. ARGV: wanted, perSecond (0: no rate), burst.
 */
const TAKE = `
local time = redis.call("TIME")
local now = time[1] * 1000 + time[2] / 1000
local kept = redis.call("HMGET", KEYS[1], "tokens", "at", "until")
local wanted, rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2]) / 1000, tonumber(ARGV[3])
local pause = math.max(0, (tonumber(kept[3]) or 0) - now)
if rate == 0 then
  return { pause > 0 and 0 or wanted, math.ceil(pause) }
end
local at = tonumber(kept[2]) or now
local tokens = math.min(burst, (tonumber(kept[1]) or burst) + math.max(0, now - at) * rate)
local granted = 0
if pause == 0 then
  granted = math.min(wanted, math.floor(tokens + 1e-9))
end
tokens = tokens - granted
redis.call("HSET", KEYS[1], "tokens", tokens, "at", math.max(at, now))
redis.call("PEXPIRE", KEYS[1], math.ceil(math.max(burst / rate, pause)) + 60000)
return { granted, math.ceil(math.max(pause, (1 - tokens) / rate, 0)) }
`

/** ARGV: how long. A pause is never shortened. */
const PAUSE = `
local time = redis.call("TIME")
local over = time[1] * 1000 + time[2] / 1000 + tonumber(ARGV[1])
if over > (tonumber(redis.call("HGET", KEYS[1], "until")) or 0) then
  redis.call("HSET", KEYS[1], "until", over)
  redis.call("PEXPIRE", KEYS[1], math.max(redis.call("PTTL", KEYS[1]), math.ceil(tonumber(ARGV[1])) + 60000))
end
return 0
`

/**
 * A rate and pauses that all processes keep together, through Redis (7 or newer, or Valkey):
 * `pace({ perSecond: 100, shared: sharedPace(redis, { processes: 4 }) })`. The client stays yours to close. Nothing of it
 * needs to outlive a restart of Redis: the worst that its loss does is one burst.
 * @throws ConfigurationError for what is no client, and for options that are unknown or out of range.
 */
export function sharedPace(redis: RedisCommands, options: SharedPaceOptions = {}): TurnsOf {
  knownOptions("sharedPace", options, ["processes", "prefix"])
  const { processes = 1, prefix = "steadfetch:pace:" } = options
  if (typeof redis?.eval !== "function")
    refuse("sharedPace", kindOf(redis), "a client of Redis: new Redis() of ioredis")
  if (typeof prefix !== "string") refuse("sharedPace.prefix", kindOf(prefix), "a text")
  return sharedTurns(paceStore(redis, 1 / checked("sharedPace.processes", processes, 1, 1e6), prefix))
}

/** What Redis grants. */
export function paceStore(redis: RedisCommands, share: number, prefix: string): SharedPace {
  return {
    share,
    async take(key, rate, wanted) {
      const [granted, nextMs] = (await redis.eval(TAKE, 1, prefix + key, wanted, rate?.perSecond ?? 0, rate?.burst ?? 1)) as [number, number] // prettier-ignore
      return { granted, nextMs }
    },
    async pause(key, pauseMs) {
      await redis.eval(PAUSE, 1, prefix + key, pauseMs)
    },
  }
}
