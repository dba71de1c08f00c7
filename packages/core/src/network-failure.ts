import { failure, type Failure, type FailureCode } from "./outcome.ts"

/** What failed fetches say: error codes of Node, undici and Bun first, then the words of Deno and of browsers. */
const SIGNS: readonly (readonly [RegExp, FailureCode])[] = [
  [
    /REFUSED|UNREACH|HOSTDOWN|NOTAVAIL|CONNECT_TIMEOUT|ConnectionRefused|FailedToOpen|connection refused|\(Connect\)/,
    "refused",
  ],
  [/ENOTFOUND|EAI_|DNS|dns error/, "dns"],
  [/_TLS|_SSL|CERT|UNABLE_TO|DEPTH_ZERO|EPROTO|HOSTNAME_MISMATCH|INVALID_CA|certificate/, "tls"],
  [/HPE_|HEADERS_OVERFLOW|Malformed|InvalidHTTP|not match the HTTP/, "protocol"],
  [/(HEADERS|BODY)_TIMEOUT/, "timeout"],
  [/RES_CONTENT_LENGTH|Z_|_FORMAT|Zlib|Decompression/, "broken-body"],
  [
    /RESET|ABORTED|EPIPE|ETIMEDOUT|SOCKET|CLOSED|Connection(Closed|Reset)|[Cc]onnection (closed|reset|error)|[Ee]rror (reading a body|sending request)|unexpected e|hang up/,
    "reset",
  ],
  [
    /^(Failed to fetch|Load failed|terminated)|[Nn]etwork ?([Ee]rror|connection|request failed)|appears to be off/,
    "network",
  ],
]

/** Codes of defects: the call itself is wrong, and would be again. */
const DEFECT = /^(UND_)?ERR_(INVALID|UNESCAPED|HTTP_INVALID|NOT_SUPPORTED|REQ_|ABORTED)/

/**
 * What an error thrown by a platform's fetch, or by the body it gave, stands for. Undefined when it is no failure of the
 * network but a defect of the call (an invalid URL, a refused redirect, a mode the platform forbids).
 */
export function networkFailure(error: unknown): Failure | undefined {
  let link = error
  let vague: Failure | undefined
  for (let depth = 0; depth < 8 && link instanceof Object; depth++) {
    const { code, message, errors, cause }: { code?: unknown; message?: unknown; errors?: unknown; cause?: unknown } =
      link
    const coded = typeof code === "string"
    const sign = coded ? code : String(message)
    if (coded && DEFECT.test(sign)) return undefined
    const known = SIGNS.find(([pattern]) => pattern.test(sign))?.[1] ?? (coded ? "network" : undefined)
    const failed = known && failure(known, String(message) + (coded ? ` (${code})` : ""), error)
    if (known !== "network" && failed !== undefined) return failed
    // "terminated" and the like: a cause may say more.
    vague ??= failed
    // Several connection attempts (IPv6, IPv4) fail as one AggregateError.
    link = Array.isArray(errors) ? errors[0] : cause
  }
  return vague
}
