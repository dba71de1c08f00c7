import { ConfigurationError, type Transport } from "steadfetch"
import { Agent, getGlobalDispatcher, type Dispatcher } from "undici"
import { Attempt } from "./attempt.ts"
import type { RelayOptions } from "../relay/relay-options.ts"

/** Options of {@link undiciTransport}. */
export interface UndiciTransportOptions {
  /** Sends the requests, and is closed by its owner. Default: undici's global dispatcher at the time of the call. */
  readonly dispatcher?: Dispatcher | undefined
  /**
   * Makes an Agent of the transport's own, closed with it: connections, pipelining, HTTP/2 (`allowH2`), a unix socket
   * (`connect: { socketPath }`), CA and client certificates (`connect: { ca, cert, key }`).
   */
  readonly agent?: Agent.Options | undefined
  /**
   * For who hands replies on to someone else, such as a gateway: requests go out with their own header fields alone, and
   * replies come as they were sent, content codings and all: see {@link relayedHeaders} and {@link relayedBody}. An error's
   * body of more than 1 MiB is a stream.
   */
  readonly relay?: RelayOptions | undefined
}

/**
 * Sends attempts through undici's Dispatcher. A buffered attempt makes no stream, no web object and no AbortSignal; a
 * streamed one hands over its body with backpressure. gzip, deflate, br and, where the runtime has it, zstd are decoded,
 * within `maxBodyBytes`.
 * @throws ConfigurationError when both `dispatcher` and `agent` are given.
 */
export function undiciTransport(options: UndiciTransportOptions = {}): Transport {
  const { dispatcher, agent, relay } = options
  if (dispatcher !== undefined && agent !== undefined) {
    throw new ConfigurationError(
      `undiciTransport: "agent" makes a dispatcher and "dispatcher" gives one; keep one of them`,
    )
  }
  const own = agent === undefined ? undefined : new Agent(agent)
  const sender = own ?? dispatcher
  return {
    isPrompt: true,
    send: (exchange) =>
      new Promise((resolve, reject) => {
        new Attempt(exchange, relay, resolve, reject).dispatch(sender ?? getGlobalDispatcher())
      }),
    async close() {
      // undici refuses to close what is closed.
      if (own?.destroyed === false) await own.close()
    },
  }
}
