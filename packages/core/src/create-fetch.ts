import type { Listeners } from "./events.ts"
import { dropInFetch, type DropInFetch } from "./fetch.ts"
import type { Policy } from "./pipeline.ts"
import { dropIn, DROP_IN_OPTIONS } from "./presets/drop-in.ts"
import type { PresetOptions } from "./presets/standard.ts"
import type { Runtime } from "./runtime.ts"
import { ConfigurationError } from "./steadfetch-error.ts"
import { systemRuntime } from "./system-runtime.ts"
import { checkFunction, knownOptions } from "./validation.ts"

/** Options of {@link createFetch}. */
export interface FetchOptions extends Pick<PresetOptions, "contract" | "retry" | "idempotencyKey"> {
  /** The whole list, outermost first, in place of `dropIn()`: `[deadline({ afterMs: 5000 }), ...dropIn()]`. */
  readonly policies?: readonly Policy[] | undefined
  /** Listeners. */
  readonly on?: Listeners | undefined
  /** What to send with. Default: `globalThis.fetch`. */
  readonly fetch?: typeof fetch | undefined
  /** Time and randomness, for tests. */
  readonly runtime?: Partial<Runtime> | undefined
}

/**
 * A drop-in `fetch` for any SDK: same type, same arguments, the native Response. A 5xx, or no reply, is retried where
 * that is safe; when retries end it resolves with the last Response, or rejects as fetch rejects.
 * Options of a single call go under one key of `init`: `fetch(url, { steadfetch: { retry: false } })`.
 * @throws ConfigurationError for options out of range.
 */
export function createFetch(options: FetchOptions = {}): DropInFetch {
  knownOptions("createFetch", options, [...DROP_IN_OPTIONS, "policies", "on", "fetch", "runtime"])
  const { policies, on, runtime, fetch: given, ...preset } = options
  checkFunction("fetch", given)
  const doubled = Object.entries(preset).filter(([, value]) => value !== undefined)
  if (policies !== undefined && doubled.length > 0) {
    throw new ConfigurationError(
      `"policies" is the whole list; give ${doubled.map(([name]) => name).join(", ")} to the preset in it: [...dropIn({ … })]`,
    )
  }
  const ofCall = policies === undefined ? DROP_IN_OPTIONS : [...DROP_IN_OPTIONS, "timeout", "deadline"]
  return dropInFetch(policies ?? dropIn(preset), systemRuntime(on, runtime), ofCall, given)
}
