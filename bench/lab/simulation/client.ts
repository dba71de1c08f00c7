import { Events, pipeline, type Clock, type Outcome, type Policy, type Runtime, type Transport } from "steadfetch"
import { seededRandom, sequentialIds, testExchange } from "@steadfetch/testing"

/** A process that calls a server: a pipeline of its own, and so a budget and whatever else it learns of its own. */
export type Client = (ended: (outcome: Outcome) => void) => void

/** What simulated clients take from their surroundings: simulated time, and randomness that repeats itself. */
export function surroundings(clock: Clock, seed: number): Runtime {
  return {
    clock,
    random: seededRandom(seed),
    uniqueId: sequentialIds(),
    pageOrigin: undefined,
    events: new Events(),
  }
}

const URL_ASKED = "https://api.example.com/"

export function client(policies: readonly Policy[], transport: Transport, runtime: Runtime): Client {
  const handler = pipeline(policies, transport, runtime)
  return (ended) => {
    handler(testExchange(URL_ASKED)).then(ended, refuseDefect)
  }
}

/** A status below 400. */
export function isSuccess(outcome: Outcome): boolean {
  return outcome.kind === "reply" && outcome.status < 400
}

/** A pipeline rejects for defects only; an experiment with one says nothing. */
function refuseDefect(defect: unknown): void {
  queueMicrotask(() => {
    throw defect
  })
}
