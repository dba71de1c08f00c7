import { oneLine } from "../paint.ts"
import { UsageError } from "../usage-error.ts"

/** A value in a HAR, which knows where it stands: errors name the place, and never the value where it may be a secret. */
export class HarValue {
  readonly #value: unknown
  readonly #place: string

  constructor(value: unknown, place = "") {
    this.#value = value
    this.#place = place
  }

  /** Whether it is left out; some programs write null for that. */
  get isAbsent(): boolean {
    return this.#value === undefined || this.#value === null
  }

  /** A member; absent where this value is. */
  get(name: string): HarValue {
    const place = this.#place === "" ? name : `${this.#place}.${name}`
    if (this.isAbsent) return new HarValue(undefined, place)
    if (typeof this.#value !== "object" || Array.isArray(this.#value)) return this.refuse("is no object")
    return new HarValue((this.#value as Readonly<Record<string, unknown>>)[name], place)
  }

  /** The items of a list; none where it is absent. */
  items(): HarValue[] {
    if (this.isAbsent) return []
    if (!Array.isArray(this.#value)) return this.refuse("is no list")
    return this.#value.map((item: unknown, index) => new HarValue(item, `${this.#place}[${index}]`))
  }

  /** A text that has to be there. */
  text(): string {
    if (typeof this.#value === "string") return this.#value
    return this.refuse(this.isAbsent ? "is missing" : "is no text")
  }

  /** A text; "" where it is absent. */
  textOrNone(): string {
    return this.isAbsent ? "" : this.text()
  }

  /** A number; undefined where it is absent. */
  number(): number | undefined {
    if (this.isAbsent) return undefined
    return typeof this.#value === "number" ? this.#value : this.refuse("is no number")
  }

  /** @throws UsageError with the place and what is wrong there. */
  refuse(what: string): never {
    throw new UsageError(oneLine(`${this.#place === "" ? "the file" : this.#place} ${what}`))
  }

  /** Itself, where it is there. @throws UsageError where it is missing, with the fix. */
  required(fix = ""): this {
    return this.isAbsent ? this.refuse(`is missing${fix}`) : this
  }
}
