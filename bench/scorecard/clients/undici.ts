import { Agent, RetryAgent } from "undici"
import type { ClientOptions } from "../client.ts"

/** undici's RetryAgent over an Agent. */
export function retryAgent({ retries, timeoutMs, backoffMs, capMs, connections }: ClientOptions): RetryAgent {
  const agent = new Agent({
    ...(connections === undefined ? {} : { connections }),
    ...(timeoutMs === undefined ? {} : { headersTimeout: timeoutMs, bodyTimeout: timeoutMs }),
  })
  return new RetryAgent(agent, {
    // What its documentation asks for when the body of an error reply is needed.
    throwOnError: false,
    ...(retries === undefined ? {} : { maxRetries: retries }),
    ...(backoffMs === undefined ? {} : { minTimeout: backoffMs }),
    ...(capMs === undefined ? {} : { maxTimeout: capMs }),
  })
}
