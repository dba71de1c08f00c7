import type { Replied } from "steadfetch"
import type { Output } from "../output.ts"
import { harmless } from "../paint.ts"

/** How the body goes to standard output: "text" withholds from a terminal what would garble it, "body" nothing. */
export type Form = "text" | "body"

/**
 * Writes the body as it comes. Resolves to a remark for the user when it was withheld.
 * @param note Is told how many bytes were written so far.
 */
export async function printBody(
  reply: Replied,
  output: Output,
  form: Form,
  note: (bytes: number) => void = () => {},
): Promise<string | undefined> {
  if (output.isTerminal && form === "text") return printOnTerminal(reply, output)
  let bytes = 0
  for await (const chunk of reply.stream()) {
    if (!(await output.bytes(chunk))) break
    bytes += chunk.byteLength
    note(bytes)
  }
  return undefined
}

async function printOnTerminal(reply: Replied, output: Output): Promise<string | undefined> {
  const type = reply.headers.get("content-type") ?? ""
  const decoder = new TextDecoder()
  let last = "\n"
  for await (const chunk of reply.stream()) {
    if (last === "\n" && (isMarkup(type) || !isText(chunk))) return withheld(type, reply.headers.get("content-length"))
    const text = harmless(decoder.decode(chunk, { stream: true }))
    last = text.at(-1) ?? last
    if (!(await output.bytes(text))) return undefined
  }
  if (last !== "\n") output.text("\n")
  return undefined
}

/** A page is for browsers; its title, where it is an error, the story tells. */
function isMarkup(type: string): boolean {
  return /^(text\/html|application\/xhtml\+xml)\b/i.test(type)
}

/** UTF-8 without NUL; a character cut in two at the end is no offence. */
function isText(chunk: Uint8Array): boolean {
  try {
    return !new TextDecoder("utf-8", { fatal: true }).decode(chunk, { stream: true }).includes("\0")
  } catch {
    return false
  }
}

function withheld(type: string, length: string | null): string {
  const size = length === null ? "" : `${length} bytes of `
  return `the body (${size}${type === "" ? "no Content-Type" : harmless(type)}) is not shown on a terminal; keep it with > FILE, or show it with --output body`
}
