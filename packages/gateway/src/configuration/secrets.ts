import { readFileSync, statSync } from "node:fs"
import type { Secret } from "./configuration.ts"

/** The environment that secrets are taken from. */
export type Environment = Readonly<Record<string, string | undefined>>

/** How long a secret that was read from a file is taken for the one that is there. */
const FRESH_MS = 1000

/** What keeps a secret from being read, and what to do; undefined when nothing does. */
export function obstacle(secret: Secret, env: Environment): string | undefined {
  if ("env" in secret) {
    const value = env[secret.env]
    if (value !== undefined && value !== "") return undefined
    return `the environment variable ${secret.env} is ${value === undefined ? "not set" : "empty"}; set it where the gateway is started`
  }
  try {
    return read(secret.file) === "" ? `the file ${secret.file} is empty; write the secret into it` : undefined
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown"
    return `the file ${secret.file} cannot be read (${code}); give the path of a file that the gateway may read`
  }
}

/** The secret whenever it is asked for. A file is looked at again, so that a secret can be replaced while it is in use. */
export function secretSource(secret: Secret, env: Environment, now: () => number): () => string {
  if ("env" in secret) {
    const value = env[secret.env] ?? ""
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

function read(path: string): string {
  return readFileSync(path, "utf8").trim()
}

function notEmpty(path: string): string {
  const text = read(path)
  if (text === "") throw new Error(`the file ${path} is empty`)
  return text
}
