import { beforeAll, expect, test } from "vitest"
import type { Plan } from "../../bench/torture/torture.ts"
import { torture } from "../../bench/torture/torture.ts"
import { verdict } from "../../bench/torture/verdict.ts"
import { INSTALLING_POSTGRES_MS, postgresProgram } from "../servers/postgres.ts"
import { redisProgram } from "../servers/redis.ts"

beforeAll(postgresProgram, INSTALLING_POSTGRES_MS)
beforeAll(redisProgram, 300_000)

/** `npm run torture` is the long form. */
test.each<Pick<Plan, "kind" | "instants">>([
  { kind: "sqlite", instants: 5 },
  { kind: "postgres", instants: 4 },
  { kind: "redis", instants: 4 },
])(
  "$kind: nothing that was acknowledged is lost when what uses it is killed",
  async ({ kind, instants }) => {
    const account = await torture({ kind, instants, seed: 7, outboxes: 1, processes: 2, speed: 20 })
    expect(verdict(account).filter(({ isMet }) => !isMet)).toEqual([])
    expect(Object.keys(account.kills).length).toBeGreaterThan(1)
  },
  300_000,
)
