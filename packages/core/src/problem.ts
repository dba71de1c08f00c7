import type { HeaderFields } from "./headers.ts"

/** What a server said about an error, in one shape for all the shapes that are about. */
export interface Explanation {
  /** The server's words; undefined when it gave none. */
  readonly message: string | undefined
  /** The API's own code for the error. */
  readonly code: string | undefined
  /** What to quote to the API's support. */
  readonly requestId: string | undefined
  /** Field errors and the like, as the server sent them. */
  readonly details: unknown
  /** The body: parsed when it was JSON, else its text; undefined when there was none. */
  readonly body: unknown
}

type Fields = Readonly<Record<string, unknown>>

const REQUEST_ID_FIELDS = [
  "x-request-id", "request-id", "x-github-request-id", "x-amzn-requestid", "x-amz-request-id", "x-ms-request-id",
  "x-slack-req-id", "x-correlation-id", "cf-ray", "via",
] // prettier-ignore

/** A message longer than this is cut: it is meant for one line. */
const LONGEST_MESSAGE = 500

/** So much of a page is searched, in characters: its title stands at the top. */
const MOST_MARKUP = 20_000

/**
 * Reads the server's explanation from the body of an error: problem+json (RFC 9457), the shapes of Stripe, GitHub,
 * Google, AWS (JSON and XML), Azure, JSON:API, GraphQL, OpenAI, Shopify, Slack and OAuth, and plain text or HTML.
 * Whatever cannot be read that way counts as absent; it never throws.
 */
export function explain(headers: Pick<HeaderFields, "get">, text: string): Explanation {
  const body = parsed(text)
  const shape = record(Array.isArray(body) ? body[0] : body)
  const said = shape === undefined ? fromMarkup(text) : fromJson(shape)
  return {
    message: oneLine(said.message),
    code: oneLine(awsType(headers.get("x-amzn-errortype")) ?? said.code),
    requestId: oneLine(firstWords(...REQUEST_ID_FIELDS.map((name) => headers.get(name)), said.requestId)),
    details: said.details,
    body: text === "" ? undefined : body,
  }
}

interface Said {
  readonly message: string | undefined
  readonly code: string | undefined
  readonly requestId?: string | undefined
  readonly details?: unknown
}

function fromJson(body: Fields): Said {
  const fields = lowerCased(body)
  const { error, errors } = fields
  const inner = lowerCased(record(error) ?? {})
  const list = items(errors)
  const first = lowerCased(list[0] ?? {})
  const details = errors ?? inner["details"] ?? inner["errors"] ?? fields["details"] ?? inner["param"] ?? undefined
  const own = firstWords(
    fields["error_description"], fields["detail"], inner["message"], inner["detail"],
    fields["message"], fields["errormessage"], fields["error_message"], fields["title"],
  ) // prettier-ignore
  return {
    message: withFieldErrors(own, fieldErrors(errors ?? listIn(fields["detail"], fields["message"]))) ?? words(error),
    code: firstWords(
      textOnly(inner["code"]), textOnly(inner["status"]), inner["code"], inner["type"], error, awsType(fields["code"]),
      awsType(fields["__type"]), first["code"], record(first["extensions"])?.["code"],
      record(fields["extensions"])?.["code"], fields["type"] === "about:blank" ? "" : fields["type"],
    ), // prettier-ignore
    requestId: firstWords(
      ...items(inner["details"]).map((item) => item["requestId"]),
      first["id"],
      fields["request_id"],
      fields["requestid"],
      fields["instance"],
    ),
    details,
  }
}

/** Frameworks put a list of faults where others put their words: FastAPI in `detail`, NestJS in `message`. */
function listIn(...members: readonly unknown[]): unknown {
  return members.find((member) => Array.isArray(member))
}

/** AWS writes `namespace#Code:url`; the code is between the marks. */
function awsType(value: unknown): string | undefined {
  return words(value)?.split(/[:,]/)[0]?.split("#").at(-1)
}

/** "title: field errors", without saying anything twice. */
function withFieldErrors(own: string | undefined, list: readonly string[]): string | undefined {
  const news = list.filter((item) => own?.includes(item) !== true)
  if (news.length === 0) return own
  return own === undefined ? news.join("; ") : `${own} (${news.join("; ")})`
}

/** What stands in `errors`: a text, a list of texts or objects, or any of these by field. */
function fieldErrors(errors: unknown): string[] {
  const byField = record(errors)
  if (byField === undefined) return listed(errors)
  return Object.entries(byField).map(([name, value]) => `${name}: ${listed(value).join(", ") || "is wrong"}`)
}

function listed(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map(fieldError).filter((item) => item !== undefined)
}

function fieldError(item: unknown): string | undefined {
  const fields = lowerCased(record(item) ?? {})
  const said = firstWords(item, fields["detail"], fields["message"], fields["msg"], fields["title"])
  if (said !== undefined) return said
  const [field, code] = [words(fields["field"]), words(fields["code"])]
  return field === undefined ? code : `${field} ${code ?? "is wrong"}`
}

/** XML, HTML or plain text. */
function fromMarkup(text: string): Said {
  const element = (name: string): string | undefined => {
    const inside = new RegExp(`<${name}\\b[^>]*>([^]*?)</${name}\\s*>`, "i").exec(text.slice(0, MOST_MARKUP))?.[1]
    return inside === undefined ? undefined : words(decoded(inside))
  }
  if (!/^\s*</.test(text)) return { message: words(text), code: undefined }
  if (/<html|<!doctype/i.test(text)) return { message: element("title") ?? element("h1"), code: undefined }
  return { message: element("Message"), code: element("Code"), requestId: element("RequestId") }
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&", nbsp: " " }

/** The words in a piece of markup, without tags, CDATA marks and the commonest entities. */
function decoded(markup: string): string {
  const plain = markup.slice(0, 4 * LONGEST_MESSAGE).replace(/<!\[CDATA\[|\]\]>|<[^>]*>/g, " ")
  return plain.replace(/&(?:#(x?[\da-f]{1,6})|([a-z]{2,4}));/gi, (entity, number?: string, name = "") => {
    if (number === undefined) return ENTITIES[name] ?? entity
    const code = Number(number.replace(/^x/i, "0x"))
    return code <= 0x10ffff ? String.fromCodePoint(code) : entity
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function record(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
}

function items(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(record).filter((item) => item !== undefined) : []
}

function lowerCased(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]))
}

/** A text or a number as words; a member of another type counts as absent (RFC 9457 §3.1). */
function words(value: unknown): string | undefined {
  if (typeof value === "number") return String(value)
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined
}

function firstWords(...values: readonly unknown[]): string | undefined {
  return values.map(words).find((said) => said !== undefined)
}

function textOnly(value: unknown): string | undefined {
  return typeof value === "string" ? words(value) : undefined
}

/** Without line breaks and control characters, so that a server cannot forge lines in a log. */
export function oneLine(message: string): string
export function oneLine(message: string | undefined): string | undefined
export function oneLine(message: string | undefined): string | undefined {
  // oxlint-disable-next-line no-control-regex
  const line = message?.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").replace(/ {2,}/g, " ")
  return line !== undefined && line.length > LONGEST_MESSAGE
    ? `${line.slice(0, LONGEST_MESSAGE - 1).replace(/[\ud800-\udbff]$/, "")}…`
    : line
}
