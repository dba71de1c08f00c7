/** Delivers without end. What is rejected or expires is told: here nothing is to be. */
import { MOST_IN_FLIGHT } from "./in-flight.ts"
import { outboxOf, ownTask, tell } from "./task.ts"

const outbox = await outboxOf(ownTask(), {
  concurrency: { total: MOST_IN_FLIGHT, perOrigin: MOST_IN_FLIGHT },
  on: { rejected: ({ id }) => tell(`rejected ${id}`), expired: ({ id }) => tell(`expired ${id}`) },
})
outbox.run()
tell("ready")
