import { expect, test } from "vitest"
import { runRecipe } from "./run-recipe.ts"

test("prints the spans of a call and its attempts", async () => {
  expect(await runRecipe("telemetry")).toEqual([
    "GET /users/{id}: 503, resent 0, seen by the server",
    "GET /users/{id}: 200, resent 1, seen by the server",
    "steadfetch GET /users/{id}: 200, resent 0",
    "/users/7?access_token=REDACTED",
  ])
})
