import { readFileSync, statSync } from "node:fs"
import type { Secret } from "./configuration.ts"

/** The environment that secrets are taken from. */
export type Environment = Readonly<Record<string, string | undefined>>

/** How long a secret that was read from a file is taken for the one that is there. */
const FRESH_MS = 1000

/** RFC 9110 §5.5. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * What keeps a secret from being used, and what to do; undefined when nothing does.
 * @param isFieldValue Whether it is sent as it is in a header field.
 */
export function obstacle(secret: Secret, env: Environment, isFieldValue: boolean): string | undefined {
  const isVariable = "env" in secret
  const place = isVariable ? `the environment variable ${secret.env}` : `the file ${secret.file}`
  const setIt = isVariable ? "set it where the gateway is started" : "write the secret into it"
  try {
    const value = isVariable ? variable(secret.env, env) : read(secret.file)
    if (value === undefined) return `${place} is not set; ${setIt}`
    if (value === "") return `${place} is empty; ${setIt}`
    if (!isFieldValue || FIELD_VALUE.test(value)) return undefined
    return `${place} holds a line break or a character beyond Latin-1, which no header field can carry; write the secret alone`
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown"
    return `${place} cannot be read (${code}); give the path of a file that the gateway may read`
  }
}

/** The secret whenever it is asked for. A file is looked at again, so that a secret can be replaced while it is in use. */
export function secretSource(secret: Secret, env: Environment, now: () => number): () => string {
  if ("env" in secret) {
    const value = variable(secret.env, env) ?? ""
    return () => value
  }
  let held: { readonly value: string; readonly modifiedMs: number } | undefined
  let checkedAt = Number.NEGATIVE_INFINITY
  return () => {
    if (held !== undefined && now() - checkedAt < FRESH_MS) return held.value
    checkedAt = now()
    try {
      const { mtimeMs } = statSync(secret.file)
      if (held?.modifiedMs !== mtimeMs) held = { value: notEmpty(secret.file), modifiedMs: mtimeMs }
    } catch (error) {
      // A file that is being replaced or written: the secret that it held is better than none, and an empty one opens doors.
      if (held === undefined) throw error
    }
    return held.value
  }
}

function variable(name: string, env: Environment): string | undefined {
  return Object.hasOwn(env, name) ? env[name]?.trim() : undefined
}

function read(path: string): string {
  return readFileSync(path, "utf8").trim()
}

function notEmpty(path: string): string {
  const text = read(path)
  if (text === "") throw new Error(`the file ${path} is empty`)
  return text
}
