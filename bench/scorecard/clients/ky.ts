import ky, { isHTTPError, type AfterResponseHook } from "ky"
import {
  authorization,
  bodyText,
  ended,
  initOf,
  readResponse,
  replyOf,
  type Client,
  type ClientOptions,
  type Reply,
} from "../client.ts"

export function makeClient(options: ClientOptions): Client {
  const { origin, retries, timeoutMs, backoffMs, capMs, token, renew, fetch } = options
  const api = ky.create({
    headers: authorization(token),
    retry: {
      // ky's own switch for the retry of attempts that timed out.
      retryOnTimeout: true,
      ...(retries === undefined ? {} : { limit: retries }),
      ...(backoffMs === undefined ? {} : { delay: () => backoffMs }),
      ...(capMs === undefined ? {} : { backoffLimit: capMs }),
    },
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    ...(renew === undefined ? {} : { hooks: { afterResponse: [renewal(renew)] } }),
    ...(fetch === undefined ? {} : { fetch }),
  })
  return {
    send: (request) =>
      ended(async () => {
        const call = api(origin + request.path, initOf(request))
        const body = await call.text()
        return replyOf(await call, body)
      }, replyIn),
    sendThenRead: (request) =>
      ended(async () => readResponse(await api(origin + request.path, initOf(request))), replyIn),
  }
}

/** As in the example of the hook's documentation, with the token kept for the next calls. */
function renewal(renew: () => Promise<string>): AfterResponseHook {
  return async ({ request, response, retryCount }) => {
    if (response.status !== 401 || retryCount > 0) return undefined
    const headers = new Headers(request.headers)
    headers.set("authorization", `Bearer ${await renew()}`)
    return ky.retry({ request: new Request(request, { headers }), code: "TOKEN_REFRESHED" })
  }
}

function replyIn(error: unknown): Reply | undefined {
  return isHTTPError(error) ? replyOf(error.response, bodyText(error.data)) : undefined
}
