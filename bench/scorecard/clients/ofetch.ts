import { createFetch, FetchError, ofetch } from "ofetch"
import {
  authorization,
  bodyText,
  ended,
  initOf,
  replyOf,
  type Client,
  type ClientOptions,
  type Reply,
} from "../client.ts"

export function makeClient(options: ClientOptions): Client {
  const { origin, retries = 3, timeoutMs, backoffMs = 500, token } = options
  const defaults = {
    headers: authorization(token),
    retryDelay: backoffMs,
    responseType: "text",
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
  } as const
  const base = options.fetch === undefined ? ofetch : createFetch({ fetch: options.fetch })
  const api = base.create(defaults)
  return {
    send: (request) =>
      ended(async () => {
        // Writes keep the default of no retries, as the README advises against side effects.
        const retry = request.method === "GET" ? { retry: retries } : {}
        const response = await api.raw<string, "text">(origin + request.path, { ...initOf(request), ...retry })
        const { _data: text = "" } = response
        return replyOf(response, text)
      }, replyIn),
  }
}

function replyIn(error: unknown): Reply | undefined {
  if (!(error instanceof FetchError) || error.response === undefined) return undefined
  return replyOf(error.response, bodyText(error.data))
}
