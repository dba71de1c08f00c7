import type { ZodError } from "zod"
import type { FieldError, ProblemError } from "./problem.ts"
import { invalidRequest } from "./problem.ts"

type Issue = ZodError["issues"][number]

/** The 400 for what a schema refused, one error for every wrong field. `target` is the part of the request it read. */
export function invalidInput(error: ZodError, target: string): ProblemError {
  return invalidRequest(error.issues.flatMap((issue) => fieldErrors(issue, target)))
}

function fieldErrors(issue: Issue, target: string): FieldError[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => fieldError([...issue.path, key], "is not a known field", target))
  }
  return [fieldError(issue.path, issue.message, target)]
}

function fieldError(path: readonly PropertyKey[], message: string, target: string): FieldError {
  const detail = `${nameOf(path)} ${message}`
  return target === "query" ? { parameter: String(path[0]), detail } : { pointer: pointerTo(path), detail }
}

function nameOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "the body"
  return path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "")
}

function pointerTo(path: readonly PropertyKey[]): string {
  const tokens = path.map((key) => String(key).replaceAll("~", "~0").replaceAll("/", "~1"))
  return `#${tokens.map((token) => `/${encodeURIComponent(token)}`).join("")}`
}
