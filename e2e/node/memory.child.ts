/** Receives much, and tells the most memory that this took. */
import { steadfetch, undiciTransport } from "@steadfetch/node"

/** What the child is asked to do. */
export interface MemoryInput {
  readonly url: string
  /** Buffers the whole body, begins to read a stream and takes its time before it goes on, or gives it up. */
  readonly way: "buffer" | "slowly" | "a piece"
  readonly maxBodyBytes: number
}

/** What came of it. */
export interface MemoryUsed {
  /** The failure's code, or how many bytes came. */
  readonly end: string | number
  /** By how much the process's peak grew. */
  readonly grewBytes: number
}

const { url, way, maxBodyBytes } = JSON.parse(process.argv[2] ?? "") as MemoryInput
const api = steadfetch({ transport: undiciTransport({ agent: {} }), retry: false, maxBodyBytes })
const small = new URL("/small", url)
const peakBytes = (): number => process.resourceUsage().maxRSS * 1024

/** Many exchanges, in which the connection of a stream that nobody reads could read ahead. */
async function letTimePass(): Promise<void> {
  for (let exchange = 0; exchange < 500; exchange++) await api.get(small).text()
}

async function receive(): Promise<string | number> {
  if (way === "buffer") {
    const outcome = await api.get(url).outcome()
    return outcome.kind === "no-reply" ? outcome.error.code : outcome.status
  }
  let length = 0
  const stream = await api.get(url).stream()
  for await (const piece of stream) {
    if (length === 0) await letTimePass()
    length += piece.length
    if (way === "a piece") break
  }
  return way === "a piece" ? "given up" : length
}

// Loads what is loaded but once.
await api.get(small).text()
const before = peakBytes()
const end = await receive()
await api.close()
const report: MemoryUsed = { end, grewBytes: peakBytes() - before }
process.stdout.write(JSON.stringify(report))
