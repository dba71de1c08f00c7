import { expect, test } from "vitest"
import { runRecipe } from "./run-recipe.ts"

test("many orders are placed a few at a time, and a wrong one stops them", async () => {
  expect(await runRecipe("batches")).toEqual([
    "40 orders placed, in order: true, never more than four at a time: true",
    "stopped: order 9 has no gears",
    "9 placed, 30 not sent",
  ])
})
