/** What Stryker tells of a mutant: the part of its report (mutation-testing-report-schema) that is read here. */
export interface StrykerMutant {
  readonly mutatorName: string
  readonly replacement: string
  readonly status:
    | "Killed"
    | "Survived"
    | "NoCoverage"
    | "Timeout"
    | "CompileError"
    | "RuntimeError"
    | "Ignored"
    | "Pending"
  readonly location: { readonly start: Position; readonly end: Position }
}

/** Stryker's report. */
export interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly StrykerMutant[] }>>
}

/** A mutant, and what became of it. */
export interface Mutant {
  /** Relative to the repository. */
  readonly file: string
  readonly line: number
  /** The whole line on which it begins. */
  readonly lineText: string
  readonly original: string
  readonly replacement: string
  /** The kind of change, such as "EqualityOperator". */
  readonly mutator: string
  readonly status: StrykerMutant["status"]
}

interface Position {
  readonly line: number
  readonly column: number
}

/** The text between two positions, both counted from 1. */
function between(lines: readonly string[], start: Position, end: Position): string {
  const chosen = lines.slice(start.line - 1, end.line)
  const last = chosen.length - 1
  return chosen
    .map((text, index) => text.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined))
    .join("\n")
}

/** Reads out of the file's text what a mutant replaced. */
export function mutantOf(
  { location, replacement, mutatorName, status }: StrykerMutant,
  file: string,
  text: string,
): Mutant {
  const lines = text.split("\n")
  return {
    file,
    line: location.start.line,
    lineText: (lines[location.start.line - 1] ?? "").trim(),
    original: between(lines, location.start, location.end),
    replacement,
    mutator: mutatorName,
    status,
  }
}
