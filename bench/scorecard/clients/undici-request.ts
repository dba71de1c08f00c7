import { Readable } from "node:stream"
import { request, type Dispatcher } from "undici"
import { authorization, ended, fieldsOf, type Client, type ClientOptions, type Request } from "../client.ts"
import { retryAgent } from "./undici.ts"

/** undici's `request` through its RetryAgent. */
export function makeClient(options: ClientOptions): Client {
  const dispatcher = retryAgent(options)
  const send = ({ method, path, body, signal }: Request) =>
    ended(async () => {
      const answer = await request(options.origin + path, {
        dispatcher,
        method,
        headers: authorization(options.token),
        ...bodyOf(body),
        ...(signal === undefined ? {} : { signal }),
      })
      return { status: answer.statusCode, header: fieldsOf(answer.headers), body: await answer.body.text() }
    })
  return { send, sendThenRead: send }
}

function bodyOf(body: Request["body"]): Pick<Dispatcher.RequestOptions, "body"> {
  if (body === undefined) return {}
  return { body: typeof body === "string" ? body : Readable.from(body, { objectMode: false }) }
}
