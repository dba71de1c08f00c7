import { BatchRun, checkCall, type BatchPlan } from "./batch-run.ts"
import type { Batch, BatchOptions } from "./batch.ts"
import type { Call } from "./call.ts"
import { checkFunction, kindOf, knownOptions, refuse, whole } from "./validation.ts"

/** What browsers open to one origin over HTTP/1.1; more would wait there while their deadlines run. */
const USUAL_CONCURRENCY = 6

/**
 * Makes many calls, a few at a time, and tells how each ended, in the order given: none is lost, whatever the others do.
 * Calls go out when they are read, so those that wait for their turn are not sent.
 * @param calls Calls that nobody has read yet.
 * @returns All ends. An abort does not reject: what was done stays known.
 * @throws ConfigurationError for what is no call, and for options that cannot work, before anything is sent; what
 * `onProgress`, `stopWhen` or the iterable throw, once the calls under way have ended.
 */
export function all<C extends Call, Value = undefined>(
  calls: Iterable<C>,
  options?: BatchOptions<C, Value>,
): Promise<Batch<C, Value>>
/**
 * Makes a call for each item, a few at a time. An item is asked for when its call can go out, never ahead of it.
 * @param items Also an async iterable: rows of a file, pages of a list.
 * @param call Makes the call for an item: `(id) => api.get("/users/{id}", { path: { id } })`.
 */
export function all<Item, Value = undefined>(
  items: Iterable<Item> | AsyncIterable<Item>,
  call: (item: Item, index: number) => Call,
  options?: BatchOptions<Item, Value>,
): Promise<Batch<Item, Value>>
export async function all(
  items: Iterable<unknown> | AsyncIterable<unknown>,
  second: BatchPlan["make"] | BatchOptions<unknown, unknown> = {},
  third: BatchOptions<unknown, unknown> = {},
): Promise<Batch<unknown, unknown>> {
  const [make, options] = typeof second === "function" ? [second, third] : [undefined, second]
  knownOptions("all", options, ["concurrency", "read", "stopWhen", "onProgress", "signal"])
  const { concurrency = USUAL_CONCURRENCY, read, stopWhen, onProgress, signal } = options
  checkFunction("all: read", read)
  checkFunction("all: stopWhen", stopWhen)
  checkFunction("all: onProgress", onProgress)
  if (signal !== undefined && typeof signal?.addEventListener !== "function")
    refuse("all: signal", kindOf(signal), "an AbortSignal: controller.signal")
  checkItems(items, make === undefined)
  return new BatchRun({ ...options, items, make, concurrency: whole("all: concurrency", concurrency, 1) }).run()
}

function checkItems(items: Iterable<unknown> | AsyncIterable<unknown>, areCalls: boolean): void {
  if (typeof items !== "object" || items === null || !(Symbol.iterator in items || Symbol.asyncIterator in items))
    refuse("all", kindOf(items), "a list of calls, or items and a function that makes a call for each")
  if (!areCalls) return
  // An async generator awaits what it yields, and so would send each call by itself.
  if (Symbol.asyncIterator in items)
    refuse("all", "an async iterable of calls", "items, and a function that makes a call for each")
  if (Array.isArray(items)) for (const [index, call] of items.entries()) checkCall(call, index)
}
