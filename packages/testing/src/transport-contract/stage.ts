import { pipeline, type Outcome, type Policy, type Reply, type Transport, type Watch } from "steadfetch"
import {
  startFaultServer,
  type FaultServer,
  type FaultServerOptions,
  type Script,
  type Step,
} from "../fault-server/index.ts"
import { testExchange, type TestExchangeParts } from "../test-exchange.ts"
import { testRuntime, type TestRuntime } from "../test-runtime.ts"

/** One claim about transports. */
export interface ContractCase {
  /** A sentence. */
  readonly name: string
  /** Rejects when the claim does not hold. */
  readonly run: () => Promise<void>
}

/** Where a claim is put to the test: the transport, a server that fails on purpose, and virtual time. */
export class Stage implements AsyncDisposable {
  readonly transport: Transport
  readonly runtime: TestRuntime = testRuntime()
  readonly #servers: FaultServer[] = []

  constructor(transport: Transport) {
    this.transport = transport
  }

  /** A server that does this with every request, or plays a script. */
  async serve(script: Script | Step, options: FaultServerOptions = {}): Promise<FaultServer> {
    const server = await startFaultServer("kind" in script ? { "/*": script as Step } : script, options)
    this.#servers.push(server)
    return server
  }

  /** Sends an exchange through these policies. */
  send(url: string, parts: TestExchangeParts = {}, policies: readonly Policy[] = []): Promise<Outcome> {
    return pipeline(policies, this.transport, this.runtime)(testExchange(url, parts))
  }

  /** Sends, and has a reply. */
  async reply(url: string, parts: TestExchangeParts = {}): Promise<Reply> {
    const outcome = await this.send(url, parts)
    if (outcome.kind === "reply") return outcome
    throw new Error(`no reply to ${parts.method ?? "GET"} ${url}: ${outcome.code}: ${outcome.message}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.transport.close()
    for (const server of this.#servers) await server.close()
  }
}

/** A claim as a case; each runs on a transport and servers of its own. */
export type Claim = (name: string, check: (stage: Stage) => Promise<void>) => void

/** All of a reply's body, whether or not it is a stream. Throws what ended it early. */
export async function bytesOf(reply: Reply): Promise<Uint8Array> {
  if (reply.body.bytes !== undefined) return reply.body.bytes
  const pieces: Uint8Array[] = []
  for await (const piece of reply.body.stream((failure) => failure)) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** Tells when a transport first waits for a piece of the body. */
export function atFirstWait(run: () => void): Watch {
  let waited = false
  const waiting = (): void => {
    if (!waited) run()
    waited = true
  }
  return { sending: () => {}, waiting, arrived: () => {} }
}
