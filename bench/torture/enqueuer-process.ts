/** Several callers at once enqueue requests without end, and tell which were acknowledged. Each request has a name, which is its key. */
import { OutboxError } from "@steadfetch/outbox"
import { lineOf } from "./line.ts"
import { breath, outboxOf, ownTask, tell } from "./task.ts"

/** Beyond so many nothing is taken: then callers wait until others were delivered. */
const MOST_WAITING = 1000

/** Every so many requests of a caller are one with a body that is a file of its own in a SQLite outbox, or comes in pieces. */
const LARGE_EVERY = 40

const task = ownTask()
const outbox = await outboxOf(task, { limits: { entries: MOST_WAITING } })
tell("ready")
await Promise.all(task.next.map((next, index) => call(index, next)))

/** What was not acknowledged is enqueued again, also by the process that comes after this one: its key makes it one entry. */
async function call(index: number, next: number): Promise<void> {
  for (let number = next; ;) {
    const name = `${task.name}-${index}-${number}`
    const text = "x".repeat(number % LARGE_EVERY === 0 ? 100_000 : 500)
    const json = { name, text, bytes: text.length }
    try {
      const { isNew } = await outbox.post("/orders", { json, key: name, orderingKey: lineOf(name) })
      tell(`${isNew ? "acknowledged" : "known"} ${name}`)
      number++
    } catch (error) {
      if (!OutboxError.is(error) || !["full", "store"].includes(error.code)) throw error
      tell(`refused ${error.code}`)
      await breath()
    }
  }
}
