/** Receives much, and tells the most memory that this took. */
import { steadfetch, undiciTransport } from "@steadfetch/node"

/** What the child is asked to do. */
export interface MemoryInput {
  readonly url: string
  /** Buffers the whole body, reads a stream of it slowly, or reads a piece of it and no more until told to go on. */
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
const peakBytes = (): number => process.resourceUsage().maxRSS * 1024

async function receive(): Promise<string | number> {
  if (way === "buffer") {
    const outcome = await api.get(url).outcome()
    return outcome.kind === "no-reply" ? outcome.error.code : outcome.status
  }
  let length = 0
  const stream = await api.get(url).stream()
  for await (const piece of stream) {
    length += piece.length
    // A turn for every piece, in which the connection could read ahead.
    await new Promise((resolve) => setImmediate(resolve))
    if (way === "a piece") break
  }
  return way === "a piece" ? "given up" : length
}

// Loads what is loaded but once.
await api.get(new URL("/small", url)).text()
const before = peakBytes()
const end = await receive()
await api.close()
const report: MemoryUsed = { end, grewBytes: peakBytes() - before }
process.stdout.write(JSON.stringify(report))
