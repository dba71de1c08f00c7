/** The class of a status code (RFC 9110 §15). */
export type StatusClass = "informational" | "success" | "redirection" | "client-error" | "server-error"

const CLASSES: readonly StatusClass[] = ["informational", "success", "redirection", "client-error", "server-error"]

/** First digit of a status code; a code outside 100–599 counts as 5xx (RFC 9110 §15). */
export function statusDigit(status: number): 1 | 2 | 3 | 4 | 5 {
  const digit = Math.floor(status / 100)
  return digit === 1 || digit === 2 || digit === 3 || digit === 4 ? digit : 5
}

/** The class of a status code; a code outside 100–599 counts as a server error (RFC 9110 §15). */
export function statusClass(status: number): StatusClass {
  return CLASSES[statusDigit(status) - 1] ?? "server-error"
}

/**
 * The status codes registered with IANA and their names; 306 and 418 are registered as unused.
 * https://www.iana.org/assignments/http-status-codes
 */
export const STATUS_NAMES: Readonly<Record<number, string>> = {
  100: "Continue",
  101: "Switching Protocols",
  102: "Processing",
  103: "Early Hints",
  104: "Upload Resumption Supported",
  200: "OK",
  201: "Created",
  202: "Accepted",
  203: "Non-Authoritative Information",
  204: "No Content",
  205: "Reset Content",
  206: "Partial Content",
  207: "Multi-Status",
  208: "Already Reported",
  226: "IM Used",
  300: "Multiple Choices",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  305: "Use Proxy",
  306: "(Unused)",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  407: "Proxy Authentication Required",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  417: "Expectation Failed",
  418: "(Unused)",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  423: "Locked",
  424: "Failed Dependency",
  425: "Too Early",
  426: "Upgrade Required",
  428: "Precondition Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  451: "Unavailable For Legal Reasons",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  506: "Variant Also Negotiates",
  507: "Insufficient Storage",
  508: "Loop Detected",
  510: "Not Extended",
  511: "Network Authentication Required",
}

/** The registered name of a status code, or its class in words where there is none: 499 → "Client Error". */
export function statusName(status: number): string {
  return (
    STATUS_NAMES[status] ??
    ["Informational", "Success", "Redirection", "Client Error", "Server Error"][statusDigit(status) - 1] ??
    ""
  )
}
