import type { CallRecord } from "./call-record.ts"
import { oneLine } from "./problem.ts"
import { SECRET_HEADER } from "./redaction.ts"
import type { SchemaIssue, StandardSchema } from "./standard-schema.ts"
import { kindOf, refuse } from "./validation.ts"

/** So many issues an error holds. */
const MOST_ISSUES = 100

/** Refuses what is no schema. @throws ConfigurationError when it is none. */
export function checkSchema(schema: StandardSchema): void {
  if (typeof schema?.["~standard"]?.validate !== "function") refuse("schema", kindOf(schema), "a Standard Schema")
}

/**
 * What a schema makes of a value.
 * @param mismatch The error for what the schema refuses, given what is wrong in one line.
 * @param record Knows what must not be told: schemas quote what they refuse.
 */
export async function conformed<T>(
  schema: StandardSchema<T>,
  value: unknown,
  mismatch: (said: string) => Error,
  record?: CallRecord,
): Promise<T> {
  checkSchema(schema)
  const result = await schema["~standard"].validate(value)
  if (result.issues === undefined) return result.value
  const issues = result.issues.slice(0, MOST_ISSUES).map(({ message, path = [] }): SchemaIssue => {
    const place = path.map((part) => String(typeof part === "object" ? part.key : part)).join(".")
    const clean = (text: string): string => oneLine(record?.redact(text) ?? text)
    return { path: clean(place), message: SECRET_HEADER.test(place.toLowerCase()) ? "is wrong" : clean(message) }
  })
  // Some libraries write the path by themselves.
  const said = issues.map(({ path, message }) => (message.startsWith(path) ? message : `${path}: ${message}`))
  throw Object.assign(mismatch(`does not match the schema: ${oneLine(said.join("; "))}`), { issues })
}
