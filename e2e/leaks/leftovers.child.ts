/** Makes many failing calls under one signal, and tells what they left behind. */
import { getEventListeners } from "node:events"
import { platformDispatcher } from "../peers/dispatcher.ts"
import { makeTransport, type TransportName } from "../transports.ts"
import { failingCalls, type Places } from "./failing-calls.ts"

/** What is left after the calls. */
export interface Leftovers {
  /** How the calls of each kind ended, in the words of failing-calls.ts. */
  readonly ends: Readonly<Record<string, readonly string[]>>
  readonly calls: number
  /** Listeners on the signal that all calls shared, once what the platform leaves to its garbage collector is collected. */
  readonly listeners: number
  /** What keeps the process alive, beyond what did at the start. */
  readonly resources: readonly string[]
  /** Rejections that nobody handled, and warnings. */
  readonly complaints: readonly string[]
}

/** What the child is asked to do. */
export interface LeftoversInput extends Places {
  readonly transport: TransportName
  readonly calls: number
  readonly atOnce: number
}

const { calls, atOnce, transport: name, ...places } = JSON.parse(process.argv[2] ?? "") as LeftoversInput
const transport = makeTransport(name)
const complaints: string[] = []
process.on("unhandledRejection", (reason) => complaints.push(`unhandled rejection: ${String(reason)}`))
process.on("warning", (warning) => complaints.push(`warning: ${String(warning)}`))

// The platform opens the standard streams when it first looks at them, which its fetch does.
const [output] = [process.stdout, process.stderr]
const atStart = process.getActiveResourcesInfo()
const kinds = Object.entries(failingCalls(places, transport))
const ends: Record<string, string[]> = {}
const { signal } = new AbortController()

let next = 0
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    while (next < calls) {
      const [name = "", call] = kinds[next++ % kinds.length] ?? []
      const end = await call?.(signal)
      const known = (ends[name] ??= [])
      if (end !== undefined && !known.includes(end)) known.push(end)
    }
  }),
)

// Ends the idle connections; waits for ever if a request is still under way.
await transport.close()
await (await platformDispatcher()).close()
const listeners = await settledListeners()
const report: Leftovers = { ends, calls: next, listeners, resources: beyond(atStart), complaints }
output.write(JSON.stringify(report))

/** The platform's fetch takes its own listeners away when its objects are collected, which takes some turns. */
async function settledListeners(): Promise<number> {
  for (let turn = 0; turn < 50 && getEventListeners(signal, "abort").length > 0; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    globalThis.gc?.()
  }
  return getEventListeners(signal, "abort").length
}

function beyond(before: readonly string[]): string[] {
  const left = process.getActiveResourcesInfo()
  for (const resource of before) {
    const index = left.indexOf(resource)
    if (index >= 0) left.splice(index, 1)
  }
  return left
}
