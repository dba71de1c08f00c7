/**
 * A gateway on this machine, through which programs in any language make their calls as steadfetch does: each status
 * treated as an API's documentation asks, retries that are safe, and the story of it in the reply's header fields.
 *
 * ```ts
 * const gateway = await startGateway({ upstreams: { orders: { url: "https://api.example.com/v1", prefix: "/orders" } } })
 * gateway.on("waiting", ({ call, waitMs }) => console.log(`${call.url} waits ${waitMs} ms`))
 * ```
 *
 * @packageDocumentation
 */

export { startGateway, type Gateway, type GatewayOptions } from "./gateway.ts"
export { checkConfiguration, parseConfiguration, readConfiguration } from "./configuration/read.ts"
export type {
  Address,
  AllowList,
  AuthChoice,
  BodyLimits,
  Configuration,
  ContractChoice,
  ContractName,
  Limits,
  OutboxChoice,
  RetryChoice,
  Secret,
  Upstream,
} from "./configuration/configuration.ts"
export type { Environment } from "./configuration/secrets.ts"
export { jsonLog, type Log } from "./watching/log.ts"
