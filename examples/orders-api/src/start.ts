import type { AddressInfo } from "node:net"
import { createServer } from "node:http"
import { getRequestListener } from "@hono/node-server"
import type { AnsweredRequest } from "./app.ts"
import { ordersApp } from "./app.ts"
import type { CustomerTokens } from "./customer-tokens.ts"
import { tokenBook } from "./customer-tokens.ts"
import type { Customer } from "./environment.ts"
import type { Surroundings } from "./system.ts"
import { systemSurroundings } from "./system.ts"
import type { TroubleShare } from "./troublemaking.ts"

export interface OrdersApiOptions {
  /** The address to listen on; 127.0.0.1 by default. */
  readonly host?: string
  /** The port to listen on; by default any free one. */
  readonly port?: number
  /** Access tokens for the customers, instead of new ones: at least 16 characters of RFC 6750's alphabet. */
  readonly tokens?: Partial<Readonly<Record<Customer, string>>>
  /** After how many requests a short-lived access token has expired; 3 by default. */
  readonly usesPerToken?: number
  /** How long an Idempotency-Key is remembered, in milliseconds; a day by default. */
  readonly keepKeysMs?: number
  /** A share of the requests to /orders that fails unasked; none by default. */
  readonly trouble?: TroubleShare
  /** Told of every answer, for a log; it never sees credentials. */
  readonly onAnswer?: (answered: AnsweredRequest) => void
  /** Told of an error in the API itself, which the client sees as a plain 500; a process warning by default. */
  readonly onDefect?: (error: unknown) => void
  /** Time and identifiers; the machine's own by default. */
  readonly surroundings?: Surroundings
}

export interface OrdersApi {
  /** Where it listens, such as `http://127.0.0.1:49152`. */
  readonly origin: string
  readonly tokens: Readonly<Record<Customer, CustomerTokens>>
  /** Stops listening, ends what is under way and frees the port. */
  close(): Promise<void>
}

/**
 * Starts an orders API with an empty store in memory. Throws a `RangeError` or a `TypeError` for an option that makes no
 * sense, and the system's error when it cannot listen there.
 */
export async function startOrdersApi(options: OrdersApiOptions = {}): Promise<OrdersApi> {
  const { host = "127.0.0.1", port = 0, usesPerToken = 3, keepKeysMs = 86_400_000 } = options
  const { surroundings = systemSurroundings, trouble = { failShare: 0, seed: 0 }, tokens: given = {} } = options
  requireWhole("usesPerToken", usesPerToken, 1)
  requireWhole("keepKeysMs", keepKeysMs, 1)
  requireWhole("trouble.seed", trouble.seed, 0)
  if (!(trouble.failShare >= 0 && trouble.failShare <= 1)) {
    throw new RangeError(`trouble.failShare must be from 0 to 1, but was ${trouble.failShare}`)
  }
  requireTokens(given)
  const closing = new AbortController()
  const book = tokenBook({ given, usesPerToken, uuid: surroundings.uuid })
  const { onAnswer = () => undefined, onDefect = warn } = options
  const app = ordersApp({
    book,
    usesPerToken,
    keepKeysMs,
    trouble,
    surroundings,
    onAnswer,
    onDefect,
    closing: closing.signal,
  })
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, host, resolve)
  })
  let closed: Promise<void> | undefined
  const shutDown = () =>
    new Promise<void>((resolve) => {
      closing.abort()
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { origin: originOf(server.address()), tokens: book.tokens, close: () => (closed ??= shutDown()) }
}

function originOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === "string") throw new Error("the API does not listen on a port")
  return `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`
}

function requireWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${name} must be a whole number of at least ${least}, but was ${value}`)
  }
}

function requireTokens(given: NonNullable<OrdersApiOptions["tokens"]>): void {
  for (const [customer, token] of Object.entries(given)) {
    if (!/^[\w\-.~+/]{16,}=*$/.test(token)) {
      throw new TypeError(`tokens.${customer} must be at least 16 letters, digits or -._~+/ (the value is not shown)`)
    }
  }
  if (given.ada !== undefined && given.ada === given.grace) {
    throw new TypeError("tokens.ada and tokens.grace must differ: a token names its customer")
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error))
}
