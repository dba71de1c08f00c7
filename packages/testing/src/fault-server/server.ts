import type { Server, Socket } from "node:net"
import { Connection } from "./connection.ts"
import { listen, originOf, type Address } from "./listener.ts"
import { Milestone } from "./milestone.ts"
import { Playbook } from "./playbook.ts"
import type { ReceivedRequest } from "./received.ts"
import { holdPort, type RefusedPort } from "./refused-port.ts"
import { RequestLog } from "./request-log.ts"
import { checkOrigins, checkScript } from "./script.ts"
import { serve, type House } from "./session.ts"
import type { Script } from "./steps.ts"
import { systemClock, type Clock } from "./system-clock.ts"

/** Bounds, so that no client can make a server grow without end. */
export interface FaultServerLimits {
  /** The largest head of a request; a larger one gets 431. 65,536 by default. */
  readonly headBytes?: number
  /** How much of every request's body is kept. 65,536 by default. */
  readonly keptBodyBytes?: number
  /** How many requests are kept, the newest ones. 10,000 by default. */
  readonly keptRequests?: number
  /** Where a body without end ends after all, with RST. 268,435,456 by default. */
  readonly endlessBytes?: number
}

export interface FaultServerOptions {
  /** The address to listen on; 127.0.0.1 by default. */
  readonly host?: string
  /** The port to listen on; 0, the default, is one that is free. */
  readonly port?: number
  /** What `{origin:NAME}` stands for: a server, or any origin. */
  readonly origins?: Readonly<Record<string, string | { readonly origin: string }>>
  /** The time that delays, gaps and dates go by; the machine's by default. */
  readonly clock?: Clock
  readonly limits?: FaultServerLimits
  /** Told of every request when its exchange has ended. */
  readonly observe?: (request: ReceivedRequest) => void
}

/** A server that plays a script. */
export interface FaultServer extends AsyncDisposable {
  /** `http://host:port`. */
  readonly origin: string
  readonly port: number
  /** What was received, oldest first: live, of the kept requests. */
  readonly requests: readonly ReceivedRequest[]
  /** What clients did that breaks HTTP/1.1. */
  readonly malformed: readonly string[]
  readonly openConnections: number
  /** How many connections were made since the start. */
  readonly totalConnections: number
  /** Resolves to the nth request (from 1) once its head is here. Rejects when the server is closed before. */
  received(count: number): Promise<ReceivedRequest>
  /** Resolves once so many exchanges have ended, in whichever way. Rejects when the server is closed before. */
  finished(count: number): Promise<void>
  /** Resolves when no connection is open. */
  allClosed(): Promise<void>
  /** Refuses connections from now on. Those that are open are ended, or kept with `keepConnections`. */
  stopListening(options?: { readonly keepConnections?: boolean }): Promise<void>
  /** Takes connections again, on the same port. */
  listenAgain(): Promise<void>
  /** Ends everything at once. */
  close(): Promise<void>
}

/**
 * Starts a server that plays the script.
 * @throws {ScriptError} when the script cannot be played
 * @throws {RangeError} when a limit is no whole number
 */
export async function startFaultServer(script: Script, options: FaultServerOptions = {}): Promise<FaultServer> {
  const { host = "127.0.0.1", port = 0, clock = systemClock } = options
  const limits = checkLimits(options.limits ?? {})
  const routes = checkScript(script, "script")
  const others = Object.fromEntries(
    Object.entries(options.origins ?? {}).map(([name, other]) => [
      name,
      typeof other === "string" ? other : other.origin,
    ]),
  )
  checkOrigins(routes, Object.keys(others))
  const log = new RequestLog(limits, options.observe)
  const house = { clock, playbook: new Playbook(routes), log, ...limits }
  const server = new PlayingServer({ host, port }, house, others)
  await server.listenAgain()
  return server
}

function checkLimits(given: FaultServerLimits): Required<FaultServerLimits> {
  const limits = { headBytes: 65_536, keptBodyBytes: 65_536, keptRequests: 10_000, endlessBytes: 2 ** 28, ...given }
  for (const [name, value] of Object.entries(limits)) {
    if (Number.isSafeInteger(value) && value >= 0) continue
    throw new RangeError(`limits.${name} is ${value}; use a whole number from 0`)
  }
  return limits
}

class PlayingServer implements FaultServer {
  readonly #house: House
  readonly #connections = new Set<Connection>()
  readonly #open = new Milestone()
  #address: Address
  #total = 0
  #server: Server | undefined
  #held: Promise<RefusedPort> | undefined
  #closed = false

  constructor(address: Address, house: Omit<House, "values">, others: Readonly<Record<string, string>>) {
    this.#address = address
    const origin = (): string => this.origin
    this.#house = {
      ...house,
      values: {
        get origin() {
          return origin()
        },
        others,
        date: () => house.clock.date(),
      },
    }
  }

  get origin(): string {
    return originOf(this.#address)
  }

  get port(): number {
    return this.#address.port
  }

  get requests(): readonly ReceivedRequest[] {
    return this.#house.log.requests
  }

  get malformed(): readonly string[] {
    return this.#house.log.malformed
  }

  get openConnections(): number {
    return this.#connections.size
  }

  get totalConnections(): number {
    return this.#total
  }

  received(count: number): Promise<ReceivedRequest> {
    return this.#house.log.received(count)
  }

  finished(count: number): Promise<void> {
    return this.#house.log.finished(count)
  }

  allClosed(): Promise<void> {
    return this.#open.reached(0, this.#connections.size === 0)
  }

  async stopListening({ keepConnections = false }: { readonly keepConnections?: boolean } = {}): Promise<void> {
    if (!keepConnections) for (const connection of this.#connections) connection.destroy()
    if (this.#server === undefined) return
    this.#server.close()
    this.#server = undefined
    this.#held = holdPort(this.#address)
    await this.#held
  }

  async listenAgain(): Promise<void> {
    if (this.#closed) throw new Error("the fault server was closed; start another one")
    if (this.#server !== undefined) return
    await this.#giveBack()
    const [server, port] = await listen(this.#address, (socket) => this.#take(socket))
    this.#server = server
    this.#address = { host: this.#address.host, port }
  }

  /** Lets go of the port that is kept refused. */
  async #giveBack(): Promise<void> {
    const held = await this.#held
    this.#held = undefined
    await held?.close()
  }

  #take(socket: Socket): void {
    this.#total += 1
    const connection = new Connection(socket, this.#total)
    this.#connections.add(connection)
    this.#open.set(this.#connections.size)
    socket.on("close", () => {
      this.#connections.delete(connection)
      this.#open.set(this.#connections.size)
    })
    void serve(connection, this.#house)
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true
      this.#server?.close()
      this.#server = undefined
      this.#house.log.close()
      for (const connection of this.#connections) connection.destroy()
      await this.#giveBack()
    }
    await this.allClosed()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
