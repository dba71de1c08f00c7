import { SECRET_HEADER, type Outgoing } from "steadfetch"

/** Where the replies to a URL are kept for whoever asks. */
export type CacheKeyOf = (request: Outgoing, url: string) => string | Promise<string>

/** A name for the call, however its field is called; not for the caller. */
const CALL_KEY = /idempotency/

/**
 * Keys are made of whose replies they are, the credentials that the request itself carries, and the URL without its
 * fragment: nobody is served what someone else was told.
 */
export function plainKey(partition: () => string): (request: Outgoing, url: string) => string {
  return ({ headers }, url) => {
    const credentials = headers.filter(([name]) => SECRET_HEADER.test(name) && !CALL_KEY.test(name))
    return JSON.stringify([partition(), normalized(url), ...credentials.toSorted(([a], [b]) => (a < b ? -1 : 1))])
  }
}

/** As {@link plainKey}, as a SHA-256 digest: keys are written down, and hold credentials. */
export function digestKey(partition: () => string): CacheKeyOf {
  const plain = plainKey(partition)
  return async (request, url) => {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(plain(request, url)))
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")
  }
}

function normalized(url: string): string {
  const parsed = new URL(url)
  parsed.hash = ""
  return parsed.href
}
