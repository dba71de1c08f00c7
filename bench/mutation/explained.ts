import type { Mutant } from "./mutant.ts"

/** Why no test finds some mutants, and why none should. What is left out of a description fits every mutant. */
export interface Explanation {
  readonly kind: "equivalent" | "speed only" | "message text" | "never met"
  readonly why: string
  /** The end of the file's path. */
  readonly file?: string
  /** Part of the line on which the mutant begins. */
  readonly line?: string
  readonly mutator?: string
  readonly replacement?: string
  readonly original?: RegExp
}

/** Written by hand; a description names the source's text, not its line's number, which other changes move. */
export const explanations: readonly Explanation[] = [
  {
    kind: "speed only",
    why: "An event that nobody hears need not be made; emitting it anyway reaches nobody.",
    line: "events.heard(",
    mutator: "ConditionalExpression",
  },
  {
    kind: "speed only",
    why: "The last key's state is at hand without a look into the map.",
    file: "keyed.ts",
    line: "if (this.#last !== undefined && key === this.#lastKey)",
  },
  {
    kind: "equivalent",
    why: "What is not in a map can be deleted from it.",
    file: "keyed.ts",
    line: "if (known !== undefined) this.#states.delete(key)",
  },
  {
    kind: "equivalent",
    why: "Who has no line has no place in one either: each of the two conditions holds when the other does.",
    file: "fair-queue.ts",
    line: "line?.indexOf(item) ?? -1",
  },
  {
    kind: "equivalent",
    why: "Who has no line has no place in one either: each of the two conditions holds when the other does.",
    file: "fair-queue.ts",
    line: "if (line === undefined || index < 0) return false",
  },
  {
    kind: "equivalent",
    why: "A line of one is never longer than one that has room for one more.",
    file: "fair-queue.ts",
    line: "let longest: readonly T[] = []",
  },
]

/** Whether an explanation is about a mutant. */
export function explains({ file, line, mutator, replacement, original }: Explanation, mutant: Mutant): boolean {
  return (
    (file === undefined || mutant.file.endsWith(`/${file}`)) &&
    (line === undefined || mutant.lineText.includes(line)) &&
    (mutator === undefined || mutant.mutator === mutator) &&
    (replacement === undefined || mutant.replacement === replacement) &&
    (original === undefined || original.test(mutant.original))
  )
}
