import { candidates } from "../../scorecard/candidates.ts"
import type { Candidate } from "../../scorecard/client.ts"
import { NO_RETRIES as SIMULATED_WITHOUT, OURS as SIMULATED, peer, type Lineup } from "../lineups.ts"
import { peers } from "../simulation/peers.ts"

/** A client that takes part, with what stands for it in the simulation. */
export interface Contender {
  readonly name: string
  /** Its adapter: the scorecard's, with the settings that its documentation recommends. */
  readonly candidate: string
  /** Where it is told so. */
  readonly retries?: number
  readonly isOurs?: boolean
  /** In a spike attempts end by their timeouts, which not every client retries. */
  readonly simulatedSpike: Lineup
  readonly simulatedFailures: Lineup
}

const simulated = (lineup: Lineup) => ({ simulatedSpike: lineup, simulatedFailures: lineup })

export const NO_RETRIES: Contender = {
  name: "no retries",
  candidate: "steadfetch (fetch)",
  retries: 0,
  ...simulated(SIMULATED_WITHOUT),
}

export const OURS: readonly Contender[] = ["steadfetch (fetch)", "steadfetch (undici)"].map((name) => ({
  name,
  candidate: name,
  isOurs: true,
  ...simulated(SIMULATED),
}))

export const CONTENDERS: readonly Contender[] = [
  NO_RETRIES,
  ...OURS,
  { name: "ky", candidate: "ky", ...simulated(peer("ky", peers.ky)) },
  { name: "got", candidate: "got", ...simulated(peer("got", peers.got)) },
  {
    name: "axios + axios-retry",
    candidate: "axios + axios-retry",
    simulatedSpike: SIMULATED_WITHOUT,
    simulatedFailures: peer("axios-retry", peers.exponential(3, 200, Number.POSITIVE_INFINITY)),
  },
  {
    name: "undici RetryAgent",
    candidate: "undici request + RetryAgent",
    simulatedSpike: SIMULATED_WITHOUT,
    simulatedFailures: peer("undici", peers.undici),
  },
  {
    name: "cockatiel around fetch",
    candidate: "cockatiel around fetch",
    ...simulated(peer("cockatiel", peers.decorrelated(3, 128, 30_000))),
  },
]

/** @throws Error when the scorecard has no such client. */
export function candidateOf(name: string): Candidate {
  const found = candidates.find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`no such client on the scorecard: ${name}`)
  return found
}
