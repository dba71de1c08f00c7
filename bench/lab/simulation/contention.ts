import type { Contract, Policy, Transport } from "steadfetch"
import { seededRandom, virtualClock } from "@steadfetch/testing"
import { client, isSuccess, surroundings } from "./client.ts"
import { normal, reply } from "./servers.ts"

/** Clients that all want to change the same row, and may only from the version that they read. */
export interface ContentionEnd {
  /** Writes that the server received until everybody had succeeded. */
  readonly calls: number
  readonly ms: number
}

/** After M. Brooker, "Exponential Backoff And Jitter", 2015: 10 ± 2 ms for each way of a message. */
const NETWORK = { meanMs: 10, deviationMs: 2 }

/** A conflict is what is retried here. */
export const CONFLICT: Contract = { 409: "retry" }

export async function contend(
  clients: number,
  policies: () => readonly Policy[],
  seed: number,
): Promise<ContentionEnd> {
  const clock = virtualClock({ settles: "promises" })
  const random = seededRandom(seed * 1000)
  const message = (): Promise<void> =>
    new Promise((resolve) => {
      clock.after(Math.abs(NETWORK.meanMs + NETWORK.deviationMs * normal(random)), resolve)
    })
  let version = 0
  let calls = 0
  const row: Transport = {
    async send() {
      await message()
      const read = version
      await message()
      await message()
      calls++
      const isCurrent = read === version
      if (isCurrent) version++
      await message()
      return reply(isCurrent ? 200 : 409)
    },
    close: async () => {},
  }
  const runtime = surroundings(clock, seed * 1000 + 1)
  await clock.runUntil(
    Promise.all(
      Array.from(
        { length: clients },
        () =>
          new Promise<void>((resolve, reject) => {
            client(
              policies(),
              row,
              runtime,
            )((outcome) => (isSuccess(outcome) ? resolve() : reject(new Error("a client gave up"))))
          }),
      ),
    ),
  )
  return { calls, ms: clock.now() }
}
