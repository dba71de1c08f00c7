import { failure, type Failure, type FailureCode } from "./outcome.ts"

/**
 * What failed fetches say: error codes of Node, undici and Bun first, then the words of Deno and of browsers. Messages
 * may hold the URL, so that a word by itself is no sign.
 */
const SIGNS: readonly (readonly [RegExp, FailureCode])[] = [
  [/conn(ection ?)?refused|(net|host)(unreach|down)|notavail|connect_timeout|failedtoopen|\(connect\)/i, "refused"],
  [/enotfound|eai_|dns error/i, "dns"],
  [/_tls|_ssl|_cert|cert_|unable_to|eproto|hostname_mismatch|invalid_ca|peer cert/i, "tls"],
  [/hpe_|headers_overflow|malformed_http|invalidhttp|not match the http/i, "protocol"],
  [/(headers|body)_timeout/i, "timeout"],
  [/res_content_length|^z_|_format|zlib|decompression/i, "broken-body"],
  [
    /conn(ection ?)?(reset|aborted|closed|error)|_closed|epipe|etimedout|err_socket|error (reading a body|sending request)|unexpected e(of|nd of f)|hang up/i,
    "reset",
  ],
  [
    /^(failed to fetch|load failed|terminated)|network ?(error|connection|request failed)|appears to be off/i,
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
  for (let depth = 0; depth < 8 && typeof link === "object" && link !== null; depth++) {
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
