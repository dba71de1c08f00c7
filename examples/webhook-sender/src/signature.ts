import { createHmac, randomBytes } from "node:crypto"
import type { SigningSecret } from "./receiver.ts"

const PREFIX = "whsec_"
const SECRET_BYTES = 32

/** A new secret, in the form of Standard Webhooks. */
export function newSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString("base64")
}

/**
 * The value of `webhook-signature`: one signature for each secret, so that a receiver that knows any of them accepts it.
 * @param timestamp Seconds since 1970.
 */
export function signature(
  secrets: readonly string[],
  id: string,
  timestamp: number,
  body: string | Uint8Array,
): string {
  return secrets.map((secret) => `v1,${signedWith(secret, id, timestamp, body)}`).join(" ")
}

function signedWith(secret: string, id: string, timestamp: number, body: string | Uint8Array): string {
  const key = Buffer.from(secret.slice(PREFIX.length), "base64")
  return createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")
}

/** The secrets with a new one in front; the present one signs for `overlapMs` more, older ones as long as they did. */
export function rotated(secrets: readonly SigningSecret[], now: number, overlapMs: number): SigningSecret[] {
  const older = secrets
    .filter(({ signsUntil = Infinity }) => signsUntil > now)
    .map(({ secret, signsUntil = now + overlapMs }) => ({ secret, signsUntil }))
  return [{ secret: newSecret(), signsUntil: undefined }, ...older]
}

/** Those that sign now. */
export function inUse(secrets: readonly SigningSecret[], now: number): string[] {
  return secrets.filter(({ signsUntil = Infinity }) => signsUntil > now).map(({ secret }) => secret)
}
