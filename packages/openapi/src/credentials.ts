import {
  apiKey,
  basic,
  bearer,
  ConfigurationError,
  kindOf,
  refuse,
  type BearerOptions,
  type Credentials,
  type Exchange,
  type Handler,
  type Runtime,
} from "steadfetch"
import type { Description, SchemeFacts, SchemeKind, SecurityFacts } from "./description.ts"
import { notedOperation } from "./operation-note.ts"

/** A secret, or where it comes from: asked anew for every attempt. */
export type Secret = string | (() => string | Promise<string>)

/** A bearer token that is renewed after a 401. */
export interface RenewedToken extends BearerOptions {
  readonly token: Secret
}

export interface UserAndPassword {
  readonly user: string
  readonly password: string
}

/** What a security scheme of this kind is given. */
export type CredentialFor<Kind extends SchemeKind> = {
  readonly bearer: Secret | RenewedToken
  readonly basic: UserAndPassword
  readonly header: Secret
  readonly query: Secret
  readonly other: Credentials
}[Kind]

/** Credentials by the names of the document's security schemes. */
export type AuthOptions<Schemes extends Readonly<Record<string, SchemeKind>>> = {
  readonly [Name in keyof Schemes]?: CredentialFor<Schemes[Name]> | undefined
}

/**
 * What sends each operation the credentials that the document asks for: those of the first alternative of which all were
 * given. It refuses to send an operation that needs others.
 */
export function documentedCredentials(
  { schemes, security }: Pick<Description, "schemes" | "security">,
  auth: AuthOptions<Readonly<Record<string, SchemeKind>>>,
): Credentials {
  const given = new Map(
    Object.entries(auth).flatMap(([name, credential]) =>
      credential === undefined ? [] : [[name, atServers(credentialsFor(name, schemes, credential))] as const],
    ),
  )
  return (home) => ({
    name: "auth",
    scope: "attempt",
    wrap(next, runtime) {
      const handlers = new Map<string, Handler>()
      const handlerFor = (names: readonly string[]): Handler => {
        const key = JSON.stringify(names)
        const known =
          handlers.get(key) ??
          chained(
            names.map((name) => given.get(name)),
            home,
            next,
            runtime,
          )
        handlers.set(key, known)
        return known
      }
      return (exchange) => {
        const operation = notedOperation(exchange)
        const needed = operation?.facts?.security ?? security
        if (exchange.options.auth === false || needed.length === 0) return next(exchange)
        const brought = (name: string): boolean => given.has(name) || brings(exchange, schemes[name])
        const names = needed.find((alternative) => alternative.length > 0 && alternative.every(brought))
        if (names !== undefined) return handlerFor(names)(exchange)
        if (needed.some((alternative) => alternative.length === 0)) return next(exchange)
        throw new ConfigurationError(
          `${operation?.name ?? exchange.request.method} needs credentials for ${listed(needed)}; give auth: { ${needed[0]?.[0]}: … }, or auth: false for this call`,
        )
      }
    },
  })
}

/** Credentials that go to an operation's own server, where it has one, and to the client's base otherwise. */
export function atServers(credentials: Credentials): Credentials {
  return (home) => {
    const policy = credentials(home)
    return {
      ...policy,
      wrap(next, runtime) {
        const handlers = new Map([[home, policy.wrap(next, runtime)]])
        return (exchange) => {
          const own = originOf(notedOperation(exchange)?.facts?.server)
          // What such an operation leads to, a monitor say, may be at the client's base again.
          const origin = own !== undefined && originOf(exchange.request.url) === own ? own : home
          const handler = handlers.get(origin) ?? credentials(origin).wrap(next, runtime)
          handlers.set(origin, handler)
          return handler(exchange)
        }
      },
    }
  }
}

/** Each scheme's policy around the next one's; one that the request brings itself has nothing to add. */
function chained(
  credentials: readonly (Credentials | undefined)[],
  home: string,
  next: Handler,
  runtime: Runtime,
): Handler {
  return credentials.reduce((inner, one) => one?.(home).wrap(inner, runtime) ?? inner, next)
}

function originOf(server: string | undefined): string | undefined {
  return server === undefined ? undefined : new URL(server).origin
}

/** Whether the call, or its client, has the credential in its own fields or query. */
function brings({ request }: Exchange, scheme: SchemeFacts | undefined): boolean {
  if (scheme === undefined || scheme.kind === "other") return false
  const { kind, name = "authorization" } = scheme
  if (kind === "query") return new URL(request.url).searchParams.has(name)
  return request.headers.some(([field]) => field === name.toLowerCase())
}

function listed(needed: SecurityFacts): string {
  return needed.map((names) => names.map((name) => JSON.stringify(name)).join(" and ")).join(", or for ")
}

function credentialsFor(
  name: string,
  schemes: Readonly<Record<string, SchemeFacts>>,
  given: CredentialFor<SchemeKind>,
): Credentials {
  const scheme = Object.hasOwn(schemes, name) ? schemes[name] : undefined
  if (scheme === undefined) {
    throw new ConfigurationError(
      `auth: the document has no security scheme "${name}"; ${Object.keys(schemes).length === 0 ? "it has none" : `there is ${Object.keys(schemes).join(", ")}`}`,
    )
  }
  const { kind, name: place = "" } = scheme
  if (isSecret(given)) {
    if (kind === "bearer") return bearer(given)
    if (kind === "header") return apiKey(given, { header: place })
    if (kind === "query") return apiKey(given, { query: place })
    if (kind === "other" && typeof given === "function") return given as unknown as Credentials
  } else if (typeof given === "object" && given !== null) {
    if (kind === "bearer" && "token" in given) return bearer(given.token, { refresh: given.refresh })
    if (kind === "basic" && "user" in given) return basic(given.user, given.password)
  }
  return refuse(`auth.${name}`, kindOf(given), WANTED[kind])
}

function isSecret(given: unknown): given is Secret {
  return typeof given === "string" || typeof given === "function"
}

const WANTED: Readonly<Record<SchemeKind, string>> = {
  bearer: "a token, a function that returns one, or { token, refresh }",
  basic: "{ user, password }",
  header: "a key, or a function that returns one",
  query: "a key, or a function that returns one",
  other: "a function (origin) => policy",
}
