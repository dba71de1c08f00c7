import { Agent } from "node:http"
import { Readable } from "node:stream"
import got, { HTTPError, type Got, type OptionsInit, type OptionsOfTextResponseBody, type Response } from "got"
import { authorization, ended, fieldsOf, type Client, type ClientOptions, type Reply, type Request } from "../client.ts"

export function makeClient(options: ClientOptions): Client {
  const api = extended(options)
  return {
    send: (request) =>
      ended(
        async () => reply(await api(options.origin + request.path, callOptions(request))),
        (error) => (error instanceof HTTPError ? reply(error.response) : undefined),
      ),
  }
}

function extended({ retries, timeoutMs, backoffMs, capMs, connections, token, renew }: ClientOptions): Got {
  const api: Got = got.extend({
    headers: authorization(token),
    retry: {
      ...(retries === undefined ? {} : { limit: retries }),
      ...(backoffMs === undefined ? {} : { calculateDelay: ({ computedValue }) => computedValue && backoffMs }),
      ...(capMs === undefined ? {} : { backoffLimit: capMs }),
    },
    ...(timeoutMs === undefined ? {} : { timeout: { request: timeoutMs } }),
    ...(connections === undefined ? {} : { agent: { http: new Agent({ keepAlive: true, maxSockets: connections }) } }),
    ...(renew === undefined ? {} : { hooks: { afterResponse: [renewal(renew, () => api)] }, mutableDefaults: true }),
  })
  return api
}

type AfterResponse = Exclude<NonNullable<OptionsInit["hooks"]>["afterResponse"], undefined>[number]

/** As in the example of the hook's documentation. */
function renewal(renew: () => Promise<string>, api: () => Got): AfterResponse {
  return async (response, retryWithMergedOptions) => {
    if (response.statusCode !== 401) return response
    const updated = { headers: authorization(await renew()) }
    api().defaults.options.merge(updated)
    return retryWithMergedOptions(updated)
  }
}

function callOptions({ method, body, signal }: Request): OptionsOfTextResponseBody {
  return {
    method,
    ...(body === undefined
      ? {}
      : { body: typeof body === "string" ? body : Readable.from(body, { objectMode: false }) }),
    ...(signal === undefined ? {} : { signal }),
  }
}

function reply(response: Pick<Response, "statusCode" | "headers" | "body">): Reply {
  return { status: response.statusCode, header: fieldsOf(response.headers), body: String(response.body) }
}
