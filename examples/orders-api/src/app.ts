import { OpenAPIHono } from "@hono/zod-openapi"
import { HTTPException } from "hono/http-exception"
import { authentication } from "./authentication.ts"
import { bodyLimit } from "./body-limit.ts"
import type { TokenBook } from "./customer-tokens.ts"
import { describe } from "./description.ts"
import type { Environment, Middleware } from "./environment.ts"
import { idempotency } from "./idempotency.ts"
import { invalidInput } from "./invalid-input.ts"
import { negotiation } from "./negotiation.ts"
import { serveOrders } from "./order-handlers.ts"
import { ordersStore } from "./orders-store.ts"
import { ProblemError, problemReply } from "./problem.ts"
import type { Surroundings } from "./system.ts"
import { serveTokens } from "./token-endpoint.ts"
import type { TroubleShare } from "./troublemaking.ts"
import { troublemaking } from "./troublemaking.ts"

/** What was answered, for a log. Credentials are not in it. */
export interface AnsweredRequest {
  readonly method: string
  readonly path: string
  /** `undefined` when the connection was dropped instead. */
  readonly status: number | undefined
  readonly requestId: string
}

export interface AppOptions {
  readonly book: TokenBook
  readonly usesPerToken: number
  readonly keepKeysMs: number
  readonly trouble: TroubleShare
  readonly surroundings: Surroundings
  /** Aborted when the API closes: ends the waits of slow requests. */
  readonly closing: AbortSignal
  readonly onAnswer: (answered: AnsweredRequest) => void
  readonly onDefect: (error: unknown) => void
}

const allowedMethods = {
  "/orders": ["GET", "HEAD", "POST"],
  "/orders/:id": ["GET", "HEAD", "PUT", "PATCH", "DELETE"],
  "/token": ["POST"],
  "/openapi.json": ["GET", "HEAD"],
  "/problems/:name": ["GET", "HEAD"],
} as const

/** Puts the API together. A request passes the middlewares in the order in which they stand here. */
export function ordersApp(options: AppOptions): OpenAPIHono<Environment> {
  const { book, surroundings } = options
  const app = new OpenAPIHono<Environment>({
    defaultHook: (result) => {
      if (!result.success) throw invalidInput(result.error, result.target)
    },
  })
  app.use(requestIds(options))
  for (const [path, methods] of Object.entries(allowedMethods)) app.use(path, allow(methods))
  app.use(bodyLimit)
  app.use(
    "/orders/*",
    authentication(book),
    troublemaking(options.trouble),
    negotiation,
    idempotency({ keepMs: options.keepKeysMs, now: surroundings.now }),
    work(options),
  )
  serveOrders(app, ordersStore(surroundings))
  serveTokens(app, book, options.usesPerToken)
  describe(app)
  app.notFound((c) => {
    const error = new ProblemError("no-such-path", `There is nothing at ${c.req.path}.`)
    return problemReply(error, c.get("requestId"))
  })
  app.onError((error, c) => problemReply(problemOf(error, options.onDefect), c.get("requestId")))
  return app
}

function requestIds({ surroundings, onAnswer }: AppOptions): Middleware {
  return async (c, next) => {
    const requestId = surroundings.uuid()
    c.set("requestId", requestId)
    await next()
    const dropped = c.get("dropped") ?? false
    if (!dropped) c.header("x-request-id", requestId)
    onAnswer({ method: c.req.method, path: c.req.path, status: dropped ? undefined : c.res.status, requestId })
  }
}

function allow(methods: readonly string[]): Middleware {
  const list = methods.join(", ")
  return (c, next) => {
    if (methods.includes(c.req.method)) return next()
    if (c.req.method === "OPTIONS") return Promise.resolve(c.body(null, 204, { Allow: list }))
    const detail = `${c.req.method} is not allowed at ${c.req.path}; allowed are ${list}.`
    throw new ProblemError("method-not-allowed", detail, { headers: { Allow: list } })
  }
}

function work({ surroundings, closing }: AppOptions): Middleware {
  return async (c, next) => {
    const workMs = c.get("workMs")
    if (workMs !== undefined) await surroundings.wait(workMs, closing)
    return next()
  }
}

function problemOf(error: unknown, onDefect: (error: unknown) => void): ProblemError {
  if (error instanceof ProblemError) return error
  // The validator's word for a body that does not parse.
  if (error instanceof HTTPException && error.status === 400) {
    return new ProblemError("malformed-json", "The body is not well-formed JSON.")
  }
  if (error instanceof HTTPException && error.status === 415) {
    return new ProblemError("unsupported-media-type", "The body has a type that is not taken here.")
  }
  onDefect(error)
  return new ProblemError("internal-error", "The server met an unexpected condition.")
}
