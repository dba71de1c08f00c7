import { expect, test } from "vitest"
import { runRecipe } from "./run-recipe.ts"

test("paging reads a list over a 503, stops at an outage, and goes on from there", async () => {
  expect(await runRecipe("paging")).toEqual([
    "Ada",
    "Grace",
    "Edith",
    "Mary",
    "stopped after 3 attempts: the index is being rebuilt",
    "Hedy",
    "7 requests",
  ])
})
