import { expect, test } from "vitest"
import { runRecipe } from "./run-recipe.ts"

test("download", async () => {
  expect(await runRecipe("download")).toEqual([
    "server: all of it, please",
    "server: the rest, please",
    "progress: 1000000 of 1000000 bytes",
    "orders.csv: 1000000 bytes in 2 parts",
    "checked: sha-256",
  ])
})
