const PLACE = Symbol.for("undici.globalDispatcher.1")

/** Gives the platform's fetch a pool of so many connections, for this process. */
export async function limitConnections(connections: number | undefined): Promise<void> {
  if (connections === undefined) return
  // The platform makes its pool with the first request of all.
  await fetch("data:,").then((response) => response.text())
  const pool: unknown = Reflect.get(globalThis, PLACE)
  if (!(pool instanceof Object)) throw new Error("this platform's fetch has no dispatcher to set connections on")
  Reflect.set(globalThis, PLACE, Reflect.construct(pool.constructor, [{ connections }]))
}
