import type { Attributes } from "@opentelemetry/api"
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  HTTP_REQUEST_METHOD_VALUE_OTHER,
} from "@opentelemetry/semantic-conventions"
import type { Outcome } from "steadfetch"

// Still in development in the conventions, and so not among the stable names that their package exports.
const ATTR_URL_TEMPLATE = "url.template"

/** The methods of RFC 9110, PATCH (RFC 5789) and QUERY, which the conventions list. */
export const KNOWN_METHODS: readonly string[] = [
  "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE",
] // prettier-ignore

/** Of a request: what it is, in few different values, for metrics as for spans. */
export function requestAttributes(
  known: ReadonlySet<string>,
  method: string,
  url: string,
  template: string | undefined,
): Attributes {
  return {
    [ATTR_HTTP_REQUEST_METHOD]: known.has(method) ? method : HTTP_REQUEST_METHOD_VALUE_OTHER,
    ...serverAttributes(url),
    ...(template === undefined ? {} : { [ATTR_URL_TEMPLATE]: template }),
  }
}

function serverAttributes(url: string): Attributes {
  // The drop-in fetch is given whatever fetch would refuse.
  if (!URL.canParse(url)) return {}
  const { hostname, port, protocol } = new URL(url)
  return {
    [ATTR_SERVER_ADDRESS]: hostname.replace(/^\[(.*)\]$/, "$1"),
    [ATTR_SERVER_PORT]: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
  }
}

/** The method as it is sent, where its name is not one of the known ones. */
export function originalMethod(attributes: Attributes, method: string): Attributes {
  return attributes[ATTR_HTTP_REQUEST_METHOD] === method ? {} : { [ATTR_HTTP_REQUEST_METHOD_ORIGINAL]: method }
}

/** `{method}`, or `{method} {url.template}` where there is one. */
export function spanName(attributes: Attributes): string {
  const { [ATTR_HTTP_REQUEST_METHOD]: method, [ATTR_URL_TEMPLATE]: template } = attributes
  return [method === HTTP_REQUEST_METHOD_VALUE_OTHER ? "HTTP" : method, template].filter(Boolean).join(" ")
}

/** How it ended: the status, and what kind of error it was. Words are left out: they may quote anything. */
export function outcomeAttributes(outcome: Outcome): Attributes {
  if (outcome.kind === "failure") return { [ATTR_ERROR_TYPE]: outcome.code }
  const { status } = outcome
  return {
    [ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
    ...(status >= 400 ? { [ATTR_ERROR_TYPE]: String(status) } : {}),
  }
}
