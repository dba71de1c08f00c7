import { ConstantBackoff, ExponentialBackoff, handleAll, retry, timeout, TimeoutStrategy, wrap } from "cockatiel"
import { limitFetch } from "./bundled-agent.ts"
import { RETRIES, type Open } from "./client.ts"

const TIMEOUT_MS = 20_000
const headers = { "content-type": "application/json" }

/** Retry around a timeout around fetch, whose 5xx are made errors: as cockatiel's own pages do it. */
export const open: Open = ({ origin, connections, retries }) => {
  limitFetch(connections)
  const options = retries
    ? { maxAttempts: RETRIES, backoff: new ConstantBackoff(0) }
    : { maxAttempts: 3, backoff: new ExponentialBackoff() }
  return () => {
    const policy = wrap(retry(handleAll, options), timeout(TIMEOUT_MS, TimeoutStrategy.Cooperative))
    const send = <T>(path: string, init: RequestInit, read: (response: Response) => Promise<T>): Promise<T> =>
      policy.execute(async ({ signal }) => {
        const response = await fetch(`${origin}/${path}`, { ...init, signal })
        if (response.status >= 500) throw new Error(`the server answered ${response.status}`)
        return read(response)
      })
    const json = (response: Response): Promise<unknown> => response.json()
    return {
      getJson: (path) => send(path, {}, json),
      postJson: (path, value) => send(path, { method: "POST", headers, body: JSON.stringify(value) }, json),
      getBytes: (path) => send(path, {}, (response) => response.bytes()),
    }
  }
}
