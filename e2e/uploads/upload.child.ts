/** Uploads a file, and tells how it gets on, one line of JSON for each thing. */
import { fileUploads } from "@steadfetch/node"
import { steadfetch } from "steadfetch"
import { makeTransport, type TransportName } from "../transports.ts"

/** What the child is asked to do. */
export interface ChildInput {
  readonly url: string
  readonly file: string
  readonly resumeFile: string
  readonly transport: TransportName
  readonly chunkBytes?: number
}

/** What it tells. */
export type ChildLine =
  | { readonly transferredBytes: number; readonly sentBytes: number }
  | { readonly url: string; readonly mostHeldBytes: number; readonly grewBytes: number }

const { url, file, resumeFile, transport, chunkBytes } = JSON.parse(process.argv[2] ?? "") as ChildInput
const tell = (line: ChildLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

function heldBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().arrayBuffers
}
const peakBytes = (): number => process.resourceUsage().maxRSS * 1024

const api = steadfetch({ transport: makeTransport(transport), abilities: [fileUploads] })
const base = heldBytes()
const peak = peakBytes()
let mostHeldBytes = 0
let events = 0
const uploaded = await api.post(url).uploadFile(file, {
  resumeFile,
  chunkBytes,
  onProgress({ transferredBytes, sentBytes }) {
    if (events++ % 64 !== 0) return
    mostHeldBytes = Math.max(mostHeldBytes, heldBytes() - base)
    tell({ transferredBytes, sentBytes })
  },
})
tell({ url: uploaded.url, mostHeldBytes, grewBytes: peakBytes() - peak })
await api.close()
