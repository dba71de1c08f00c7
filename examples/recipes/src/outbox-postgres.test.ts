import { expect, test } from "vitest"
import { INSTALLING_POSTGRES_MS, startPostgres } from "../../../e2e/servers/postgres.ts"
import { runRecipe } from "./run-recipe.ts"

test(
  "an order and its payment are committed together, delivered through an outage, and corrected where they are refused",
  async () => {
    await using server = await startPostgres()
    expect(await runRecipe("outbox-postgres", { DATABASE_URL: server.connectionString })).toEqual([
      "rolled back: no payment",
      "committed: waiting",
      'delivered after 3 tries with 1 Idempotency-Key: {"payment":7}',
      "rejected: amount must be positive (bad_amount)",
      "delivered",
    ])
  },
  INSTALLING_POSTGRES_MS,
)
