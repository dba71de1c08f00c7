import type { Configuration, ContractName, Upstream } from "@steadfetch/gateway"
import { parseChoice } from "../parse.ts"
import type { readArguments } from "../command.ts"
import { parseLimit } from "../duration.ts"
import { parseCount } from "../numbers.ts"
import { UsageError } from "../usage-error.ts"
import { gatewayOptions } from "./options.ts"

export type GatewayValues = ReturnType<typeof readArguments<typeof gatewayOptions>>["values"]

/** The configuration that the options describe. @throws UsageError naming the option and the fix. */
export function configurationFrom(values: GatewayValues): Configuration {
  const { upstream: url, "admin-port": adminPort = "8481" } = values
  if (url === undefined) {
    throw new UsageError("name the server with --upstream https://api.example.com, or a file with --config FILE")
  }
  const tokenEnv = values["token-env"]
  return {
    listen: { host: values.host, port: parseCount("--port", values.port ?? "8480", 0, 65_535) },
    admin: adminPort === "none" ? false : { port: parseCount("--admin-port", adminPort, 0, 65_535) },
    token: tokenEnv === undefined ? undefined : { env: tokenEnv },
    allow: { hosts: values["allow-host"], origins: values["allow-origin"] },
    accessLog: values.quiet !== true,
    outbox: values.outbox === undefined ? undefined : { file: values.outbox },
    upstreams: { default: upstreamFrom(url, values) },
  }
}

function upstreamFrom(url: string, values: GatewayValues): Upstream {
  const { deadline, timeout, attempts, contract, "bearer-env": bearerEnv } = values
  const timeoutMs = timeout === undefined ? undefined : parseLimit("--timeout", timeout)
  return {
    url,
    deadlineMs: deadline === undefined ? undefined : parseLimit("--deadline", deadline),
    timeout: timeoutMs === undefined ? undefined : { attemptMs: timeoutMs },
    retry: attempts === undefined ? undefined : { attempts: parseCount("--attempts", attempts, 1) },
    contract: contract === undefined ? undefined : contractName(contract),
    idempotencyKey: values["no-idempotency-key"] === true ? false : undefined,
    auth: bearerEnv === undefined ? undefined : { bearer: { env: bearerEnv } },
  }
}

function contractName(text: string): ContractName {
  return parseChoice("--contract", text, gatewayOptions.contract.choices)
}
