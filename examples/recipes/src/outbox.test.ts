import { expect, test } from "vitest"
import { runRecipe } from "./run-recipe.ts"

test("a payment is written down, delivered through a restart, and corrected where it is refused", async () => {
  expect(await runRecipe("outbox")).toEqual([
    "written down",
    'delivered after 3 tries with 1 Idempotency-Key: {"payment":7}',
    "order-17 was written down before",
    "rejected: amount must be positive (bad_amount)",
    "delivered",
  ])
})
