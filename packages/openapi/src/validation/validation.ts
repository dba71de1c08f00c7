import {
  BodyError,
  checkFunction,
  ConfigurationError,
  knownOptions,
  type Exchange,
  type Handler,
  type Outcome,
  type Policy,
  type Reply,
  type RequestOptions,
  type SchemaIssue,
} from "steadfetch"
import { fields, text, type Fields } from "../document.ts"
import { isJson } from "../media-types.ts"
import { notedOperation, type OperationNote } from "../operation-note.ts"
import { DocumentSchemas } from "./document-schemas.ts"
import { inOneLine, kept } from "./schema-issue.ts"

/** Options of {@link validation}. */
export interface ValidationOptions {
  /** Told what does not match, instead of the call being refused: also of the bodies of errors, which are never refused. */
  readonly report?: ((mismatch: BodyError | ConfigurationError) => void) | undefined
}

/** Statuses whose replies have no body (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
const BODYLESS: readonly number[] = [204, 205, 304]

/**
 * Checks JSON bodies against the schemas that an OpenAPI 3.0 or 3.1 document has for them: of requests before they are
 * sent, of replies by their status and media type. A request that does not match rejects with a ConfigurationError, a
 * success with a BodyError; both have `issues`. An error keeps its own explanation, whatever its body looks like. Calls
 * that `openapi()` made are checked, unless they are read as streams.
 * @param document The parsed document, with all that it refers to in it.
 * @throws ConfigurationError for what is no OpenAPI 3 document; per call, for a schema that cannot be used.
 */
export function validation(document: object, options: ValidationOptions = {}): Policy {
  knownOptions("validation", options, ["report"])
  checkFunction("validation.report", options.report)
  const all = fields(document)
  if (!/^3\.[01]\b/.test(text(all["openapi"]) ?? ""))
    throw new ConfigurationError(`validation: not an OpenAPI 3.0 or 3.1 document; give the parsed document`)
  const checks = new DocumentChecks(all)
  const found = (mismatch: BodyError | ConfigurationError): void => {
    if (options.report === undefined) throw mismatch
    options.report(mismatch)
  }

  const send = async (exchange: Exchange, note: OperationNote, next: Handler): Promise<Outcome> => {
    const operation = checks.operation(note)
    const refused = checks.request(exchange, operation)
    if (refused !== undefined) found(refused)
    const outcome = await next(exchange)
    // The explanation of an error goes before any doubt about its form.
    if (outcome.kind === "failure" || (outcome.status >= 400 && options.report === undefined)) return outcome
    const doubtful = checks.reply(exchange, outcome, operation)
    if (doubtful !== undefined) found(doubtful)
    return outcome
  }

  return {
    name: "validation",
    scope: "call",
    wrap: (next) => (exchange) => {
      const note = notedOperation(exchange)
      return note === undefined || !isOf(exchange, note) ? next(exchange) : send(exchange, note, next)
    },
  }
}

/** Stands for a value in a path, and in no path of its own. */
const VALUE = "-value-in-path-"

/** Whether an exchange is one of its operation, and not one for a monitor or a result that the operation led to. */
function isOf({ request }: Exchange, { name }: OperationNote): boolean {
  const [method, path] = methodAndPath(name)
  if (request.method !== method) return false
  // As the URL of a call is written, whose values are segments without a slash.
  const [first = "", ...others] = new URL(`http://host${path.replace(/\{[^{}]*\}/g, VALUE)}`).pathname.split(VALUE)
  const { pathname } = new URL(request.url)
  const literals = [first, ...others].map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
  return new RegExp(`${literals.join("[^/]+")}$`).test(pathname)
}

function methodAndPath(name: string): readonly [method: string, path: string] {
  const [, method = "", path = ""] = /^(\S+) (.*)$/s.exec(name) ?? []
  return [method, path]
}

/** What one document says about bodies. */
class DocumentChecks {
  readonly #document: Fields
  readonly #schemas: DocumentSchemas

  constructor(document: Fields) {
    this.#document = document
    this.#schemas = new DocumentSchemas(document)
  }

  operation({ name }: OperationNote): Fields {
    const [method, path] = methodAndPath(name)
    const item = this.#schemas.follow(fields(this.#document["paths"])[path])
    return this.#schemas.follow(item[method.toLowerCase()])
  }

  /** What is wrong with what a call gave as `json`, as it is written: a date is a text. */
  request({ request, record, options }: Exchange, operation: Fields): ConfigurationError | undefined {
    const content = fields(this.#schemas.follow(operation["requestBody"])["content"])
    const type = request.headers.find(([name]) => name === "content-type")?.[1] ?? ""
    const { json }: RequestOptions = options
    const schema = json === undefined ? undefined : schemaIn(content, type)
    if (schema === undefined) return undefined
    const place = `the body of ${record.method} ${record.url}`
    const issues = this.#schemas.issues(schema, "request", JSON.parse(JSON.stringify(json)), place)
    if (issues.length === 0) return undefined
    const redact = (said: string): string => record.redact(said)
    return Object.assign(
      new ConfigurationError(`${place} does not match the document: ${redact(inOneLine(issues))}; nothing was sent`),
      { issues: kept(issues, redact) },
    )
  }

  /** What is wrong with the body of a reply that has arrived. */
  reply({ request, record }: Exchange, reply: Reply, operation: Fields): BodyError | undefined {
    const { bytes } = reply.body
    if (bytes === undefined || request.method === "HEAD" || BODYLESS.includes(reply.status)) return undefined
    const issues = this.#replyIssues(reply, bytes, operation, `${record.method} ${record.url} → ${reply.status}`)
    if (issues.length === 0) return undefined
    const redact = (said: string): string => record.redact(said)
    const message = `${record.method} ${record.url} → ${reply.status}: the body does not match the document: ${redact(inOneLine(issues))}`
    return Object.assign(new BodyError(message, record, reply.status), { issues: kept(issues, redact) })
  }

  #replyIssues(reply: Reply, bytes: Uint8Array, operation: Fields, place: string): readonly SchemaIssue[] {
    const responses = fields(operation["responses"])
    const response = responseFor(responses, reply.status)
    // Proxies, limits and outages are no operation's own: their errors need not be declared.
    if (response === undefined)
      return reply.status >= 300 ? [] : [whole(`the document declares ${list(Object.keys(responses))} alone`)]
    const content = fields(this.#schemas.follow(response)["content"])
    const type = reply.headers.get("content-type") ?? ""
    if (Object.keys(content).length === 0) return []
    const schema = schemaIn(content, type)
    if (schema === undefined)
      return [
        whole(`it is ${type === "" ? "of no type" : type}, and the document declares ${list(Object.keys(content))}`),
      ]
    if (!isJson(type)) return []
    const json = parsed(new TextDecoder().decode(bytes))
    return json === undefined ? [whole("it is not JSON")] : this.#schemas.issues(schema, "reply", json.value, place)
  }
}

function whole(message: string): SchemaIssue {
  return { path: "", message }
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "nothing" : names.join(", ")
}

/** The response for a status: its own, its range's, or the default. */
function responseFor(responses: Fields, status: number): unknown {
  const range = `${Math.floor(status / 100)}XX`
  return responses[status] ?? responses[range] ?? responses[range.toLowerCase()] ?? responses["default"]
}

/** The schema for a media type: its own, or that of a range it lies in; empty where there is none for it. */
function schemaIn(content: Fields, type: string): Fields | undefined {
  const bare = bareType(type)
  const names = Object.keys(content)
  const name =
    names.find((declared) => bareType(declared) === bare) ??
    names.find((declared) => declared.endsWith("/*") && declared !== "*/*" && bare.startsWith(declared.slice(0, -1))) ??
    names.find((declared) => declared === "*/*")
  return name === undefined ? undefined : fields(fields(content[name])["schema"])
}

function bareType(type: string): string {
  return (type.split(";")[0] ?? "").trim().toLowerCase()
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}
