import { standard, steadfetch, undiciTransport, type Client, type Contract } from "@steadfetch/node"
import { publicConnector } from "./public-addresses.ts"
import type { Receivers } from "./receivers.ts"
import { signing } from "./signing.ts"

/** The documented contract, but: a redirect is not followed, so that it is a refusal; and 410 is final, whatever it says beside. */
const contract: Contract = { "3xx": "correct", 410: "correct" }

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
