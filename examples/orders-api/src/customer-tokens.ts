import { createHash } from "node:crypto"
import type { Customer } from "./environment.ts"
import { customers } from "./environment.ts"

/** The credentials of one customer. Treat them as secrets: the API itself never writes them anywhere. */
export interface CustomerTokens {
  /** An access token that does not expire. */
  readonly access: string
  /** An access token that is good for a few requests only. */
  readonly shortLived: string
  /** Buys fresh short-lived access tokens at `POST /token`. */
  readonly refresh: string
}

type Admission = { readonly customer: Customer } | "expired" | "unknown"

export interface TokenBook {
  readonly tokens: Readonly<Record<Customer, CustomerTokens>>
  /** Whose access token this is; uses up one use of a short-lived one. */
  admit(token: string): Admission
  /** A fresh short-lived access token, or `undefined` when nobody's refresh token is this one. */
  refresh(refreshToken: string): string | undefined
}

export interface TokenBookOptions {
  /** Access tokens to use instead of new ones. */
  readonly given: Partial<Readonly<Record<Customer, string>>>
  /** After how many requests a short-lived token has expired. */
  readonly usesPerToken: number
  readonly uuid: () => string
}

/** How many short-lived tokens are remembered, so that refreshing for ever does not fill the memory. */
const rememberedTokens = 1000

/** Issues the customers' tokens and tells whose a token is. Only digests are kept for the comparison. */
export function tokenBook({ given, usesPerToken, uuid }: TokenBookOptions): TokenBook {
  const lasting = new Map<string, Customer>()
  const refreshing = new Map<string, Customer>()
  const shortLived = new Map<string, { readonly customer: Customer; usesLeft: number }>()

  function issue(customer: Customer): string {
    const token = uuid()
    shortLived.set(digest(token), { customer, usesLeft: usesPerToken })
    const [oldest] = shortLived.keys()
    if (shortLived.size > rememberedTokens && oldest !== undefined) shortLived.delete(oldest)
    return token
  }

  function open(customer: Customer): CustomerTokens {
    const access = given[customer] ?? uuid()
    const refresh = uuid()
    lasting.set(digest(access), customer)
    refreshing.set(digest(refresh), customer)
    return { access, shortLived: issue(customer), refresh }
  }

  const [ada, grace] = customers
  return {
    tokens: { [ada]: open(ada), [grace]: open(grace) },
    admit(token) {
      const key = digest(token)
      const owner = lasting.get(key)
      if (owner !== undefined) return { customer: owner }
      const entry = shortLived.get(key)
      if (entry === undefined) return "unknown"
      if (entry.usesLeft === 0) return "expired"
      entry.usesLeft -= 1
      return { customer: entry.customer }
    },
    refresh(refreshToken) {
      const customer = refreshing.get(digest(refreshToken))
      return customer === undefined ? undefined : issue(customer)
    },
  }
}

function digest(token: string): string {
  return createHash("sha256").update(token).digest("base64")
}
