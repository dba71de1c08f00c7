import { styleText } from "node:util"

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan"

/** Puts a style on a text, or leaves it as it is where there are no colours. */
export type Paint = (style: Style, text: string) => string

/** No colours. */
export const plain: Paint = (_, text) => text

/** Colours where the stream shows them; NO_COLOR, NODE_DISABLE_COLORS and FORCE_COLOR decide before the stream does. */
export function paintFor(stream: NodeJS.WritableStream): Paint {
  const shows = styleText("bold", "x", { stream }) !== "x"
  return shows ? (style, text) => styleText(style, text, { validateStream: false }) : plain
}

/** A text of a server's without the control characters that could command a terminal; tabs and line breaks stay. */
export function harmless(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character, at: number) =>
    character === "\r" && text[at + 1] === "\n" ? character : "\ufffd",
  )
}

/** The same on one line, and without what changes the order in which characters are shown. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd")
}
