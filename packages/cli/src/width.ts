import widthOf from "fast-string-truncated-width"

/** How many columns of a terminal a text takes: wide characters two, styles none. */
export function width(text: string): number {
  return widthOf(text).width
}

/** The beginning of a text, so that it takes no more columns. */
export function cut(text: string, columns: number): string {
  const { index, truncated, ellipsed } = widthOf(text, { limit: columns, ellipsis: "…", ellipsisWidth: 1 })
  if (!truncated) return text
  const isStyled = text.includes("\u001b")
  return `${text.slice(0, index)}${ellipsed ? "…" : ""}${isStyled ? "\u001b[0m" : ""}`
}
