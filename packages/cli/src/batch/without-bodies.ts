import { WholeBody, type Transport } from "steadfetch"

const NOTHING = new WholeBody(new Uint8Array())

/** A transport that drops the bodies of successes, which nobody will read: a batch holds its replies until it is over. */
export function withoutBodies(transport: Transport): Transport {
  return {
    async send(exchange) {
      const outcome = await transport.send(exchange)
      const isUnread = outcome.kind === "reply" && outcome.status < 300 && outcome.body.bytes !== undefined
      return isUnread ? { ...outcome, body: NOTHING } : outcome
    },
    close: () => transport.close(),
  }
}
