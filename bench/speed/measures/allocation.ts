import { Session, type HeapProfiler } from "node:inspector"
import { callTimes } from "./load.ts"

/** What calls allocated, collected since or not. */
export interface Allocation {
  readonly bytesPerCall: number
  /** The functions that allocated most, calls inlined into them included; largest first. */
  readonly sites: readonly { readonly name: string; readonly bytesPerCall: number }[]
}

const WARM_UP_CALLS = 20_000
const CONCURRENCY = 50
const SAMPLING_BYTES = 1024
const MOST_SITES = 20

/** Samples the allocations of so many calls in a process that is warm. */
export async function allocation(call: () => Promise<unknown>, calls: number): Promise<Allocation> {
  await callTimes(call, WARM_UP_CALLS, CONCURRENCY)
  const session = new Session()
  session.connect()
  // What was collected counts as well: it is what keeps the collector busy.
  const options = {
    samplingInterval: SAMPLING_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  }
  await new Promise<void>((resolve, reject) => {
    session.post("HeapProfiler.startSampling", options, (error) => (error === null ? resolve() : reject(error)))
  })
  await callTimes(call, calls, CONCURRENCY)
  const profile = await new Promise<HeapProfiler.SamplingHeapProfile>((resolve, reject) => {
    session.post("HeapProfiler.stopSampling", (error, result) =>
      error === null ? resolve(result.profile) : reject(error),
    )
  })
  session.disconnect()
  return summed(profile.head, calls)
}

function summed(head: HeapProfiler.SamplingHeapProfileNode, calls: number): Allocation {
  const bytes = new Map<string, number>()
  const add = ({ callFrame, selfSize, children }: HeapProfiler.SamplingHeapProfileNode): void => {
    const name = siteName(callFrame.functionName, callFrame.url)
    bytes.set(name, (bytes.get(name) ?? 0) + selfSize)
    for (const child of children) add(child)
  }
  add(head)
  const all = [...bytes].map(([name, total]) => ({ name, bytesPerCall: total / calls }))
  return {
    bytesPerCall: all.reduce((sum, site) => sum + site.bytesPerCall, 0),
    sites: all.toSorted((a, b) => b.bytesPerCall - a.bytesPerCall).slice(0, MOST_SITES),
  }
}

/** `repeat in policies/retry.ts`, without the machine's folders. */
function siteName(functionName: string, url: string): string {
  const file = url.split("/").slice(-2).join("/")
  return `${functionName === "" ? "(anonymous)" : functionName}${file === "" ? "" : ` in ${file}`}`
}
