import {
  ConstantBackoff,
  ExponentialBackoff,
  handleAll,
  retry,
  timeout,
  TimeoutStrategy,
  wrap,
  type ICancellationContext,
  type IPolicy,
} from "cockatiel"
import { authorization, ended, initOf, readResponse, type Client, type ClientOptions, type Reply } from "../client.ts"

/** A call of fetch, its body read, in cockatiel's policies. */
export function makeClient(options: ClientOptions): Client {
  const { origin, token, fetch = globalThis.fetch } = options
  const policy = policyOf(options)
  return {
    send: (request) =>
      ended(() =>
        policy.execute(async ({ signal }): Promise<Reply> => {
          const init = { ...initOf(request), headers: authorization(token), signal }
          return readResponse(await fetch(origin + request.path, init))
        }, request.signal),
      ),
  }
}

/** Retry around timeout, as the README wraps them. */
function policyOf({ retries = 3, backoffMs, timeoutMs }: ClientOptions): IPolicy<ICancellationContext> {
  const serverErrors = handleAll.orWhenResult(
    (reply) => isReply(reply) && (reply.status >= 500 || reply.status === 429),
  )
  const retrying = retry(serverErrors, {
    maxAttempts: retries,
    backoff: backoffMs === undefined ? new ExponentialBackoff() : new ConstantBackoff(backoffMs),
  })
  return timeoutMs === undefined ? retrying : wrap(retrying, timeout(timeoutMs, TimeoutStrategy.Aggressive))
}

function isReply(value: unknown): value is Reply {
  return value instanceof Object && "status" in value
}
