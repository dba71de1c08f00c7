import OpenAI, { APIError } from "openai"
import {
  bodyText,
  ended,
  readResponse,
  replyOf,
  type Client,
  type ClientOptions,
  type Reply,
  type Request,
} from "../client.ts"

/** The SDK's own request methods, which all of its resources use. */
export function makeClient({ origin, retries, timeoutMs, token = "none", fetch }: ClientOptions): Client {
  const sdk = new OpenAI({
    baseURL: origin,
    apiKey: token,
    ...(retries === undefined ? {} : { maxRetries: retries }),
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    ...(fetch === undefined ? {} : { fetch }),
  })
  const call = ({ method, path, body, signal }: Request) =>
    sdk.request<unknown>({ method: lowerCase(method), path, body, ...(signal === undefined ? {} : { signal }) })
  return {
    send: (request) =>
      ended(async () => {
        const { data, response } = await call(request).withResponse()
        return replyOf(response, bodyText(data))
      }, replyIn),
    sendThenRead: (request) => ended(async () => readResponse(await call(request).asResponse()), replyIn),
  }
}

function lowerCase(method: Request["method"]): "get" | "post" | "put" {
  return method === "GET" ? "get" : method === "POST" ? "post" : "put"
}

function replyIn(error: unknown): Reply | undefined {
  if (!(error instanceof APIError) || error.status === undefined) return undefined
  return replyOf({ status: error.status, headers: error.headers ?? new Headers() }, bodyText(error.error))
}
