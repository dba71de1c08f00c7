import { fetch, type RequestInit } from "undici"
import { authorization, ended, type Client, type ClientOptions, type Request } from "../client.ts"
import { retryAgent } from "./undici.ts"

/** undici's `fetch` through its RetryAgent. */
export function makeClient(options: ClientOptions): Client {
  const dispatcher = retryAgent(options)
  const send = ({ method, path, body, signal }: Request) =>
    ended(async () => {
      const init: RequestInit = { dispatcher, method, headers: authorization(options.token), duplex: "half" }
      if (body !== undefined) init.body = body
      if (signal !== undefined) init.signal = signal
      const { status, headers, text } = await fetched(options.origin + path, init)
      return { status, header: (name) => headers.get(name) ?? undefined, body: await text() }
    })
  return { send, sendThenRead: send }
}

async function fetched(url: string, init: RequestInit) {
  const response = await fetch(url, init)
  return { status: response.status, headers: response.headers, text: () => response.text() }
}
