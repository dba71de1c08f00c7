import { expect, test } from "vitest"
import { runRecipe } from "./run-recipe.ts"

test("a file arrives whole over connections that break", async () => {
  expect(await runRecipe("upload")).toEqual([
    "PATCH: no reply, so the server is asked how far it got",
    "PATCH: no reply, so the server is asked how far it got",
    "the server has all of it",
    "8 MiB, the same bytes: true",
  ])
})
