import { expect, test } from "vitest"
import { runRecipe } from "./run-recipe.ts"

test("gateway: any program, an API that fails twice, and a token that the program does not know", async () => {
  expect(await runRecipe("gateway")).toEqual([
    "attempt 1 got 503: waits",
    "attempt 2 got 503: waits",
    '200 {"id":7,"token":true}',
    "attempts: 3",
    '404 correct {"detail":"There is no such thing."}',
    "403 for a web page",
  ])
})
