/** The class of a status code (RFC 9110 §15). */
export type StatusClass = "informational" | "success" | "redirection" | "client-error" | "server-error"

/** First digit of a status code; a code outside 100–599 counts as 5xx (RFC 9110 §15). */
export function statusDigit(status: number): number {
  return status >= 100 && status < 500 ? Math.floor(status / 100) : 5
}

const CLASSES: readonly StatusClass[] = ["informational", "success", "redirection", "client-error"]

/** The class of a status code; a code outside 100–599 counts as a server error (RFC 9110 §15). */
export function statusClass(status: number): StatusClass {
  return CLASSES[statusDigit(status) - 1] ?? "server-error"
}

/** The registry in runs of consecutive codes, by the first code of each run. */
const RUNS: Readonly<Record<number, string>> = {
  100: "Continue,Switching Protocols,Processing,Early Hints,Upload Resumption Supported",
  200: "OK,Created,Accepted,Non-Authoritative Information,No Content,Reset Content,Partial Content,Multi-Status,Already Reported",
  226: "IM Used",
  300: "Multiple Choices,Moved Permanently,Found,See Other,Not Modified,Use Proxy,(Unused),Temporary Redirect,Permanent Redirect",
  400: "Bad Request,Unauthorized,Payment Required,Forbidden,Not Found,Method Not Allowed,Not Acceptable,Proxy Authentication Required,Request Timeout,Conflict,Gone,Length Required,Precondition Failed,Content Too Large,URI Too Long,Unsupported Media Type,Range Not Satisfiable,Expectation Failed,(Unused)",
  421: "Misdirected Request,Unprocessable Content,Locked,Failed Dependency,Too Early,Upgrade Required",
  428: "Precondition Required,Too Many Requests",
  431: "Request Header Fields Too Large",
  451: "Unavailable For Legal Reasons",
  500: "Internal Server Error,Not Implemented,Bad Gateway,Service Unavailable,Gateway Timeout,HTTP Version Not Supported,Variant Also Negotiates,Insufficient Storage,Loop Detected",
  510: "Not Extended,Network Authentication Required",
}

/**
 * The status codes registered with IANA and their names; 306 and 418 are registered as unused.
 * https://www.iana.org/assignments/http-status-codes
 */
export const STATUS_NAMES: Readonly<Record<number, string>> = /* @__PURE__ */ Object.fromEntries(
  /* @__PURE__ */ Object.entries(RUNS).flatMap(([first, names]) =>
    names.split(",").map((name, index) => [Number(first) + index, name]),
  ),
)

/** The registered name of a status code, or its class where there is none: 499 → "client-error". */
export function statusName(status: number): string {
  return STATUS_NAMES[status] ?? statusClass(status)
}
