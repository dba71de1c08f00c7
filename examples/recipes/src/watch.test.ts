import { expect, test } from "vitest"
import { runRecipe } from "./run-recipe.ts"

test("watch: one line, and each call's story is there to be looked at", async () => {
  expect(await runRecipe("watch")).toEqual([
    'GET /users/7: 503 "Down for maintenance.", 200: accept',
    'GET /orders/7: 404 "There is no such order.": correct',
  ])
})
