/** A string or token as text, a byte sequence as it is written (`:cHs=:`), a number, a boolean. */
export type BareItem = string | number | boolean

/** An item and its parameters. */
export interface StructuredItem {
  readonly value: BareItem
  readonly parameters: ReadonlyMap<string, BareItem>
}

const STRING = /"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y
const NUMBER = /-?(?:\d{1,12}\.\d{1,3}|\d{1,15})(?![\d.])/y
const BYTES = /:[A-Za-z\d+/=]*:/y
const BOOLEAN = /\?([01])/y
const TOKEN = /[A-Za-z*][!#$%&'*+\-.^_`|~:/\w]*/y
const KEY = /[a-z*][a-z\d_\-.*]*/y
const COMMA = /[ \t]*,[ \t]*/y
const SEMICOLON = /; */y
const EQUALS = /=/y

/** A list of items (RFC 9651 §4.2.1); undefined when it is malformed, or holds an inner list. */
export function parseList(text: string): StructuredItem[] | undefined {
  return new Reader(text).members((reader) => reader.item())
}

/** A dictionary of items (RFC 9651 §4.2.2); undefined when it is malformed, or holds an inner list. */
export function parseDictionary(text: string): Map<string, StructuredItem> | undefined {
  const members = new Reader(text).members((reader) => reader.entry())
  return members === undefined ? undefined : new Map(members)
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text.replace(/^ +| +$/g, "")
  }

  members<T>(read: (reader: Reader) => T | undefined): T[] | undefined {
    const members: T[] = []
    do {
      const member = read(this)
      if (member === undefined) return undefined
      members.push(member)
    } while (this.#take(COMMA) !== undefined)
    return this.#at === this.#text.length ? members : undefined
  }

  entry(): [string, StructuredItem] | undefined {
    const key = this.#take(KEY)?.[0]
    if (key === undefined) return undefined
    const item = this.#take(EQUALS) === undefined ? this.#withParameters(true) : this.item()
    return item === undefined ? undefined : [key, item]
  }

  item(): StructuredItem | undefined {
    const value = this.#bare()
    return value === undefined ? undefined : this.#withParameters(value)
  }

  #withParameters(value: BareItem): StructuredItem | undefined {
    const parameters = new Map<string, BareItem>()
    while (this.#take(SEMICOLON) !== undefined) {
      const key = this.#take(KEY)?.[0]
      const parameter = this.#take(EQUALS) === undefined ? true : this.#bare()
      if (key === undefined || parameter === undefined) return undefined
      parameters.set(key, parameter)
    }
    return { value, parameters }
  }

  #bare(): BareItem | undefined {
    const text = this.#take(STRING)?.[1]
    if (text !== undefined) return text.replace(/\\(.)/g, "$1")
    const number = this.#take(NUMBER)?.[0]
    if (number !== undefined) return Number(number)
    const boolean = this.#take(BOOLEAN)?.[1]
    if (boolean !== undefined) return boolean === "1"
    return this.#take(BYTES)?.[0] ?? this.#take(TOKEN)?.[0]
  }

  /** What matches here, and goes past it. */
  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text) ?? undefined
    if (found !== undefined) this.#at = pattern.lastIndex
    return found
  }
}
