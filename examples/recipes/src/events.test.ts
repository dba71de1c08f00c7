import { expect, test } from "vitest"
import { runRecipe } from "./run-recipe.ts"

test("a feed goes on after each drop, and an answer comes word by word", async () => {
  expect(await runRecipe("events")).toEqual([
    "order 1: paid",
    "order 2: packed",
    "dropped, going on after event 2",
    "order 3: sent",
    "order 4: delivered",
    "dropped, going on after event 4",
    "Steady wins the race.",
  ])
})
