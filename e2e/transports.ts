import { undiciTransport } from "@steadfetch/node"
import { fetchTransport, type Transport } from "steadfetch"

const makers = {
  fetch: () => fetchTransport(),
  undici: () => undiciTransport({ agent: {} }),
} as const

/** A transport that the tests run on. */
export type TransportName = keyof typeof makers

/** For `test.each`: what holds of one transport holds of all. */
export const transportNames = Object.keys(makers) as TransportName[]

export function makeTransport(name: TransportName): Transport {
  return makers[name]()
}
