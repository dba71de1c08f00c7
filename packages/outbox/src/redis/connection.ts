import type { Redis } from "ioredis"
import { OutboxError } from "../errors.ts"
import { scripts, type ScriptName } from "./lua/scripts.ts"

type Argument = string | number | Buffer

/** Where the entries are: a client of Redis, the prefix of the keys, and what people are told of both. */
export class Connection {
  readonly redis: Redis
  readonly name: string
  readonly #prefix: string
  /** Why the connection was lost last; the commands that wait then do not say. */
  #trouble = ""

  /** @param redis Not yet open. */
  constructor(redis: Redis, name: string, prefix: string) {
    this.redis = redis
    this.name = name
    this.#prefix = prefix
    for (const [script, lua] of Object.entries(scripts)) redis.defineCommand(script, { numberOfKeys: 1, lua })
    redis.on("error", (error) => (this.#trouble = error.message))
    redis.on("ready", () => (this.#trouble = ""))
  }

  /** Connects, at once also while the client waits before it tries again. */
  async open(): Promise<void> {
    const { redis } = this
    if (!["connecting", "connect", "ready"].includes(redis.status)) await redis.connect()
  }

  /** The name of a key. */
  key(name: string): string {
    return this.#prefix + name
  }

  run(script: ScriptName, ...args: readonly (Argument | readonly Argument[])[]): Promise<unknown> {
    const commands = this.redis as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
    const command = commands[`${script}Buffer`]
    if (command === undefined) throw new OutboxError("store", `${this.name} does not know the script ${script}`)
    return command.call(this.redis, this.#prefix, args.flat())
  }

  /** Does what needs Redis. @throws OutboxError "store" that says what could not be done, and why. */
  async ask<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof OutboxError || !isOfRedis(error)) throw error
      const why = /closed|writeable|retries/i.test(error.message) && this.#trouble ? this.#trouble : error.message
      throw new OutboxError("store", `cannot ${what} ${this.name}: ${why}; ${fixOf(why)}`, { cause: error })
    }
  }
}

/** Whether Redis has no memory left for a command. */
export const isFull = (error: unknown): boolean => error instanceof Error && error.message.startsWith("OOM ")

/** What to do next. */
function fixOf(said: string): string {
  const fixes: readonly (readonly [RegExp, string])[] = [
    [/^OOM /, "its memory is full: give it more, or remove what is settled; nothing that was acknowledged is lost"],
    [/^READONLY /, "it is a replica: give the address of the primary"],
    [/^MISCONF /, "it cannot write its files: look into its log, and make room on its disk"],
    [/^(NOAUTH|WRONGPASS|NOPERM) /, "check the username, the password and what this user may do"],
    [/^(MOVED|CROSSSLOT|CLUSTERDOWN) /, "a cluster is not supported: give a Redis of its own"],
  ]
  return fixes.find(([form]) => form.test(said))?.[1] ?? "is it running and reachable?"
}

/** Whether it is Redis or the connection to it that failed, and not the source of a body. */
function isOfRedis(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  const isOfClient = /^(ReplyError|MaxRetriesPerRequestError|AbortError)$/.test(error.name) || "syscall" in error
  return isOfClient || /^(Connection is closed|Stream isn't writeable|Command timed out|Socket t)/.test(error.message)
}
