import type { HttpBindings } from "@hono/node-server"
import type { MiddlewareHandler } from "hono"

/** The customers this API knows. */
export const customers = ["ada", "grace"] as const

export type Customer = (typeof customers)[number]

/** What travels with a request through the API. */
export interface Environment {
  Bindings: HttpBindings
  Variables: {
    requestId: string
    customer: Customer
    /** How long the work is to take, in milliseconds; asked for with `Trouble: slow`. */
    workMs: number | undefined
    /** Set when the connection was cut instead of a reply sent. */
    dropped: true | undefined
  }
}

export type Middleware = MiddlewareHandler<Environment>
