import wretch from "wretch"
import AbortAddon from "wretch/addons/abort"
import { retry } from "wretch/middlewares"
import { authorization, ended, readResponse, type Client, type ClientOptions, type Request } from "../client.ts"

export function makeClient(options: ClientOptions): Client {
  const { timeoutMs, token, renew } = options
  let current = token
  const respond = ({ method, path, body, signal }: Request): Promise<Response> => {
    const call = api(options)
      .url(path)
      .headers(authorization(current))
      .options({ duplex: "half", ...(signal === undefined ? {} : { signal }) })
    const chain = (body === undefined ? call : call.body(body)).fetch(method)
    if (timeoutMs !== undefined) chain.setTimeout(timeoutMs)
    if (renew === undefined) return chain.res()
    // As in the README's example of a renewed token.
    return chain
      .unauthorized(async (_, again) => {
        current = await renew()
        return again.headers(authorization(current)).fetch(method).res()
      })
      .res()
  }
  const send = (request: Request) =>
    ended(
      async () => readResponse(await respond(request)),
      (error) => (error instanceof wretch.WretchError ? readResponse(error.response) : undefined),
    )
  return { send, sendThenRead: send }
}

function api({ origin, retries = 3, backoffMs, fetch }: ClientOptions) {
  const base = wretch(origin).addon(AbortAddon())
  const over = fetch === undefined ? base : base.fetchPolyfill(fetch)
  // Zero attempts mean retries without end; to have none is to leave the middleware out.
  if (retries === 0) return over
  return over.middlewares([
    retry({
      maxAttempts: retries,
      // Both are switches of the middleware: retries also without reply, and the last reply at the end.
      retryOnNetworkError: true,
      resolveWithLatestResponse: true,
      ...(backoffMs === undefined ? {} : { delayTimer: backoffMs }),
    }),
  ])
}
