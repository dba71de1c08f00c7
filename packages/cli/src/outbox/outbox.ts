import { ConfigurationError } from "steadfetch"
import { exitCodeOf, isExpected } from "../exit-codes.ts"
import { oneLine } from "../paint.ts"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"
import type { OutboxTask } from "./arguments.ts"
import { add, amend } from "./changing.ts"
import { deliver } from "./deliver.ts"
import { list } from "./list.ts"
import { openFor, type Opened } from "./opening.ts"
import { discard, retry } from "./settling.ts"
import { show } from "./show.ts"
import { stats } from "./stats.ts"

/** Does what is to be done with an outbox. Resolves to the exit code. */
export async function outbox(task: OutboxTask, surroundings: Surroundings): Promise<number> {
  const { stderr, interrupted } = surroundings
  try {
    if (task.verb === "run") return await deliver(task, surroundings)
    await using opened = await openFor(task, surroundings)
    return await act(task, opened, surroundings)
  } catch (error) {
    if (interrupted.aborted) throw interrupted.reason
    // The library's words for its callers.
    if (ConfigurationError.is(error)) throw new UsageError(worded(error.message), { cause: error })
    if (!isExpected(error)) throw error
    stderr.line(`${stderr.paint("red", "steadfetch:")} ${worded(error.message)}`)
    return exitCodeOf(error)
  }
}

function act(
  task: Exclude<OutboxTask, { readonly verb: "run" }>,
  opened: Opened,
  surroundings: Surroundings,
): Promise<number> {
  switch (task.verb) {
    case "list":
      return list(task, opened, surroundings)
    case "show":
      return show(task, opened, surroundings)
    case "add":
      return add(task, opened, surroundings)
    case "amend":
      return amend(task, opened, surroundings)
    case "retry":
      return retry(task, opened, surroundings)
    case "discard":
      return discard(task, opened, surroundings)
    default:
      return stats(task, opened, surroundings)
  }
}

function worded(message: string): string {
  return oneLine(message)
    .replace(/set "baseUrl"$/, "give --base-url URL")
    .replace(/give one of path, query.*$/, "give --json, --data, --header, --method, --url, --priority or --lifetime")
    .replace('give "body: null", too', "give --no-body, too")
}
