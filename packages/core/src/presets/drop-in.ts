import type { Policy } from "../pipeline.ts"
import { idempotency } from "../policies/idempotency.ts"
import { retry } from "../policies/retry.ts"
import { knownOptions } from "../validation.ts"
import { retryOptions, type PresetOptions } from "./standard.ts"

/** What the preset under an SDK can be told. */
export const DROP_IN_OPTIONS: readonly string[] = ["retry", "idempotencyKey", "contract"]

/**
 * What a fetch under an SDK needs, outermost first. No time limits: the SDK sets its own by aborting. Few attempts, as it
 * may retry as well, and no waiting beyond 30 s in all.
 */
export function dropIn(options: Pick<PresetOptions, "contract" | "retry" | "idempotencyKey"> = {}): Policy[] {
  knownOptions("dropIn", options, DROP_IN_OPTIONS)
  const { contract, idempotencyKey, retry: retries } = options
  return [idempotency(idempotencyKey), retry({ contract, attempts: 4, maxWaitMs: 30_000, ...retryOptions(retries) })]
}
