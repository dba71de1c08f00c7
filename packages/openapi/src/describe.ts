import { ConfigurationError } from "steadfetch"
import type {
  Description,
  OperationFacts,
  SchemeFacts,
  SecurityFacts,
  ServerFacts,
  ServerVariable,
} from "./description.ts"
import { fields, items, references, text, type Fields, type Follow } from "./document.ts"
import { bodyFacts } from "./media-types.ts"
import { queryStyles } from "./value-styles.ts"

const METHODS: readonly string[] = ["get", "head", "post", "put", "patch", "delete"]

/** How documents mark an operation that takes an idempotency key without declaring the field for each. */
const IDEMPOTENT: readonly string[] = ["x-idempotent", "x-idempotency", "x-fern-idempotent"]

interface Found {
  readonly name: string
  readonly operation: Fields
  /** Those of the path, and those of the operation. */
  readonly parameters: readonly Fields[]
  readonly servers: unknown
}

/**
 * What an OpenAPI 3 document says beyond its types: servers, security schemes, idempotency keys, and how lists and bodies
 * are written. References within the document are followed; bundle a document of several files first.
 * @throws ConfigurationError for what is no OpenAPI 3 document.
 */
export function describe<Paths = unknown>(document: object): Description<Paths> {
  const all = fields(document)
  if (text(all["openapi"])?.startsWith("3.") !== true)
    throw new ConfigurationError(`describe: not an OpenAPI 3 document; give the parsed document, with "openapi": "3.…"`)
  const follow = references(all)
  const found = operationsOf(all, follow)
  const idempotencyKey = keyField(all, found)
  const operations = found.flatMap((one): [string, OperationFacts][] => {
    const facts = factsOf(one, idempotencyKey, follow)
    return Object.keys(facts).length === 0 ? [] : [[one.name, facts]]
  })
  return {
    servers: items(all["servers"]).map(serverOf),
    schemes: schemesOf(fields(fields(all["components"])["securitySchemes"]), follow),
    security: securityOf(all["security"]) ?? [],
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    operations: Object.fromEntries(operations),
  }
}

function operationsOf(all: Fields, follow: Follow): Found[] {
  return Object.entries(fields(all["paths"])).flatMap(([path, given]) => {
    const item = follow(given)
    return METHODS.filter((method) => item[method] !== undefined).map((method) => {
      const operation = follow(item[method])
      const parameters = [...items(item["parameters"]), ...items(operation["parameters"])].map(follow)
      return {
        name: `${method.toUpperCase()} ${path}`,
        operation,
        parameters,
        servers: operation["servers"] ?? item["servers"],
      }
    })
  })
}

function factsOf({ operation, parameters, servers }: Found, key: string | undefined, follow: Follow): OperationFacts {
  const security = securityOf(operation["security"])
  const [server] = items(servers).map(serverOf).map(usualUrl)
  const lists = queryStyles(parameters, follow)
  return {
    ...(security === undefined ? {} : { security }),
    ...(server === undefined || !/^https?:[^{]*$/i.test(server) ? {} : { server: server.replace(/\/$/, "") }),
    ...(key !== undefined && takesKey(operation, parameters, key) ? { takesKey: true } : {}),
    ...bodyFacts(follow(operation["requestBody"]), follow),
    ...(lists === undefined ? {} : { queryStyles: lists }),
  }
}

function takesKey(operation: Fields, parameters: readonly Fields[], key: string): boolean {
  const declares = parameters.some(
    (parameter) => parameter["in"] === "header" && text(parameter["name"])?.toLowerCase() === key.toLowerCase(),
  )
  return declares || IDEMPOTENT.some((extension) => operation[extension] === true)
}

/** The field of the idempotency key that the document declares first; the usual one where operations are only marked. */
function keyField(all: Fields, found: readonly Found[]): string | undefined {
  const [named] = items(all["x-fern-idempotency-headers"]).map((given) => text(given["header"]))
  const declared = found
    .flatMap(({ parameters }) => parameters)
    .find((parameter) => parameter["in"] === "header" && /idempoten/i.test(text(parameter["name"]) ?? ""))
  const isMarked = found.some(({ operation }) => IDEMPOTENT.some((extension) => operation[extension] === true))
  return text(declared?.["name"]) ?? (isMarked ? (named ?? "Idempotency-Key") : undefined)
}

function serverOf(given: Fields): ServerFacts {
  const variables = Object.entries(fields(given["variables"])).map(([name, value]): [string, ServerVariable] => {
    const { enum: allowed, default: usual } = fields(value)
    const listed = Array.isArray(allowed) ? allowed.map(String) : undefined
    return [name, { default: text(usual) ?? "", ...(listed === undefined ? {} : { enum: listed }) }]
  })
  return {
    url: text(given["url"]) ?? "/",
    ...(variables.length === 0 ? {} : { variables: Object.fromEntries(variables) }),
  }
}

/** With the defaults of its variables; nobody is asked for those of an operation's own server. */
function usualUrl({ url, variables = {} }: ServerFacts): string {
  return url.replace(/\{([^{}]*)\}/g, (whole, name: string) => variables[name]?.default || whole)
}

function securityOf(given: unknown): SecurityFacts | undefined {
  return Array.isArray(given) ? given.map((alternative) => Object.keys(fields(alternative))) : undefined
}

function schemesOf(given: Fields, follow: Follow): Record<string, SchemeFacts> {
  return Object.fromEntries(Object.entries(given).map(([name, scheme]) => [name, schemeOf(follow(scheme))]))
}

function schemeOf(scheme: Fields): SchemeFacts {
  const place = text(scheme["in"])
  const name = text(scheme["name"])
  switch (text(scheme["type"])) {
    case "http": {
      const kind = text(scheme["scheme"])?.toLowerCase()
      return { kind: kind === "bearer" || kind === "basic" ? kind : "other" }
    }
    // Their access tokens are bearer tokens (RFC 6750).
    case "oauth2":
    case "openIdConnect":
      return { kind: "bearer" }
    case "apiKey":
      return (place === "header" || place === "query") && name !== undefined ? { kind: place, name } : { kind: "other" }
    default:
      return { kind: "other" }
  }
}
