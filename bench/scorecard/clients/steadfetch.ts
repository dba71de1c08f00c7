import { bearer, pace, StatusError, type ClientOptions as Options, type Credentials, type Steadfetch } from "steadfetch"
import { bodyText, ended, fieldsOf, type Client, type ClientOptions, type Reply, type Request } from "../client.ts"

/** The options that steadfetch is made with: its defaults, and what a case asks for. */
export function optionsOf({
  origin,
  retries,
  backoffMs,
  capMs,
  timeoutMs,
  token,
  renew,
  pausesOrigin,
}: ClientOptions): Options {
  return {
    baseUrl: origin,
    retry: retries === 0 ? false : { attempts: retries && retries + 1, baseMs: backoffMs, capMs },
    timeout: { attemptMs: timeoutMs, stallMs: timeoutMs },
    add: pausesOrigin === true ? [pace()] : [],
    auth: token === undefined ? undefined : credentials(token, renew),
  }
}

function credentials(token: string, renew: ClientOptions["renew"]): Credentials {
  if (renew === undefined) return bearer(token)
  let current = token
  const refresh = async (): Promise<void> => {
    current = await renew()
  }
  return bearer(() => current, { refresh })
}

/** The adapter, whichever transport the client has. */
export function clientOf(api: Steadfetch): Client {
  const call = ({ method, path, body, signal }: Request) => api.request(method, path, { body, signal })
  return {
    send: (request) =>
      ended(async () => {
        const reply = await call(request)
        const { status, headers } = reply
        return { status, header: (name) => headers.get(name) ?? undefined, body: await reply.text() }
      }, replyIn),
    sendThenRead: (request) =>
      ended(async () => {
        const stream = await call(request).stream()
        return { status: 200, header: () => undefined, body: await new Response(stream).text() }
      }, replyIn),
  }
}

function replyIn(error: unknown): Reply | undefined {
  if (!StatusError.is(error)) return undefined
  return { status: error.status, header: fieldsOf(error.headers), body: bodyText(error.body) }
}
