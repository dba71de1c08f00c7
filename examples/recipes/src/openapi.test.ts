import { expect, test } from "vitest"
import { runRecipe } from "./run-recipe.ts"

test("an API typed by its OpenAPI document", async () => {
  expect(await runRecipe("openapi")).toEqual([
    "made after 2 attempts: 900 cents, open",
    "2 × TEA-250",
    expect.stringMatching(/^no such order: .+/),
    "1 order in all",
  ])
})
