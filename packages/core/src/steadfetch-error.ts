/** Registered, so that the errors of two copies of this package, or of another realm, know each other. */
const LINEAGE: unique symbol = Symbol.for("steadfetch.error.lineage") as never

/** The root of every error that steadfetch throws on its own account. */
export class SteadfetchError extends Error {
  static {
    this.prototype.name = "SteadfetchError"
  }

  /**
   * Tells whether a value is an error of this class or of one below it. Unlike `instanceof` it also holds for errors of
   * another realm or of another copy of the package: `NotFoundError.is(error)`.
   */
  static is<T extends SteadfetchError>(this: { readonly prototype: T }, value: unknown): value is T {
    if (typeof value !== "object" || value === null || !(LINEAGE in value)) return false
    return Array.isArray(value[LINEAGE]) && value[LINEAGE].includes(this.prototype.name)
  }

  /** The names of its class and of the classes above it. */
  get [LINEAGE](): readonly string[] {
    const names: string[] = []
    let level: unknown = Object.getPrototypeOf(this)
    while (level instanceof Error && LINEAGE in level) {
      names.push(level.name)
      level = Object.getPrototypeOf(level)
    }
    return names
  }

  /** The error as plain data, fit for JSON, structuredClone and logs: what `structuredClone(error)` itself would drop. */
  toJSON(): Record<string, unknown> {
    return Object.fromEntries([["name", this.name], ["message", this.message], ...Object.entries(this)])
  }
}

/** An option, a URL, a header or a body that cannot be used; the message names the value and the fix. Nothing was sent. */
export class ConfigurationError extends SteadfetchError {
  static {
    this.prototype.name = "ConfigurationError"
  }
}
