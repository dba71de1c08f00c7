import { WholeBody, type Exchange, type Outcome, type Transport } from "steadfetch"
import { asFailure } from "../call/buffering.ts"

const NOTHING = new WholeBody(new Uint8Array())

/** A transport that receives the bodies of successes to their end, of any size, and keeps nothing of them. */
export function drained(transport: Transport): Transport {
  return { send: (exchange) => send(transport, exchange), close: () => transport.close() }
}

async function send(transport: Transport, exchange: Exchange): Promise<Outcome> {
  const outcome = await transport.send({ ...exchange, reading: "stream" })
  if (outcome.kind === "failure" || outcome.body.bytes !== undefined) return outcome
  const reader = outcome.body.stream((failure) => failure).getReader()
  for (;;) {
    const next = await reader.read().catch(asFailure)
    if ("kind" in next) return next
    if (next.done) return { ...outcome, body: NOTHING }
  }
}
