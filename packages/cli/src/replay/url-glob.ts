/**
 * Whether a URL matches a pattern in which * stands for any characters. A pattern that begins with a slash is for the
 * path on any origin; one without "?" is for the URL without its query.
 */
export function urlGlob(pattern: string): (url: string) => boolean {
  const pieces = pattern.split("*").map((piece) => piece.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"))
  const matches = new RegExp(`^${pieces.join(".*")}$`, "s")
  return (text) => {
    const url = new URL(text)
    const origin = pattern.startsWith("/") ? "" : `${url.protocol}//${url.host}`
    return matches.test(origin + url.pathname + (pattern.includes("?") ? url.search : ""))
  }
}
