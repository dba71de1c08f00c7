import type { WatchedOutbox } from "@steadfetch/watch"
import { openFor, type OpeningTask } from "../outbox/opening.ts"
import type { Surroundings } from "../surroundings.ts"

/** An outbox that somebody looks at, and whose entries others deliver. */
export interface OpenedOutbox extends AsyncDisposable {
  readonly watched: WatchedOutbox
}

/** Opens an outbox without delivering. @throws UsageError for one that is not there: looking must make none. */
export async function openWatched(task: OpeningTask, surroundings: Surroundings): Promise<OpenedOutbox> {
  const opened = await openFor(task, surroundings)
  const { outbox } = opened
  let last: Promise<unknown> = Promise.resolve()
  /**
   * The program alone knows what its URLs are relative to; that they stay at the entry's origin is all that matters here.
   * Changes are made one after another, as each has a base of its own.
   */
  const amend: WatchedOutbox["amend"] = (id, amendment, options) => {
    const change = (): ReturnType<typeof outbox.amend> => outbox.amend(id, amendment, options)
    const turn = last.then(async () => {
      const entry = await outbox.entry(id)
      return entry === undefined ? change() : opened.assuming(entry.origin, change)
    })
    last = turn.catch(() => {})
    return turn
  }
  return {
    watched: {
      stats: () => outbox.stats(),
      list: (query) => outbox.list(query),
      entry: (id) => outbox.entry(id),
      amend,
      retry: (id, options) => outbox.retry(id, options),
      discard: (id, options) => outbox.discard(id, options),
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}
