/** Downloads a large file, and tells how much memory that took. */
import { downloads } from "@steadfetch/node"
import { steadfetch } from "steadfetch"
import { makeTransport, type TransportName } from "../transports.ts"

/** What the child is asked to do. */
export interface DownloadInput {
  readonly url: string
  readonly file: string
  readonly transport: TransportName
  /** Instead of to a file, to a stream that throws the bytes away, which keeps them all: for the measurement to find. */
  readonly keepsAll?: boolean
}

/** How it went. */
export interface DownloadReport {
  readonly totalBytes: number
  readonly resumedBytes: number
  readonly parts: number
  readonly verifiedDigests: readonly string[]
  /** The most bytes in buffers at any time that nobody could have collected. */
  readonly mostHeldBytes: number
  /** How much the process grew at its largest, garbage included. */
  readonly grownBytes: number
}

const { url, file, transport, keepsAll = false } = JSON.parse(process.argv[2] ?? "") as DownloadInput

function heldBytes(): number {
  globalThis.gc?.()
  // The first one's buffers are let go in the background; the second waits for that.
  globalThis.gc?.()
  return process.memoryUsage().arrayBuffers
}

const api = steadfetch({ transport: makeTransport(transport), abilities: [downloads] })
const base = heldBytes()
const baseRss = process.memoryUsage.rss()
let mostHeldBytes = 0
let nextAt = 0
const onProgress = ({ transferredBytes }: { readonly transferredBytes: number }): void => {
  if (transferredBytes < nextAt) return
  nextAt = transferredBytes + 50_000_000
  mostHeldBytes = Math.max(mostHeldBytes, heldBytes() - base)
}
const options = { onProgress, resume: { baseMs: 1 } }
const all: Uint8Array[] = []
const keeping = new WritableStream<Uint8Array>({ write: (piece) => void all.push(piece) })
const done = await (keepsAll ? api.get(url).download(keeping, options) : api.get(url).download(file, options))
const { totalBytes, resumedBytes, parts, verifiedDigests } = done
const grownBytes = process.resourceUsage().maxRSS * 1024 - baseRss
const report: DownloadReport = { totalBytes, resumedBytes, parts, verifiedDigests, mostHeldBytes, grownBytes }
process.stdout.write(JSON.stringify(report))
