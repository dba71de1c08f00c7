/** Makes many calls, and tells how the heap's used size develops once all garbage is collected. */
import { createFetch, fetchTransport, steadfetch, type Transport } from "steadfetch"
import { fetchOver, newDispatcher, type Dispatcher } from "../peers/dispatcher.ts"
import type { TransportName } from "../transports.ts"

/** What the child is asked to do. */
export interface HeapInput {
  /** A fault server that plays `script`. */
  readonly server: string
  readonly transport: TransportName
  /** Calls before the first measurement: until then caches fill and code is compiled. */
  readonly warmUp: number
  /** Calls between the first measurement and the second. */
  readonly calls: number
}

/** How the heap's used size changed, in bytes. */
export interface HeapGrowth {
  /** Over the calls. */
  readonly ofCalls: number
  /** When an object with one field is kept for each of so many calls: what the smallest leak there is looks like. */
  readonly ofPlantedLeak: number
}

const { server, transport: name, warmUp, calls: count } = JSON.parse(process.argv[2] ?? "") as HeapInput
const AT_ONCE = 20
const retry = { attempts: 2, baseMs: 0, capMs: 0 }

/** What can be done without its idle connections. */
interface Way {
  readonly transport: Transport
  /** Ends the connections; later calls make new ones. */
  disconnect(): Promise<void>
  /** Where there is a fetch for the drop-in. */
  readonly platform?: typeof fetch
}

async function onFetch(): Promise<Way> {
  let dispatcher = await newDispatcher()
  const platform = fetchOver(() => dispatcher)
  const disconnect = async (): Promise<void> => {
    await dispatcher.close()
    dispatcher = await newDispatcher()
  }
  return { transport: fetchTransport({ fetch: platform }), disconnect, platform }
}

/** Loaded only here, as undici puts itself under the platform's fetch, too. */
async function onUndici(): Promise<Way> {
  const { undiciTransport } = await import("@steadfetch/node")
  const { Agent, getGlobalDispatcher, setGlobalDispatcher } = await import("undici")
  const disconnect = async (): Promise<void> => {
    const used: Dispatcher = getGlobalDispatcher()
    setGlobalDispatcher(new Agent())
    await used.close()
  }
  return { transport: undiciTransport(), disconnect }
}

const way = name === "fetch" ? await onFetch() : await onUndici()
const api = steadfetch({ baseUrl: server, retry, transport: way.transport })
const { signal } = new AbortController()

const calls: (() => Promise<unknown>)[] = [
  () => api.get("/ok", { signal }).json(),
  () => api.get("/busy", { signal }).outcome(),
  () => api.get("/missing").outcome(),
  () => api.post("/reset-body", { json: { item: "tea" } }).outcome(),
  () => api.get("/reset").outcome(),
]
if (way.platform !== undefined) {
  const steadyFetch = createFetch({ retry, fetch: way.platform })
  calls.push(
    async () => (await steadyFetch(`${server}/busy`)).text(),
    async () => (await steadyFetch(`${server}/ok`, { signal })).json(),
  )
}

async function run(count: number): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < count) {
        const call = calls[next++ % calls.length]
        await call?.()
      }
    }),
  )
}

/** What sockets and finalizers let go late is garbage only some turns later: as many without anything freed are the end. */
const QUIET_TURNS = 10
const MOST_TURNS = 200

/** Without the platform's idle connections, of which there are now more and now fewer. */
async function usedHeapBytes(): Promise<number> {
  await way.disconnect()
  let least = Infinity
  for (let turn = 0, quiet = 0; turn < MOST_TURNS && quiet < QUIET_TURNS; turn++, quiet++) {
    await new Promise((resolve) => setImmediate(resolve))
    globalThis.gc?.()
    const used = process.memoryUsage().heapUsed
    if (used < least - 1000) quiet = 0
    least = Math.min(least, used)
  }
  return least
}

await run(warmUp)
const before = await usedHeapBytes()
await run(count)
const after = await usedHeapBytes()
const planted = Array.from({ length: count }, (_, call) => ({ call }))
const growth: HeapGrowth = { ofCalls: after - before, ofPlantedLeak: (await usedHeapBytes()) - after }
process.stdout.write(JSON.stringify({ ...growth, planted: planted.length }))
