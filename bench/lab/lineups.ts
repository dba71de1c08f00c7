import { gentle, standard, timeout, type Policy, type PresetOptions, type TimeoutOptions } from "steadfetch"
import { peerRetry, peers, type Peer } from "./simulation/peers.ts"

/** A client in an experiment: its policies by name. */
export interface Lineup {
  readonly name: string
  /** Whether it is what steadfetch's users get, or what it is compared with. */
  readonly isOurs?: boolean | undefined
  /** A new list for each process. @param attemptMs The limit of an attempt; the client's own default without it. */
  policies(attemptMs?: number): readonly Policy[]
}

const limit = (attemptMs: number | undefined): TimeoutOptions => (attemptMs === undefined ? {} : { attemptMs })

/** The real standard pipeline with these options. */
export function steady(name: string, options: PresetOptions = {}, isOurs = false): Lineup {
  return { name, isOurs, policies: (attemptMs) => standard({ ...options, timeout: limit(attemptMs) }) }
}

/** The real standard pipeline with further policies. */
export function extended(name: string, add: () => readonly Policy[]): Lineup {
  return { name, policies: (attemptMs) => standard({ timeout: limit(attemptMs), add: add() }) }
}

/** A peer's way to retry; an attempt has the limit that all have, and there is no deadline. */
export function peer(name: string, retrying: Peer): Lineup {
  return { name, policies: (attemptMs) => [peerRetry(retrying), timeout(limit(attemptMs))] }
}

export const OURS = steady("steadfetch: standard()", {}, true)
export const NO_RETRIES = steady("no retries", { retry: false })

/** The preset for those who send much to one server. */
export const GENTLE: Lineup = {
  name: "steadfetch: gentle()",
  policies: (attemptMs) => gentle({ timeout: limit(attemptMs) }),
}

/** What is widely used, with its own defaults; where one has no default, with what its documentation shows first. */
export const PEERS: readonly Lineup[] = [
  peer("axios-retry: 3 at once", peers.axiosRetry),
  peer("ky: 2, 300 ms doubling", peers.ky),
  peer("got: 2, 1 s doubling", peers.got),
  peer("undici RetryAgent: 5, 500 ms doubling", peers.undici),
  peer("cockatiel: 3, decorrelated jitter", peers.decorrelated(3, 128, 30_000)),
  peer("AWS, legacy", peers.awsLegacy),
  peer("AWS, 2026", peers.aws2026),
  peer("gRPC A6", peers.grpc),
  peer("Finagle: 20 % + 10/s", peers.finagle(10)),
  peer("Finagle: 20 % + 0/s", peers.finagle(0)),
]
