import type { Exchange, Outgoing } from "../exchange.ts"
import { NEUTRAL_FIELD, type HeaderList } from "../headers.ts"
import { failure, type Outcome, type Reply } from "../outcome.ts"
import type { Handler, Policy } from "../pipeline.ts"
import { redactUrl } from "../redaction.ts"
import { originOf } from "../url.ts"
import { refuse, shown } from "../validation.ts"

/** The most redirects that one attempt follows (RFC 9110 §15.4 leaves the number to clients; fetch has the same). */
const MOST_HOPS = 20

const FOLLOWED: readonly number[] = [301, 302, 303, 307, 308]

const BODY_FIELDS = /^content-/

/**
 * Follows redirects (RFC 9110 §15.4): 303, and 301 or 302 after POST, become GET; 307 and 308 repeat method and body.
 * At another origin only neutral header fields arrive: no credentials, cookies, validators or idempotency keys.
 * A redirect that cannot be followed (too many, a body that is gone, a target that is not http) ends the call.
 */
export function redirect(): Policy {
  return {
    name: "redirect",
    scope: "attempt",
    wrap: (next) => (exchange) => {
      const { redirect = "follow" } = exchange.options
      if (!["follow", "manual"].includes(redirect)) refuse("redirect", shown(redirect), '"follow" or "manual"')
      if (redirect === "manual") return next(exchange)
      return next(exchange).then((outcome) => (isRedirect(outcome) ? follow(exchange, outcome, next) : outcome))
    },
  }
}

function isRedirect(outcome: Outcome): outcome is Reply {
  return outcome.kind === "reply" && FOLLOWED.includes(outcome.status)
}

async function follow(exchange: Exchange, first: Reply, next: Handler): Promise<Outcome> {
  let { request } = exchange
  let outcome: Outcome = first
  for (let hops = 0; ; hops++) {
    const target = isRedirect(outcome) ? targetOf(outcome, request) : undefined
    if (outcome.kind === "failure") return outcome
    if (target === undefined) return hops === 0 ? outcome : { ...outcome, url: outcome.url ?? request.url }
    outcome.body.discard()
    const shown = `${outcome.status} to ${redactUrl(target)}`
    if (hops === MOST_HOPS) return failure("redirect", `more than ${MOST_HOPS} redirects, the last ${shown}`)
    if (!/^https?:\/\/[^/?#@]*(?:[/?#]|$)/.test(target))
      return failure("redirect", `a redirect ${shown}, which is not http(s) or holds credentials`)
    const redirected = nextRequest(request, outcome.status, target)
    if (redirected === undefined) {
      return failure(
        "redirect",
        `a redirect ${shown} asks for the body again, and it is a stream that was read; give a function that opens a fresh one`,
      )
    }
    request = redirected
    outcome = await next({ ...exchange, request, redirectedFrom: exchange.redirectedFrom ?? exchange.request.url })
  }
}

function targetOf(reply: Reply, request: Outgoing): string | undefined {
  const location = reply.headers.get("location")
  if (location === null || !URL.canParse(location, request.url)) return undefined
  return new URL(location, request.url).href
}

function nextRequest(request: Outgoing, status: number, target: string): Outgoing | undefined {
  const toGet = (status === 303 && request.method !== "HEAD") || (status < 303 && request.method === "POST")
  if (!toGet && request.body?.replayable === false) return undefined
  const keeps = (name: string): boolean =>
    (originOf(target) === originOf(request.url) || NEUTRAL_FIELD.test(name)) && !(toGet && BODY_FIELDS.test(name))
  const headers: HeaderList = request.headers.filter(([name]) => keeps(name))
  return { method: toGet ? "GET" : request.method, url: target, headers, body: toGet ? null : request.body }
}
