import { startFaultServer } from "@steadfetch/testing/fault-server"
import { expect, test } from "vitest"
import type { HeapGrowth, HeapInput } from "./heap.child.ts"
import { transportNames } from "../transports.ts"
import { runChild } from "./run-child.ts"
import { script } from "./script.ts"

const child = new URL("heap.child.ts", import.meta.url)

/** Compiled code lives on the heap, too, and comes and goes: without these, it is noise of megabytes. */
const steadyCode = ["--no-opt", "--no-maglev", "--no-lazy-feedback-allocation", "--no-flush-bytecode"]

const CALLS = 10_000

/**
 * Half of the 40 bytes that the smallest object with a field takes, its place in a list included. Without a leak, the heap
 * was measured to change by 1 byte per call, and from one measurement to the next by 6.
 */
const MOST_BYTES_PER_CALL = 20

test.each(transportNames)(
  "over ten thousand calls on %s the heap grows by less than the smallest object per call",
  async (transport) => {
    await using server = await startFaultServer(script, { limits: { keptRequests: 10 } })
    const input: HeapInput = { server: server.origin, transport, warmUp: 3000, calls: CALLS }
    const { ofCalls, ofPlantedLeak } = await runChild<HeapGrowth>(child, input, steadyCode)
    expect(ofCalls / CALLS).toBeLessThan(MOST_BYTES_PER_CALL)
    expect(ofPlantedLeak / CALLS).toBeGreaterThan(MOST_BYTES_PER_CALL)
  },
  120_000,
)
