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

/** Says what requests are, in few different values: for metrics as for spans. */
export class Describer {
  readonly #methods: ReadonlySet<string>
  #origin = ""
  #server: Attributes = {}

  constructor(methods: readonly string[]) {
    this.#methods = new Set(methods)
  }

  request(method: string, url: string, template: string | undefined): Attributes {
    return {
      [ATTR_HTTP_REQUEST_METHOD]: this.#methods.has(method) ? method : HTTP_REQUEST_METHOD_VALUE_OTHER,
      ...this.#serverOf(url),
      ...(template === undefined ? {} : { [ATTR_URL_TEMPLATE]: template }),
    }
  }

  /** Most clients have one server, and a URL takes microseconds to parse. */
  #serverOf(url: string): Attributes {
    const [origin = url] = /^https?:\/\/[^/?#]*/i.exec(url) ?? []
    if (origin !== this.#origin) this.#server = serverAttributes(origin)
    this.#origin = origin
    return this.#server
  }
}

function serverAttributes(origin: string): Attributes {
  // The drop-in fetch is given whatever fetch would refuse.
  if (!URL.canParse(origin)) return {}
  const { hostname, port, protocol } = new URL(origin)
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
