import type { HeaderFields } from "steadfetch"

/** Header fields as undici parses them: lower-case names, a list where a field came several times. */
export type RawFields = Readonly<Record<string, string | string[] | undefined>>

/** A reply's header fields over what undici parsed: nothing is built for those that nobody reads. */
export class ReplyFields implements HeaderFields {
  readonly #raw: RawFields

  constructor(raw: RawFields) {
    this.#raw = raw
  }

  get(name: string): string | null {
    const key = name.toLowerCase()
    const value = Object.hasOwn(this.#raw, key) ? this.#raw[key] : undefined
    return value === undefined ? null : typeof value === "string" ? value : value.join(", ")
  }

  /** Sorted, and Set-Cookie line by line, as the web's Headers does. */
  *[Symbol.iterator](): Generator<[string, string]> {
    for (const name of Object.keys(this.#raw).toSorted()) {
      const value = this.#raw[name]
      if (value === undefined) continue
      if (name !== "set-cookie" || typeof value === "string") yield [name, this.get(name) ?? ""]
      else for (const line of value) yield [name, line]
    }
  }
}
