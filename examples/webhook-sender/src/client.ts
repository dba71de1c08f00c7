import { rfc9110, standard, steadfetch, undiciTransport, type Client, type Contract } from "@steadfetch/node"
import { publicConnector } from "./public-addresses.ts"
import type { Receivers } from "./receivers.ts"
import { signing } from "./signing.ts"

/**
 * What RFC 9110 says of each status, so that a 429 is sent again also where it names no time; but a redirect, which is not
 * followed, is a refusal, and 410 is final, whatever it says beside.
 */
const contract: Contract = { ...rfc9110, "3xx": "correct", 410: "correct" }

/** The client that calls receivers: it signs, follows no redirects, and connects to public addresses alone. */
export function webhookClient(receivers: Receivers, isLocal: boolean): Client {
  const policies = standard({ contract, idempotencyKey: { header: "webhook-id" }, add: [signing(receivers)] })
  return steadfetch({
    contract,
    policies: policies.filter(({ name }) => name !== "redirect"),
    transport: undiciTransport({ agent: isLocal ? {} : { connect: publicConnector() } }),
    headers: { "user-agent": "steadfetch-webhook-sender" },
    maxBodyBytes: 1024 * 1024,
  })
}
