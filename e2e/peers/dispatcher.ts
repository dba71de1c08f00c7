/** What the platform's fetch sends through: its pool of connections. */
export interface Dispatcher {
  /** Waits for the requests under way, then ends all connections. */
  close(): Promise<void>
}

/** The one that the platform's fetch uses by itself. */
export async function platformDispatcher(): Promise<Dispatcher> {
  // The platform makes it with the first request of all.
  await fetch("data:,").then((response) => response.text())
  const dispatcher: unknown = Reflect.get(globalThis, Symbol.for("undici.globalDispatcher.1"))
  if (!isDispatcher(dispatcher)) throw new Error("this platform's fetch has no dispatcher")
  return dispatcher
}

/** Another one of the same kind, such as with `{ connections: 1 }`. */
export async function newDispatcher(options: { readonly connections?: number } = {}): Promise<Dispatcher> {
  const { constructor } = await platformDispatcher()
  const dispatcher: unknown = Reflect.construct(constructor, [options])
  if (!isDispatcher(dispatcher)) throw new Error("this platform's dispatcher makes no other one")
  return dispatcher
}

function isDispatcher(value: unknown): value is Dispatcher {
  return value instanceof Object && "close" in value && typeof value.close === "function"
}

/** The platform's fetch over what `dispatcher` gives at the time of each request. */
export function fetchOver(dispatcher: () => Dispatcher): typeof fetch {
  return (input, init) => fetch(input, Object.assign({ ...init }, { dispatcher: dispatcher() }))
}
