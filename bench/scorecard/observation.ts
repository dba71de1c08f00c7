import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises"
import { startFaultServer, type FaultServer, type ReceivedRequest, type Script } from "@steadfetch/testing/fault-server"
import type { Ended } from "./client.ts"

export { nextTurn, pause }

/** Runs `look` against a fault server that plays the script. */
export async function withServer<T>(script: Script, look: (server: FaultServer) => Promise<T>): Promise<T> {
  await using server = await startFaultServer(script)
  return await look(server)
}

/** What `work` comes to within so many milliseconds, and when; undefined when it is still under way then. */
export async function within<T>(
  work: Promise<T>,
  limitMs: number,
): Promise<{ readonly value: T; readonly afterMs: number } | undefined> {
  const startedAt = performance.now()
  const controller = new AbortController()
  const tooLate = pause(limitMs, undefined, { signal: controller.signal }).catch(() => undefined)
  const value = work.then((value) => ({ value, afterMs: Math.round(performance.now() - startedAt) }))
  try {
    return await Promise.race([value, tooLate])
  } finally {
    controller.abort()
  }
}

/** The milliseconds from each request to the next. */
export function gapsMs(requests: readonly ReceivedRequest[]): number[] {
  return requests.slice(1).map(({ arrivedAtMs }, index) => {
    return Math.round(arrivedAtMs - (requests[index]?.arrivedAtMs ?? arrivedAtMs))
  })
}

/** How a call ended, in a few words. */
export function inWords(end: Ended | undefined): string {
  if (end === undefined) return "still under way"
  if ("error" in end) return `error "${shortMessage(end.error)}"`
  return `status ${end.reply.status}`
}

function shortMessage(error: unknown): string {
  // The ports of a run would make each report differ from the last one.
  const message = String(error instanceof Error ? error.message || error.name : error)
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, "…")
    .replace(/\s+/g, " ")
  return message.length > 80 ? `${message.slice(0, 79)}…` : message
}

/** Whether the call ended well. */
export function succeeded(end: Ended | undefined): boolean {
  return end !== undefined && !("error" in end) && end.reply.status < 300
}

/** "1 request", "3 requests". */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`
}

/** A stream of these bytes that can be read once. */
export function oneShot(text: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text))
      controller.close()
    },
  })
}
