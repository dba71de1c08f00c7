import { expect, test } from "vitest"
import { runRecipe } from "./run-recipe.ts"

test("what arrives and what is sent is checked by schemas", async () => {
  expect(await runRecipe("schemas")).toEqual([
    "Ada was born in 1815",
    "the reply is wrong at id and name",
    'sent as {"name":"Grace","born":"1970-01-01T00:00:00.000Z"}',
    "not sent: wrong at name",
  ])
})
