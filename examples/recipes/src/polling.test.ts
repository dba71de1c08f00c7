import { expect, test } from "vitest"
import { runRecipe } from "./run-recipe.ts"

test("an operation is waited for, and one that fails says why", async () => {
  expect(await runRecipe("polling")).toEqual([
    "it is under way",
    "it is queued",
    "it is running",
    "the export has 3 rows",
    "the video failed: The video is too long (too_long)",
  ])
})
