import type { TokenBook } from "./customer-tokens.ts"
import type { Middleware } from "./environment.ts"
import { ProblemError } from "./problem.ts"

const bearerPattern = /^Bearer +([\w\-.~+/]+=*)$/i

/** Lets only requests with a good bearer token through; the others get 401 and a challenge (RFC 6750, section 3). */
export function authentication(book: TokenBook): Middleware {
  return (c, next) => {
    const token = bearerPattern.exec(c.req.header("authorization") ?? "")?.[1]
    if (token === undefined) {
      throw unauthenticated("Send a token as `Authorization: Bearer <token>`.", "")
    }
    const admission = book.admit(token)
    if (admission === "unknown") throw invalidToken("The access token is not one of ours")
    if (admission === "expired") throw invalidToken("The access token has expired")
    c.set("customer", admission.customer)
    return next()
  }
}

function invalidToken(reason: string): ProblemError {
  return unauthenticated(`${reason}.`, `, error="invalid_token", error_description="${reason}"`)
}

function unauthenticated(detail: string, parameters: string): ProblemError {
  const challenge = `Bearer realm="orders"${parameters}`
  return new ProblemError("unauthenticated", detail, { headers: { "WWW-Authenticate": challenge } })
}
