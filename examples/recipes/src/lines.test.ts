import { expect, test } from "vitest"
import { runRecipe } from "./run-recipe.ts"

test("an export comes record by record, and a log until the right line", async () => {
  expect(await runRecipe("lines")).toEqual(["3333 active users, asked for 2 times", "error: no space left"])
})
