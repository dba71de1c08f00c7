import { isIP } from "node:net"
import { isPublic } from "./public-addresses.ts"

/**
 * The URL of a receiver. What its name resolves to is looked at when something is sent.
 * @param isLocal Whether http, and addresses that are not public, are allowed.
 * @throws TypeError that says what to give in its place.
 */
export function checkedUrl(text: string, isLocal: boolean): string {
  const url = URL.parse(text)
  if (url === null)
    throw new TypeError(`${JSON.stringify(text)} is not a URL; give one such as https://example.com/hooks`)
  const { protocol, username, password, hostname, hash } = url
  if (protocol !== "https:" && !(isLocal && protocol === "http:"))
    throw new TypeError(`a receiver's URL begins with https://, not ${protocol}//; plain http is for --local alone`)
  if (username + password !== "")
    throw new TypeError("a receiver's URL holds no user and no password: the signature says who is calling")
  if (hash !== "") throw new TypeError(`a receiver's URL ends before ${hash}: a fragment is not sent`)
  const host = hostname.replace(/^\[|\]$/g, "")
  if (!isLocal && isIP(host) !== 0 && !isPublic(host))
    throw new TypeError(`${host} is not a public address; give one that can be reached from the internet`)
  return url.href
}
