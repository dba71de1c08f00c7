import type { Secret } from "./configuration.ts"
import { secretSource, type Environment } from "./secrets.ts"

/** Where callers learn what has become of a request, unless the configuration names another path. */
export const OUTBOX_PATH = "/-/outbox"

/** The bytes of a key in base64. */
export function encryptionKey(key: Secret, env: Environment): Uint8Array {
  return Buffer.from(secretSource(key, env, () => 0)(), "base64")
}
