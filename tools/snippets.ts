export interface Snippet {
  /** The line of the fence in the Markdown file, from 1. */
  readonly line: number
  /** TypeScript whose line numbers are those of the Markdown file. */
  readonly code: string
}

const block = /^(?:<!--\s*snippet-prelude:(?<prelude>[\s\S]*?)-->\s*\n)?^```ts\n(?<code>[\s\S]*?)^```$/gm

/**
 * The ```ts blocks of a Markdown file, each a module of its own.
 *
 * What a block takes for granted stands in a comment right before it, which readers do not see:
 *
 *     <!-- snippet-prelude: import { steadfetch } from "steadfetch"; declare const token: string -->
 *
 * The prelude is put on one line, so it ends its statements with semicolons and holds no line comments.
 */
export function snippetsOf(markdown: string): Snippet[] {
  return [...markdown.matchAll(block)].map(({ 0: whole, index, groups }) => {
    const code = groups?.["code"] ?? ""
    const line = markdown.slice(0, index + whole.length - code.length - "```".length).split("\n").length - 1
    const prelude = (groups?.["prelude"] ?? "").replaceAll("\n", " ").trim()
    return { line, code: `${"\n".repeat(line - 1)}${prelude}\n${code}` }
  })
}
