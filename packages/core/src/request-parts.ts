import { bodySource, jsonBody, type TypedBody } from "./body.ts"
import { ABORTED, untilAborted } from "./cancellation.ts"
import { TOKEN } from "./headers.ts"
import type { RequestOptions } from "./request-options.ts"
import { conformed } from "./schema.ts"
import { ConfigurationError } from "./steadfetch-error.ts"

/** Methods that are meant in capitals, however they are written. */
const COMMON_METHOD = /^(get|head|post|put|patch|delete|options)$/i

/** The method as it is sent. @throws ConfigurationError for what is no token (RFC 9110 §9.1). */
export function requestMethod(given: string): string {
  if (typeof given !== "string" || !TOKEN.test(given))
    throw new ConfigurationError(`method ${JSON.stringify(given)} is not a token (RFC 9110 §9.1)`)
  return COMMON_METHOD.test(given) ? given.toUpperCase() : given
}

/**
 * The body that a call's options describe; undefined without one.
 * @param uniqueId Names the boundary of a multipart form.
 * @throws ConfigurationError for more than one body, one that cannot be sent, or one for GET and HEAD.
 */
export function requestBody(
  { json, form, body }: Pick<RequestOptions, "json" | "form" | "body">,
  method: string,
  uniqueId: () => string,
): TypedBody | undefined {
  const given = Number(json !== undefined) + Number(form !== undefined) + Number(body !== undefined)
  if (given === 0) return undefined
  if (given > 1) throw new ConfigurationError(`a call has one body; give only one of "json", "form" and "body"`)
  if (method === "GET" || method === "HEAD")
    throw new ConfigurationError(`a ${method} request has no body; use "query", or another method`)
  if (body !== undefined) return bodySource(body, uniqueId)
  if (form === undefined) return jsonBody(json)
  const fields = form instanceof FormData || form instanceof URLSearchParams ? form : new URLSearchParams(form)
  return bodySource(fields, uniqueId)
}

/**
 * The options with what their `requestSchema` makes of `json`.
 * @throws ConfigurationError with `issues` when the schema refuses it.
 */
export async function conforming<O extends Pick<RequestOptions, "json" | "requestSchema" | "signal">>(
  options: O,
): Promise<O> {
  if (options.requestSchema === undefined) return options
  const mismatch = (said: string): ConfigurationError => new ConfigurationError(`"json" ${said}`)
  const json = await untilAborted(conformed(options.requestSchema, options.json, mismatch), options.signal)
  return { ...options, json: json === ABORTED ? undefined : json }
}
