import { Buffer, isUtf8 } from "node:buffer"

/** The most bytes of a name: file systems take 255, and a part's name is a little longer. */
const MOST_BYTES = 200

/** What cannot be in names everywhere, and what makes a name look like another one (control and direction marks). */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}<>:"|?*]/gu

/** Names that are devices on Windows, whatever follows the dot. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i

/**
 * The name that a reply gives its file: Content-Disposition's (RFC 6266), else the last segment of the URL's path, else
 * "download". It is one plain name: it holds no separator, is no hidden file and no device, and cannot lead elsewhere.
 */
export function downloadName(disposition: string | null, url: string): string {
  const path = /^[a-z]+:\/\/[^/?#]*([^?#]*)/i.exec(url)?.[1] ?? ""
  return safeName(namedBy(disposition ?? "")) || safeName(decoded(path.slice(path.lastIndexOf("/") + 1))) || "download"
}

/** `filename*` goes before `filename` (RFC 6266 §4.3). */
function namedBy(disposition: string): string {
  const parameters = new Map<string, string>()
  const form = /;\s*([\w!#$%&'*+\-.^`|~]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"]*))/g
  for (const [, name = "", quoted, plain = ""] of disposition.matchAll(form)) {
    const key = name.toLowerCase()
    if (!parameters.has(key)) parameters.set(key, quoted?.replace(/\\(.)/g, "$1") ?? plain.trim())
  }
  return extended(parameters.get("filename*") ?? "") || asUtf8(parameters.get("filename") ?? "")
}

/** A value with its charset (RFC 8187 §3.2.1); "" when it is none. */
function extended(value: string): string {
  const [, charset = "", coded = ""] = /^(utf-8|iso-8859-1)'[^']*'(.*)$/i.exec(value) ?? []
  if (charset === "") return ""
  if (charset.toLowerCase() === "utf-8") return decoded(coded)
  return coded.replace(/%([\da-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

/** Fields are read as Latin-1, while many servers write UTF-8 there. */
function asUtf8(text: string): string {
  const bytes = Buffer.from(text, "latin1")
  const isLatin1 = bytes.toString("latin1") === text
  return isLatin1 && isUtf8(bytes) ? bytes.toString() : text
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function safeName(name: string): string {
  const last = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1)
  const clean = last
    .normalize("NFC")
    .replace(UNSAFE, "_")
    .replace(/^[. ]+|[. ]+$/g, "")
  return shortened(clean).replace(DEVICE, "_$&")
}

/** Shortened in front of its extension. */
function shortened(name: string): string {
  const dot = name.lastIndexOf(".")
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : ""
  const stem = Array.from(name.slice(0, name.length - extension.length))
  while (Buffer.byteLength(stem.join("") + extension) > MOST_BYTES) stem.pop()
  return stem.join("") + extension
}
