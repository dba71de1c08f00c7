import { ConfigurationError, type Ability, type ClientOptions, type Credentials } from "steadfetch"
import { atServers, documentedCredentials, type AuthOptions } from "./credentials.ts"
import type { Description, SchemeKind, ServerFacts } from "./description.ts"

/** Options of a client for a document's API: those of `steadfetch()`, with `auth` by the document's security schemes. */
export interface OpenApiOptions<
  Schemes extends Readonly<Record<string, SchemeKind>> = Readonly<Record<string, SchemeKind>>,
  Abilities extends readonly Ability[] = readonly Ability[],
> extends Omit<ClientOptions<Abilities>, "auth"> {
  /**
   * `{ bearerAuth: token }`, by the document's security schemes; `bearer(token)` where it has none. False sends none,
   * whatever the document asks for.
   */
  readonly auth?: AuthOptions<Schemes> | Credentials | false | undefined
  /** Values for the variables of the document's server. Default: those that the document gives. */
  readonly serverVariables?: Readonly<Record<string, string>> | undefined
}

/**
 * The options of `steadfetch()` that a document answers: where the API is, unless `baseUrl` says it; the credentials of
 * each operation; and the field of the idempotency key. Other options stay as they are.
 * @throws ConfigurationError for a name that the document does not have, and for a document that does not say where its API is.
 */
export function clientOptions<
  Schemes extends Readonly<Record<string, SchemeKind>>,
  const Abilities extends readonly Ability[] = [],
>(
  description: Description<unknown, Schemes>,
  options: OpenApiOptions<Schemes, Abilities> = {},
): ClientOptions<Abilities> {
  const { auth = {}, serverVariables, ...rest } = options
  if (serverVariables !== undefined && rest.baseUrl !== undefined)
    throw new ConfigurationError("serverVariables are for the document's server, and baseUrl goes before it; give one")
  const credentials = credentialsOf(description, auth)
  return {
    ...rest,
    baseUrl: rest.baseUrl ?? documentedBase(description.servers, serverVariables ?? {}),
    ...(credentials === undefined ? {} : { auth: credentials }),
    ...keyField(description, rest),
  }
}

/** Nothing where the client's own field is the one, or where the user says how keys are sent. */
function keyField(
  { idempotencyKey: header }: Description,
  given: ClientOptions,
): Pick<ClientOptions, "idempotencyKey"> {
  if (header === undefined || header.toLowerCase() === "idempotency-key") return {}
  return given.idempotencyKey === undefined && given.policies === undefined ? { idempotencyKey: { header } } : {}
}

function credentialsOf(
  description: Description,
  auth: AuthOptions<Readonly<Record<string, SchemeKind>>> | Credentials | false,
): Credentials | undefined {
  if (auth === false) return undefined
  if (typeof auth === "function") return atServers(auth)
  const isConcerned = Object.keys(auth).length > 0 || Object.keys(description.schemes).length > 0
  return isConcerned ? documentedCredentials(description, auth) : undefined
}

function documentedBase(servers: readonly ServerFacts[], given: Readonly<Record<string, string>>): string {
  const { url = "/", variables = {} } = servers[0] ?? {}
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(variables, name)) {
      const known = Object.keys(variables)
      throw new ConfigurationError(
        `serverVariables: ${url} has no variable "${name}"; ${known.length === 0 ? "it has none" : `there is ${known.join(", ")}`}`,
      )
    }
  }
  const filled = url.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const { default: usual, enum: allowed } = variables[name] ?? {}
    const value = given[name] ?? usual
    if (value === undefined || (allowed !== undefined && !allowed.includes(value))) {
      throw new ConfigurationError(
        `serverVariables: ${name} of ${url} is ${JSON.stringify(value)}; give ${allowed === undefined ? "a text" : allowed.join(", ")}`,
      )
    }
    return value
  })
  if (/^https?:/i.test(filled)) return filled
  throw new ConfigurationError(
    `the document does not say where its API is: its server is ${JSON.stringify(filled)}; give "baseUrl"`,
  )
}
