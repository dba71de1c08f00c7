import { failure, type Failure, type FailureCode } from "./outcome.ts"

/** What the runtimes' error codes mean: Node's and undici's, Bun's, Deno's. */
const CODES: readonly (readonly [RegExp, FailureCode])[] = [
  [
    /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket)$/,
    "refused",
  ],
  [/^(ENOTFOUND|EAI_\w+|DNS\w+)$/, "dns"],
  [
    /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO|HOSTNAME_MISMATCH|INVALID_CA|UNKNOWN_CERTIFICATE)/,
    "tls",
  ],
  [/^(HPE_\w+|UND_ERR_(HEADERS_OVERFLOW|RES_EXCEEDED_MAX_SIZE)|Malformed\w*|InvalidHTTPResponse)$/, "protocol"],
  [/^UND_ERR_(HEADERS|BODY)_TIMEOUT$/, "timeout"],
  [
    /^(UND_ERR_RES_CONTENT_LENGTH_MISMATCH|Z_\w+|ERR__ERROR_FORMAT\w*|ZlibError|ERR_BUFFER\w*|BrotliDecompressionError)$/,
    "broken-body",
  ],
  [
    /^(ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|UND_ERR_SOCKET|UND_ERR_CLOSED|ConnectionClosed|ConnectionReset|Timeout)$/,
    "reset",
  ],
]

/** What a failed fetch says where it gives no code: browsers, Deno. */
const MESSAGES: readonly (readonly [RegExp, FailureCode])[] = [
  [/connection refused|\(Connect\)/i, "refused"],
  [/dns error|getaddrinfo/i, "dns"],
  [/certificate|\btls\b/i, "tls"],
  [
    /^(Failed to fetch|Load failed|NetworkError when attempting to fetch resource|The network connection was lost|network error|terminated)\b/i,
    "network",
  ],
  [
    /connection (closed|reset|error)|error reading a body|unexpected (eof|end of file)|error sending request|other side closed|socket hang up/i,
    "reset",
  ],
]

/** Codes of defects: the call itself is wrong, and would be again. */
const DEFECT = /^(ERR_INVALID|ERR_UNESCAPED|ERR_HTTP_INVALID|UND_ERR_(INVALID|NOT_SUPPORTED|REQ_|ABORTED))/

/**
 * What an error thrown by a platform's fetch, or by the body it gave, stands for. Undefined when it is no failure of the
 * network but a defect of the call (an invalid URL, a refused redirect, a mode the platform forbids).
 */
export function networkFailure(error: unknown): Failure | undefined {
  for (const link of causes(error)) {
    if (typeof link.code === "string") {
      const code = link.code
      const known = CODES.find(([pattern]) => pattern.test(code))?.[1]
      if (known !== undefined || !DEFECT.test(code))
        return failure(known ?? "network", `${wording(link.message)} (${code})`, error)
    }
    const known = MESSAGES.find(([pattern]) => pattern.test(link.message))?.[1]
    if (known !== undefined) return failure(known, wording(link.message), error)
  }
  return undefined
}

/** An error, its causes, and what several connection attempts failed of. */
function* causes(error: unknown): Generator<{ code: unknown; message: string }> {
  let link: unknown = error
  for (let depth = 0; depth < 8 && link instanceof Object; depth++) {
    yield { code: "code" in link ? link.code : undefined, message: "message" in link ? String(link.message) : "" }
    if ("errors" in link && Array.isArray(link.errors)) link = link.errors[0]
    else link = "cause" in link ? link.cause : undefined
  }
}

function wording(message: string): string {
  return message === "" ? "no connection" : message
}
