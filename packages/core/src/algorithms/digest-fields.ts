import { parseDictionary } from "./structured-fields.ts"

/** The active algorithms of RFC 9530, by their registered names. */
export type DigestAlgorithm = "sha-256" | "sha-512"

/** Digests in base64, by algorithm. */
export type Digests = Readonly<Partial<Record<DigestAlgorithm, string>>>

/** Bytes of each algorithm's digest. */
const LENGTHS: Readonly<Record<DigestAlgorithm, number>> = { "sha-256": 32, "sha-512": 64 }

export const DIGEST_ALGORITHMS = Object.keys(LENGTHS) as readonly DigestAlgorithm[]

/** The digests in a Repr-Digest or Content-Digest field; algorithms and values that are not known do not count. */
export function parseDigests(text: string | null): Digests {
  const members = text === null ? undefined : parseDictionary(text)
  if (members === undefined) return {}
  const known = DIGEST_ALGORITHMS.flatMap((algorithm) => {
    const digest = base64Digest(algorithm, String(members.get(algorithm)?.value).replace(/^:(.*):$/, "$1"))
    return digest === undefined ? [] : [[algorithm, digest] as const]
  })
  return Object.fromEntries(known)
}

/** A digest in canonical base64, from base64 or hexadecimal; undefined when it is neither, or has another length. */
export function base64Digest(algorithm: DigestAlgorithm, text: string): string | undefined {
  const length = LENGTHS[algorithm]
  if (/^[\da-f]+$/i.test(text) && text.length === 2 * length)
    return btoa(text.replace(/../g, (byte) => String.fromCharCode(Number.parseInt(byte, 16))))
  const bare = text.replace(/=+$/, "")
  const isBase64 = /^[A-Za-z\d+/]+$/.test(bare) && bare.length === Math.ceil((length * 4) / 3)
  const isPadded = text === bare.padEnd(Math.ceil(length / 3) * 4, "=")
  return isBase64 && (isPadded || text === bare) ? btoa(atob(bare)) : undefined
}
