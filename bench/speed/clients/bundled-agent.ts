import { KEEP_ALIVE_MS } from "./client.ts"

/** Where Node's own undici keeps the dispatcher of its fetch. */
const PLACE = Symbol.for("undici.globalDispatcher.1")

interface Dispatcher {
  readonly constructor: new (options: object) => Dispatcher
}

/** Gives Node's own fetch so many connections. It has no import, so its Agent is taken from where fetch finds it. */
export function limitFetch(connections: number): void {
  // The first web object loads Node's undici.
  void new Headers()
  const global = globalThis as { [PLACE]?: Dispatcher }
  const Agent = global[PLACE]?.constructor
  if (Agent === undefined) throw new Error(`Node ${process.version} keeps the dispatcher of its fetch elsewhere`)
  global[PLACE] = new Agent({ connections, keepAliveTimeout: KEEP_ALIVE_MS, keepAliveMaxTimeout: KEEP_ALIVE_MS })
}
