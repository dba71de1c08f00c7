import type { IncomingMessage } from "node:http"

/** Names that never leave the machine (RFC 6761 §6.3), and its own addresses. */
const LOOPBACK = /^(?:localhost|(?:[\w-]+\.)+localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i

/**
 * What keeps a request out: another name than loopback's in Host (DNS rebinding), or a page of another origin that
 * makes it. Undefined when nothing does.
 */
export function refusal({ headers }: Pick<IncomingMessage, "headers">): { status: number; text: string } | undefined {
  const { host = "", origin, "sec-fetch-site": site = "none" } = headers
  if (!LOOPBACK.test(host)) return { status: 421, text: "name this server localhost or 127.0.0.1\n" }
  const isOwn = origin === undefined || origin === `http://${host}`
  if (isOwn && (site === "none" || site === "same-origin")) return undefined
  return { status: 403, text: "not for pages of other origins\n" }
}
