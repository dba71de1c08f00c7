import type { RequestOptions } from "steadfetch"
import type { OperationFacts } from "./description.ts"
import type { FieldValue } from "./typed-options.ts"
import { multipartForm, writtenValues } from "./written-values.ts"

/** The parts of a call's options that the document types. */
export interface GivenParts {
  readonly query?: Readonly<Record<string, unknown>> | undefined
  readonly headers?:
    | Readonly<Record<string, FieldValue | readonly FieldValue[]>>
    | Iterable<readonly [string, FieldValue]>
    | undefined
  readonly json?: unknown
  readonly form?: FormData | URLSearchParams | Readonly<Record<string, unknown>> | undefined
  readonly body?: unknown
}

/** Those parts as a client takes them. */
export function requestParts(
  given: GivenParts,
  facts: OperationFacts | undefined,
): Pick<RequestOptions, "query" | "headers" | "form"> {
  const { query, form } = given
  return {
    ...(isRecord(query) ? { query: byName(writtenValues(query, facts?.queryStyles)) } : {}),
    headers: headersOf(given, facts),
    ...(isRecord(form) ? { form: formOf(form, facts) } : {}),
  }
}

/** Names and values; anything else, as `URLSearchParams`, the client takes or refuses by itself. */
function isRecord(given: unknown): given is Readonly<Record<string, unknown>> {
  return typeof given === "object" && given !== null && !(Symbol.iterator in given)
}

/** By name, so that a further call can change one of them. */
function byName(pairs: readonly (readonly [string, string])[]): Readonly<Record<string, readonly string[]>> {
  const values = new Map<string, string[]>()
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value])
  return Object.fromEntries(values)
}

function headersOf(given: GivenParts, facts: OperationFacts | undefined): RequestOptions["headers"] {
  const type = given.json === undefined ? (given.body === undefined ? undefined : facts?.body) : facts?.json
  const { headers = {} } = given
  if (typeof headers !== "object" || headers === null) return headers
  const own = (isRecord(headers) ? Object.entries(headers) : [...headers]).flatMap(
    ([name, value]): [string, string][] => (value === undefined || value === null ? [] : [[name, String(value)]]),
  )
  const isTyped = type === undefined || own.some(([name]) => name.toLowerCase() === "content-type")
  if (!isTyped) own.push(["content-type", type])
  return own.length === 0 ? undefined : own
}

function formOf(
  form: Readonly<Record<string, unknown>>,
  facts: OperationFacts | undefined,
): FormData | URLSearchParams {
  const isMultipart =
    facts?.form !== undefined ||
    Object.values(form)
      .flat()
      .some((value) => value instanceof Blob)
  return isMultipart ? multipartForm(form) : new URLSearchParams(writtenValues(form, facts?.formStyles))
}
