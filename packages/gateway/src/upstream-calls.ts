import { isDeepStrictEqual } from "node:util"
import { undiciTransport, type RelayOptions } from "@steadfetch/node"
import {
  pipeline,
  type Contract,
  type Exchange,
  type Handler,
  type Outcome,
  type Runtime,
  type Transport,
} from "steadfetch"
import type { Upstream } from "./configuration/configuration.ts"
import { contractFor, passwordIn, policiesFor } from "./configuration/policies.ts"
import type { Environment } from "./configuration/secrets.ts"
import type { NotingLimits } from "./forwarding/noted-body.ts"

const MEMORY_BYTES = 1024 * 1024
const FILE_BYTES = 256 * 1024 * 1024
const WHOLE_REPLY_BYTES = 64 * 1024

/** The calls to one upstream: its policies with what they have learned, and its connections. */
export class UpstreamCalls {
  readonly name: string
  readonly settings: Upstream
  readonly contract: Contract
  readonly noting: NotingLimits
  /** Its URL without a slash at the end. */
  readonly base: string
  readonly #password: string | undefined
  readonly #handler: Handler
  readonly #transport: Transport
  #underWay = 0
  #isRetired = false

  constructor(
    name: string,
    settings: Upstream,
    env: Environment,
    runtime: Runtime,
    onInterim: NonNullable<RelayOptions["onInterim"]>,
  ) {
    const {
      memoryBytes = MEMORY_BYTES,
      fileBytes = FILE_BYTES,
      mostBytes = Number.POSITIVE_INFINITY,
    } = settings.body ?? {}
    this.name = name
    this.settings = settings
    this.contract = contractFor(settings.contract)
    this.noting = { memoryBytes: Math.min(memoryBytes, fileBytes), fileBytes, mostBytes }
    const { origin, pathname } = new URL(settings.url)
    this.base = origin + pathname.replace(/\/$/, "")
    this.#password = passwordIn(settings, env)
    const wholeBytes = settings.wholeReplyBytes ?? WHOLE_REPLY_BYTES
    this.#transport = undiciTransport({ agent: {}, relay: { wholeBytes, onInterim } })
    this.#handler = pipeline(
      policiesFor(settings, env, () => runtime.clock.now()),
      this.#transport,
      runtime,
    )
  }

  /** Whether these settings, with the password that is there by now, are its own. */
  isCalledAs(settings: Upstream, env: Environment): boolean {
    return isDeepStrictEqual(this.settings, settings) && this.#password === passwordIn(settings, env)
  }

  /** Makes a call. */
  call(exchange: Exchange): Promise<Outcome> {
    return this.#handler(exchange)
  }

  /** Keeps the connections until `leave` is called as often. */
  enter(): void {
    this.#underWay++
  }

  leave(): void {
    this.#underWay--
    if (this.#isRetired && this.#underWay === 0) void this.#transport.close()
  }

  /** No further calls are made: its connections are closed when the last one is over. */
  retire(): void {
    if (this.#isRetired) return
    this.#isRetired = true
    if (this.#underWay === 0) void this.#transport.close()
  }
}
