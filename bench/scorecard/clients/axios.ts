import { Agent } from "node:http"
import { Readable } from "node:stream"
import { create, isAxiosError, type AxiosRequestConfig, type AxiosResponse } from "axios"
import axiosRetry, { exponentialDelay } from "axios-retry"
import {
  authorization,
  bodyText,
  ended,
  fieldsOf,
  type Client,
  type ClientOptions,
  type Reply,
  type Request,
} from "../client.ts"

export function makeClient(options: ClientOptions): Client {
  const { origin, retries, timeoutMs, backoffMs, connections, token } = options
  const api = create({
    baseURL: origin,
    headers: authorization(token),
    // Its switch against credentials in the JSON of errors.
    redact: ["authorization"],
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    ...(connections === undefined ? {} : { httpAgent: new Agent({ keepAlive: true, maxSockets: connections }) }),
  })
  axiosRetry(api, {
    retries: retries ?? 3,
    // The default is no delay at all; the README's first example of a delay is this one.
    retryDelay: backoffMs === undefined ? exponentialDelay : () => backoffMs,
    // Its switch for a timeout per attempt.
    shouldResetTimeout: true,
  })
  return {
    send: (request) =>
      ended(
        async () => reply(await api.request(configOf(request))),
        (error) => (isAxiosError(error) && error.response !== undefined ? reply(error.response) : undefined),
      ),
  }
}

function configOf({ method, path, body, signal }: Request): AxiosRequestConfig {
  return {
    method,
    url: path,
    ...(signal === undefined ? {} : { signal }),
    ...(typeof body === "string" ? { data: body } : {}),
    // What the README asks for when a stream is uploaded: redirects would keep all of it in memory.
    ...(body instanceof ReadableStream ? { data: Readable.from(body, { objectMode: false }), maxRedirects: 0 } : {}),
  }
}

function reply(response: AxiosResponse<unknown>): Reply {
  return { status: response.status, header: fieldsOf(response.headers), body: bodyText(response.data) }
}
