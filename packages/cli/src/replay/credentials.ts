import { SECRET_HEADER } from "steadfetch"

/**
 * Query parameters that are credentials. Fewer than those that are hidden in messages: to hide one too many costs nothing,
 * but a call without its page_token is another call.
 */
const PARAMETERS: readonly RegExp[] = [
  /^((access|auth|bearer|csrf|id|refresh|session|x-amz-security|xsrf)[-_.]?)?token$/i,
  /^((access|api|subscription|x)[-_.]?)*key$/i,
  /^((api|app|client)[-_.]?)?secret$/i,
  /^(auth|authorization|jwt|passwd|password|sid|sig|signature)$/i,
  /^(asp|j|php)?sess(ion)?[-_.]?id$/i,
  /^x-(amz|goog)-(credential|signature)$/i,
]

/** What stands for a credential in URLs that steadfetch shows or exports. */
const REDACTED = "REDACTED"

/** Whether a header field holds a credential. An idempotency key is none: it says which call it is. */
export function isCredentialField(name: string): boolean {
  const lower = name.toLowerCase()
  return SECRET_HEADER.test(lower) && !lower.endsWith("idempotency-key")
}

/** A recorded URL as it can be sent. */
export interface CleanUrl {
  readonly url: URL
  /** What was taken out of it: names of parameters. */
  readonly without: readonly string[]
  /** A parameter that is no credential, and whose value the recording does not have. */
  readonly lacking: string | undefined
}

/** A URL without fragment, user name, password, and the parameters that are credentials, unless those are to stay. */
export function cleanUrl(recorded: string, keepsCredentials: boolean): CleanUrl {
  const url = new URL(recorded)
  url.hash = ""
  const without: string[] = []
  if (url.username !== "" || url.password !== "") without.push("user name and password")
  url.username = ""
  url.password = ""
  let lacking: string | undefined
  const pairs = url.search.slice(1).split("&")
  const kept = pairs.filter((pair) => {
    const [[name, value] = ["", ""]] = new URLSearchParams(pair)
    const isCredential = PARAMETERS.some((pattern) => pattern.test(name))
    if (value !== REDACTED && (keepsCredentials || !isCredential)) return true
    if (isCredential) without.push(name)
    else lacking ??= name
    return false
  })
  // The others stay as they were written.
  if (kept.length < pairs.length) url.search = kept.join("&")
  return { url, without, lacking }
}
