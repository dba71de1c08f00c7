/** A bare item of RFC 9651, section 3.3, of the kinds that this API's header fields use. */
export type BareItem =
  | { readonly kind: "integer"; readonly value: number }
  | { readonly kind: "token"; readonly value: string }
  | { readonly kind: "string"; readonly value: string }

export interface Item {
  readonly bare: BareItem
  readonly parameters: ReadonlyMap<string, BareItem>
}

const integerPattern = /-?\d{1,15}(?![\d.])/y
const tokenPattern = /[A-Za-z*][!#$%&'*+\-.^_`|~\w:/]*/y
const stringPattern = /"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y
const parameterPattern = /; *([a-z*][a-z\d_\-.*]*)(=?)/y

/**
 * Reads a structured field that holds one item with integer, token and string parameters (RFC 9651, section 4.2.3).
 * `undefined` when the text is not such an item: a field that does not parse counts as absent as a whole.
 */
export function parseItem(field: string): Item | undefined {
  const text = field.replace(/^ +| +$/g, "")
  const first = readBareItem(text, 0)
  if (first === undefined) return undefined
  const parameters = new Map<string, BareItem>()
  let end = first.end
  while (end < text.length) {
    const [whole, name, equals] = matchAt(parameterPattern, text, end) ?? []
    // A parameter without a value is a boolean, which none of our fields has.
    if (whole === undefined || name === undefined || equals !== "=") return undefined
    const value = readBareItem(text, end + whole.length)
    if (value === undefined) return undefined
    parameters.set(name, value.bare)
    end = value.end
  }
  return { bare: first.bare, parameters }
}

function readBareItem(text: string, start: number): { bare: BareItem; end: number } | undefined {
  const string = matchAt(stringPattern, text, start)
  if (string !== null) {
    const value = (string[1] ?? "").replace(/\\(["\\])/g, "$1")
    return { bare: { kind: "string", value }, end: start + string[0].length }
  }
  const token = matchAt(tokenPattern, text, start)
  if (token !== null) return { bare: { kind: "token", value: token[0] }, end: start + token[0].length }
  const integer = matchAt(integerPattern, text, start)
  if (integer === null) return undefined
  return { bare: { kind: "integer", value: Number(integer[0]) }, end: start + integer[0].length }
}

function matchAt(pattern: RegExp, text: string, start: number): RegExpExecArray | null {
  pattern.lastIndex = start
  return pattern.exec(text)
}
