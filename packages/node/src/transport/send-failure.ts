import { ConfigurationError, failure, networkFailure, type Failure } from "steadfetch"

/** Codes of errors that no repetition mends: a closed dispatcher never sends again, and a mock answers what it was told to. */
const PERMANENT_DEFECT = /^UND_ERR_(CLOSED|DESTROYED)$|^UND_MOCK_ERR/

/** RFC 9113 §7: the server has not processed the stream. */
const REFUSED_STREAM = 7

/**
 * What an error before the reply stands for; undefined for a defect of the call.
 * @param started Whether a connection had taken the request: before that, nothing can have reached the server.
 */
export function sendFailure(error: unknown, started: boolean): Failure | undefined {
  const { code, http2ErrorCode } = detailsOf(error)
  if (!started && PERMANENT_DEFECT.test(code)) return undefined
  if (/^ERR_HTTP2_STREAM|^UND_ERR_INFO$/.test(code)) {
    return failure("reset", messageOf(error), error, { processed: started && http2ErrorCode !== REFUSED_STREAM })
  }
  const failed = started ? networkFailure(error) : (proxyRefusal(error) ?? networkFailure(error))
  return failed === undefined || started ? failed : { ...failed, processed: false }
}

/** A proxy that opens no tunnel; undici tells its status in words alone. */
function proxyRefusal(error: unknown): Failure | undefined {
  const status = Number(/^Proxy response \((\d{3})\)/.exec(messageOf(error))?.[1])
  if (Number.isNaN(status)) return undefined
  const message = `the proxy answered CONNECT with ${status}`
  return failure("refused", message, error, { temporary: status >= 500 || status === 429 })
}

/** A request that cannot be sent, however often it is tried. */
export function unsendable(error: unknown): ConfigurationError {
  const fix = PERMANENT_DEFECT.test(detailsOf(error).code)
    ? "send with a client and a dispatcher that are open and know the request"
    : "change the request"
  return new ConfigurationError(`undici refuses to send: ${messageOf(error)}; ${fix}`, { cause: error })
}

function detailsOf(error: unknown): { readonly code: string; readonly http2ErrorCode: unknown } {
  const { code, http2ErrorCode } = (error ?? {}) as { readonly code?: unknown; readonly http2ErrorCode?: unknown }
  return { code: typeof code === "string" ? code : "", http2ErrorCode }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
