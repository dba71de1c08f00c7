import { base64 } from "../../../algorithms/base64.ts"
import { ConfigurationError } from "../../../steadfetch-error.ts"
import { kindOf, pairsOf, refuse, shown } from "../../../validation.ts"

/** What a server is told of an upload: names of ASCII characters without spaces and commas; texts are sent as UTF-8. */
export type UploadMetadata = Readonly<Record<string, string | Uint8Array>>

/** How the bytes of each PATCH are vouched for, by its name in tus. */
export type UploadChecksum = "sha1" | "sha256"

/** Their names in Web Crypto. */
const DIGESTS: Readonly<Record<UploadChecksum, string>> = { sha1: "SHA-1", sha256: "SHA-256" }

/** The value of Upload-Metadata (tus 1.0.0, Creation); undefined when there is nothing to tell. */
export function metadataField(metadata: UploadMetadata): string | undefined {
  const pairs = pairsOf("metadata", metadata).map(([key, value]) => {
    // Printable ASCII but the two that separate: anything else could not be told apart, or not be sent.
    if (!/^[!-+\--~]+$/.test(key)) refuse(`metadata: name ${shown(key)}`, "not printable ASCII without spaces and commas", "another name") // prettier-ignore
    if (typeof value !== "string" && !(value instanceof Uint8Array))
      refuse(`metadata.${key}`, kindOf(value), "a text or bytes")
    const encoded = base64(typeof value === "string" ? new TextEncoder().encode(value) : value)
    return encoded === "" ? key : `${key} ${encoded}`
  })
  return pairs.length === 0 ? undefined : pairs.join(",")
}

/** The names of a File, as servers look for them. */
export function metadataOf(source: unknown): UploadMetadata {
  if (typeof File === "undefined" || !(source instanceof File)) return {}
  return { filename: source.name, ...(source.type === "" ? {} : { filetype: source.type }) }
}

/** Refuses a checksum that nobody can make. */
export function checkChecksum(name: UploadChecksum | undefined): void {
  if (name === undefined) return
  if (!Object.hasOwn(DIGESTS, name)) refuse("checksum", shown(name), '"sha1" or "sha256"')
  if (webCrypto()?.subtle === undefined)
    throw new ConfigurationError(
      "checksum: this platform has no Web Crypto (pages have it over https only); leave it out",
    )
}

/** The value of Upload-Checksum (tus 1.0.0, Checksum). */
export async function checksumField(name: UploadChecksum, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return `${name} ${base64(new Uint8Array(await webCrypto().subtle.digest(DIGESTS[name], bytes)))}`
}

function webCrypto(): Crypto {
  // oxlint-disable-next-line no-restricted-globals -- digests are not random
  return globalThis.crypto
}

/** A field whose value is a whole number of bytes; undefined when it is missing or something else. */
export function bytesField(value: string | null): number | undefined {
  const number = /^\d+$/.test(value?.trim() ?? "") ? Number(value) : Number.NaN
  return Number.isSafeInteger(number) ? number : undefined
}
