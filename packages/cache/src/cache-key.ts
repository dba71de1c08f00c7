import { SECRET_HEADER, type Exchange } from "steadfetch"

/** Whose request it is: what of an exchange tells that. */
export type Asking = Pick<Exchange, "request" | "idempotencyField">

/** Where the replies to a URL are kept for whoever asks. */
export type CacheKeyOf = (asking: Asking, url: string) => string | Promise<string>

/**
 * Keys are made of whose replies they are, the credentials that the request itself carries, and the URL without its
 * fragment: nobody is served what someone else was told.
 */
export function plainKey(partition: () => string): (asking: Asking, url: string) => string {
  return ({ request, idempotencyField }, url) => {
    // An idempotency key names the call, not the caller.
    const isCredential = (name: string): boolean =>
      SECRET_HEADER.test(name) && name !== "idempotency-key" && name !== idempotencyField
    const credentials = request.headers.filter(([name]) => isCredential(name))
    return JSON.stringify([partition(), normalized(url), ...credentials.toSorted(([a], [b]) => (a < b ? -1 : 1))])
  }
}

/** As {@link plainKey}, as a SHA-256 digest: keys are written down, and hold credentials. */
export function digestKey(partition: () => string): CacheKeyOf {
  const plain = plainKey(partition)
  return async (asking, url) => {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(plain(asking, url)))
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")
  }
}

function normalized(url: string): string {
  const parsed = new URL(url)
  parsed.hash = ""
  return parsed.href
}
