import type { Mutant } from "./mutant.ts"

/** Why no test finds some mutants, and why none should. What is left out of a description fits every mutant. */
export interface Explanation {
  readonly kind: "equivalent" | "speed only" | "message text" | "never met" | "boundary"
  readonly why: string
  /** The end of the file's path. */
  readonly file?: string
  /** Part of the line on which the mutant begins. */
  readonly line?: string
  readonly mutator?: string
  readonly replacement?: string
  readonly original?: RegExp
  /** Whether the mutant only decides otherwise when both sides of a comparison are equal. */
  readonly atEqualOnly?: true
}

/** Whether an explanation is about a mutant. */
export function explains(
  { file, line, mutator, replacement, original, atEqualOnly }: Explanation,
  mutant: Mutant,
): boolean {
  return (
    (file === undefined || mutant.file.endsWith(`/${file}`)) &&
    (line === undefined || mutant.lineText.includes(line)) &&
    (mutator === undefined || mutant.mutator === mutator) &&
    (replacement === undefined || mutant.replacement === replacement) &&
    (original === undefined || original.test(mutant.original)) &&
    (atEqualOnly === undefined || decidesAtEqualOnly(mutant))
  )
}

function decidesAtEqualOnly({ original, replacement }: Mutant): boolean {
  const loose = (text: string): string => text.replaceAll(/(?<= )([<>])=?(?= )/g, "$1")
  return /(?<= )[<>]=?(?= )/.test(original) && loose(original) === loose(replacement)
}
