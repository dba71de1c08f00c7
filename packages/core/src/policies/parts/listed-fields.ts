import type { HeaderFields, HeaderList } from "../../headers.ts"

/** Header fields of a reply that does not come from the wire, in order; names are in lower case. */
export class ListedFields implements HeaderFields {
  readonly #fields: HeaderList

  constructor(fields: HeaderList) {
    this.#fields = fields
  }

  get(name: string): string | null {
    const wanted = name.toLowerCase()
    let joined: string | null = null
    for (const [key, value] of this.#fields)
      if (key === wanted) joined = joined === null ? value : `${joined}, ${value}`
    return joined
  }

  *[Symbol.iterator](): Iterator<[string, string]> {
    for (const [name, value] of this.#fields) yield [name, value]
  }
}
