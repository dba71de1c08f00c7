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
