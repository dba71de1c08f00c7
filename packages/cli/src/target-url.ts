import { redactUrl } from "steadfetch"
import { oneLine } from "./paint.ts"
import { UsageError } from "./usage-error.ts"

const LOCAL = /^(localhost|127\.|\[::1\]|0\.0\.0\.0)/

/** How commands that take credentials are given them. */
const BESIDE = "use --bearer-env NAME, or call's --header 'Authorization: Basic …'"

/**
 * An absolute http(s) URL.
 * @param credentials What to do instead of credentials in it.
 * @throws UsageError with the URL that was probably meant.
 */
export function checkedUrl(text: string, credentials: string = BESIDE): string {
  if (/^https?:\/\//i.test(text)) {
    const url = URL.parse(text)
    if (url === null) throw new UsageError(`the URL ${JSON.stringify(text)} cannot be read; check its host and port`)
    if (url.username === "" && url.password === "") return text
    throw new UsageError(`the URL for ${url.host} holds a user name or password; ${credentials}`)
  }
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(text)?.[1]
  if (scheme !== undefined)
    throw new UsageError(`the URL begins with ${scheme}://; steadfetch speaks http:// and https://`)
  const bare = text.replace(/^\/+/, "")
  if (text.startsWith("/") || bare === "") {
    throw new UsageError(`the URL ${JSON.stringify(text)} has no host; write https://host${text}`)
  }
  throw new UsageError(
    `the URL ${JSON.stringify(text)} has no scheme; write ${LOCAL.test(bare) ? "http" : "https"}://${bare}`,
  )
}

/** A URL as it may be shown: without credentials in its query, and on one line. */
export function shownUrl(url: string): string {
  return oneLine(redactUrl(url))
}
