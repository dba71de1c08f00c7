import { createHash } from "node:crypto"
import type { Representation } from "steadfetch"

/** What is known of a part, kept in a file beside it. */
export interface Sidecar {
  /** A hash of the URL: the URL itself may hold a secret. */
  readonly urlHash: string
  readonly representation: Representation
  /** The name that the server gave the file; undefined where the caller did. */
  readonly name: string | undefined
}

/** Changes with the form: what another version wrote is not read. */
const FORM = 1

/** What `downloadName` gives. Any other was written by someone who would lead it elsewhere. */
const PLAIN_NAME = /^[^./\\:\0][^/\\:\0]*$/

/** @param url As it was asked for, before redirects: a signed URL they lead to may be another one each time. */
export function urlHash(url: string): string {
  return createHash("sha256").update(url).digest("hex")
}

export function writtenSidecar(sidecar: Sidecar): string {
  return JSON.stringify({ form: FORM, ...sidecar })
}

/** Reads a sidecar; undefined when it is torn, of another form or of another URL. */
export function readSidecar(text: string, ofUrl: string): Sidecar | undefined {
  const { form, urlHash, representation, name } = parsed(text)
  const { validator, totalBytes, digests } = Object(representation) as Partial<Record<keyof Representation, unknown>>
  const isSound =
    form === FORM &&
    urlHash === ofUrl &&
    typeof validator === "string" &&
    (totalBytes === undefined || Number.isSafeInteger(totalBytes)) &&
    (name === undefined || (typeof name === "string" && PLAIN_NAME.test(name))) &&
    typeof digests === "object" &&
    digests !== null
  return isSound ? { urlHash, representation: representation as Representation, name } : undefined
}

function parsed(text: string): Partial<Record<keyof Sidecar | "form", unknown>> {
  try {
    return Object(JSON.parse(text)) as Partial<Record<keyof Sidecar | "form", unknown>>
  } catch {
    return {}
  }
}
