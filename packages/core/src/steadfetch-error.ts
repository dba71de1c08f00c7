import type { SchemaIssue } from "./standard-schema.ts"

/**
 * Names a class of errors, as data: a minifier shortens the names of classes. The registered symbol on its prototype is
 * how the errors of two copies of this package, or of another realm, know each other.
 */
export function nameErrors(type: { readonly prototype: SteadfetchError }, name: string): void {
  Object.defineProperty(type, "name", { value: name })
  Object.assign(type.prototype, { name, [brand(name)]: true })
}

function brand(name: string): symbol {
  return Symbol.for(`steadfetch.${name}`)
}

/** The root of every error that steadfetch throws on its own account. */
export class SteadfetchError extends Error {
  static {
    nameErrors(this, "SteadfetchError")
  }

  /**
   * Tells whether a value is an error of this class or of one below it. Unlike `instanceof` it also holds for errors of
   * another realm or of another copy of the package: `NotFoundError.is(error)`.
   */
  static is<T extends SteadfetchError>(this: { readonly prototype: T }, value: unknown): value is T {
    return typeof value === "object" && value !== null && brand(this.prototype.name) in value
  }

  /** The error as plain data, fit for JSON, structuredClone and logs: what `structuredClone(error)` itself would drop. */
  toJSON(): Record<string, unknown> {
    return Object.fromEntries([["name", this.name], ["message", this.message], ...Object.entries(this)])
  }
}

/** An option, a URL, a header or a body that cannot be used; the message names the value and the fix. Nothing was sent. */
export class ConfigurationError extends SteadfetchError {
  static {
    nameErrors(this, "ConfigurationError")
  }

  /** What the schema of a request's body finds wrong with it. */
  declare readonly issues?: readonly SchemaIssue[] | undefined
}
