import type { EnqueueOptions } from "./enqueue/enqueue.ts"
import type { Receipt } from "./receipt.ts"

/** Writes requests down. Each resolves when the entry is durable: what the store promises by that stands in its documentation. */
export interface Verbs {
  readonly post: (url: string | URL, options?: EnqueueOptions) => Promise<Receipt>
  readonly put: (url: string | URL, options?: EnqueueOptions) => Promise<Receipt>
  readonly patch: (url: string | URL, options?: EnqueueOptions) => Promise<Receipt>
  readonly delete: (url: string | URL, options?: EnqueueOptions) => Promise<Receipt>
  /**
   * Any method.
   * @throws ConfigurationError for what cannot be sent, with the fix. OutboxError "full" when too many wait, "conflict" when
   * another request has this key, "store" when it could not be written. The reason of the signal; whether the entry was
   * added is not known then: `find(key)` tells.
   */
  readonly request: (method: string, url: string | URL, options?: EnqueueOptions) => Promise<Receipt>
}

/** The verbs of one way to write down. */
export function verbs(request: Verbs["request"]): Verbs {
  return {
    post: (url, options) => request("POST", url, options),
    put: (url, options) => request("PUT", url, options),
    patch: (url, options) => request("PATCH", url, options),
    delete: (url, options) => request("DELETE", url, options),
    request,
  }
}
