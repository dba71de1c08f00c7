/** Makes calls of every kind, steadily, and tells its parent how it fares. Ends by itself when nothing is left open. */
import { steadfetch as onUndici, undiciTransport } from "@steadfetch/node"
import { seededRandom } from "@steadfetch/testing"
import { getEventListeners } from "node:events"
import { createFetch, steadfetch, type ClientOptions } from "steadfetch"
import { platformDispatcher } from "../../e2e/peers/dispatcher.ts"
import type { Message, Task } from "./account.ts"
import { clientKinds, dropInKinds, type Kind, type Surroundings } from "./kinds.ts"
import { collected, look, type Look } from "./process-numbers.ts"

/** Load between two samples. */
const ROUND_SECONDS = 2.5

const { seconds, atOnce, seed, server, refused } = JSON.parse(process.argv[2] ?? "") as Task
const complaints: string[] = []
process.on("unhandledRejection", (reason) => complaints.push(`unhandled rejection: ${String(reason)}`))
process.on("uncaughtException", (error) => complaints.push(`uncaught exception: ${String(error)}`))
process.on("warning", (warning) => complaints.push(`warning: ${String(warning)}`))

const { signal } = new AbortController()
const random = seededRandom(seed)
const surroundings: Surroundings = { server, refused, signal, random }
const options: ClientOptions = { retry: { attempts: 4, baseMs: 0, capMs: 2, budget: false } }
const platform = await platformDispatcher()
const overFetch = steadfetch(options)
const overUndici = onUndici({ ...options, transport: undiciTransport({ agent: { connections: atOnce } }) })
const kinds: readonly (readonly [name: string, kind: Kind])[] = [
  ...named("fetch", clientKinds(overFetch, surroundings, "success")),
  ...named("undici", clientKinds(overUndici, surroundings, "broken-body")),
  ...named("drop-in", dropInKinds(createFetch({ retry: options.retry }), surroundings)),
]
const ends: Record<string, Record<string, number>> = {}
const unexpected = new Map<string, number>()
let calls = 0

function named(way: string, of: Readonly<Record<string, Kind>>): [string, Kind][] {
  return Object.entries(of).map(([name, kind]) => [`${way}: ${name}`, kind])
}

async function callOnce(): Promise<void> {
  const [name, kind] = kinds[Math.floor(random() * kinds.length)] ?? ["none", undefined]
  const end = await (kind?.run() ?? Promise.resolve("none")).catch((error: unknown) => `threw ${String(error)}`)
  calls++
  const counted = (ends[name] ??= {})
  const known = kind?.ends.includes(end) === true
  if (known) counted[end] = (counted[end] ?? 0) + 1
  else if (unexpected.size < 100) unexpected.set(`${name}: ${end}`, (unexpected.get(`${name}: ${end}`) ?? 0) + 1)
}

/** Calls, so many at once, for a while; looked at while all are under way. */
async function round(): Promise<Look> {
  const endsAt = performance.now() + ROUND_SECONDS * 1000
  let seen = look()
  const caller = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      await callOnce()
      if (performance.now() < endsAt) seen = look(seen)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, caller))
  return seen
}

function tell(message: Message): void {
  process.send?.(message)
}

const beganAt = performance.now()
const atSeconds = (): number => (performance.now() - beganAt) / 1000
const before = process.getActiveResourcesInfo()
while (atSeconds() < seconds) {
  const { sockets } = await round()
  tell({ sample: { atSeconds: atSeconds(), calls, sockets, ...(await collected()) } })
}
await Promise.all([overFetch.close(), overUndici.close(), platform.close()])
await collected()
const listeners = getEventListeners(signal, "abort").length
const resources = process.getActiveResourcesInfo().filter((name) => {
  const at = before.indexOf(name)
  if (at >= 0) before.splice(at, 1)
  return at < 0
})
const counts = [...unexpected].map(([name, count]) => `${name} (${count})`)
tell({ leftovers: { ends, unexpected: counts, listeners, resources, complaints } })
