import type { SchemaIssue } from "steadfetch"

/** An error holds no more than this many. */
const MOST_ISSUES = 100

/** What a message says of them. */
const MOST_IN_MESSAGE = 5

/** The issues as an error keeps them. */
export function kept(issues: readonly SchemaIssue[], redact: (text: string) => string): readonly SchemaIssue[] {
  return issues.slice(0, MOST_ISSUES).map(({ path, message }) => ({ path: redact(path), message }))
}

/** The first of the issues in one line. */
export function inOneLine(issues: readonly SchemaIssue[]): string {
  const said = issues
    .slice(0, MOST_IN_MESSAGE)
    .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`))
  const more = issues.length - said.length
  return said.join("; ") + (more > 0 ? `; and ${more} more` : "")
}
