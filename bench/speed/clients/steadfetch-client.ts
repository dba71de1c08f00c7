import type { ClientOptions, Steadfetch } from "steadfetch"
import { RETRIES, type Client, type Ground } from "./client.ts"

/** The client's defaults: the standard preset in full. */
export function steadfetchClient(
  { origin, retries }: Ground,
  steadfetch: (options: ClientOptions) => Steadfetch,
): Client {
  // One failure in five is more than the budget for retries allows for good, and jitter is a wait.
  const options = retries ? { retry: { attempts: RETRIES + 1, baseMs: 0, budget: false } as const } : {}
  const api = steadfetch({ baseUrl: origin, ...options })
  return {
    getJson: (path) => api.get(path).json(),
    postJson: (path, value) => api.post(path, { json: value }).json(),
    getBytes: (path) => api.get(path).bytes(),
  }
}
