/** Makes many calls, and tells how the heap's used size develops once all garbage is collected. */
import { createFetch, fetchTransport, steadfetch } from "steadfetch"
import { fetchOver, newDispatcher } from "../peers/dispatcher.ts"

/** What the child is asked to do. */
export interface HeapInput {
  /** A fault server that plays `script`. */
  readonly server: string
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

const { server, warmUp, calls: count } = JSON.parse(process.argv[2] ?? "") as HeapInput
const AT_ONCE = 20
const retry = { attempts: 2, baseMs: 0, capMs: 0 }
let dispatcher = await newDispatcher()
const platform = fetchOver(() => dispatcher)
const api = steadfetch({ baseUrl: server, retry, transport: fetchTransport({ fetch: platform }) })
const steadyFetch = createFetch({ retry, fetch: platform })
const { signal } = new AbortController()

const calls: (() => Promise<unknown>)[] = [
  () => api.get("/ok", { signal }).json(),
  () => api.get("/busy", { signal }).outcome(),
  () => api.get("/missing").outcome(),
  () => api.post("/reset-body", { json: { item: "tea" } }).outcome(),
  () => api.get("/reset").outcome(),
  async () => (await steadyFetch(`${server}/busy`)).text(),
  async () => (await steadyFetch(`${server}/ok`, { signal })).json(),
]

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

/** Without the platform's idle connections, of which there are now more and now fewer. */
async function usedHeapBytes(): Promise<number> {
  await dispatcher.close()
  dispatcher = await newDispatcher()
  // What finalizers free is garbage only after they have run.
  for (let turn = 0; turn < 10; turn++) {
    globalThis.gc?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return process.memoryUsage().heapUsed
}

await run(warmUp)
const before = await usedHeapBytes()
await run(count)
const after = await usedHeapBytes()
const planted = Array.from({ length: count }, (_, call) => ({ call }))
const growth: HeapGrowth = { ofCalls: after - before, ofPlantedLeak: (await usedHeapBytes()) - after }
process.stdout.write(JSON.stringify({ ...growth, planted: planted.length }))
