import { expect, test } from "vitest"
import { startRedis } from "../../../e2e/servers/redis.ts"
import { runRecipe } from "./run-recipe.ts"

/** Long enough for apt-get, where Redis has to be installed first. */
const INSTALLING_MS = 300_000

test(
  "payments are written down by one process, delivered by another, and corrected where they are refused",
  async () => {
    await using server = await startRedis()
    expect(await runRecipe("outbox-redis", { REDIS_URL: server.path })).toEqual([
      "written down",
      'delivered after 3 tries with 1 Idempotency-Key: {"payment":7}',
      "order-17 was written down before",
      "rejected: amount must be positive (bad_amount)",
      "delivered",
    ])
  },
  INSTALLING_MS,
)
