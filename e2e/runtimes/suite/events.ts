import type { Listeners } from "steadfetch"
import { busy, json, type Group } from "./case.ts"
import { equal } from "./check.ts"

export const events: Group = {
  name: "events",
  cases: [
    {
      name: "a call is told from its start to its end",
      script: { "GET /thing": [busy, json("ok")] },
      async run(stage) {
        const told: string[] = []
        const on: Listeners = {
          "call-started": () => told.push("call-started"),
          "attempt-started": ({ attempt }) => told.push(`attempt-started ${attempt.number}`),
          "attempt-ended": ({ attempt }) => told.push(`attempt-ended ${attempt.status}`),
          waiting: ({ waitMs }) => told.push(`waiting ${waitMs}`),
          "call-ended": ({ outcome }) => told.push(`call-ended ${outcome?.kind}`),
        }
        await stage.api({ on }).get("/thing").json()
        const all = ["call-started", "attempt-started 1", "attempt-ended 503", "waiting 0"]
        equal(told, [...all, "attempt-started 2", "attempt-ended 200", "call-ended reply"], "events")
      },
    },
    {
      name: "who stops listening hears no more",
      script: { "GET /thing": json("ok") },
      async run(stage) {
        let heard = 0
        const api = stage.api()
        const stop = api.on("call-ended", () => heard++)
        await api.get("/thing").json()
        stop()
        await api.get("/thing").json()
        equal(heard, 1, "events")
      },
    },
  ],
}
