import {
  apiKey,
  arrange,
  basic,
  bearer,
  breaker,
  contract,
  documented,
  gentle,
  lowLatency,
  rfc9110,
  standard,
  strict,
  type Contract,
  type Credentials,
  type Policy,
  type PresetOptions,
} from "steadfetch"
import type { AuthChoice, ContractChoice, Upstream } from "./configuration.ts"
import { secretSource, type Environment } from "./secrets.ts"

const CONTRACTS = { documented, strict, rfc9110 } as const
const PRESETS = { standard, gentle, lowLatency } as const

/** Longer than core's: streams of events are silent for longer than other bodies. */
const STALL_MS = 60_000

/** The whole table of an upstream. */
export function contractFor(choice: ContractChoice = "documented"): Contract {
  if (typeof choice === "string") return contract(CONTRACTS[choice])
  return contract({ ...CONTRACTS[choice.base ?? "documented"], ...choice.rows })
}

/**
 * The policies that an upstream is called with, outermost first.
 * @throws ConfigurationError for what contradicts itself.
 */
export function policiesFor(upstream: Upstream, env: Environment, now: () => number): Policy[] {
  const { preset = "standard", retry, timeout, deadlineMs, idempotencyKey, auth } = upstream
  const options: PresetOptions = {
    contract: contractFor(upstream.contract),
    retry,
    timeout: timeout === false ? false : { stallMs: STALL_MS, ...timeout },
    deadline: deadlineMs,
    idempotencyKey,
    add: upstream.breaker === undefined ? undefined : [breaker(upstream.breaker === true ? {} : upstream.breaker)],
  }
  const policies = PRESETS[preset](options)
  return auth === undefined ? policies : arrange(policies, [credentials(auth, env, now)(new URL(upstream.url).origin)])
}

/** The password of basic credentials, which are made with it once; all others ask for their secret anew. */
export function passwordIn({ auth }: Upstream, env: Environment): string | undefined {
  return auth !== undefined && "basic" in auth ? secretSource(auth.basic.password, env, () => 0)() : undefined
}

function credentials(auth: AuthChoice, env: Environment, now: () => number): Credentials {
  if ("bearer" in auth) return bearer(secretSource(auth.bearer, env, now))
  if ("basic" in auth) return basic(auth.basic.user, secretSource(auth.basic.password, env, now)())
  const { header, query } = auth.apiKey
  const place = query === undefined ? { header: header ?? "x-api-key" } : { query }
  return apiKey(secretSource(auth.apiKey, env, now), place)
}
