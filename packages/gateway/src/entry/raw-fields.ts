/** Header fields as Node has them: name, value, name, value. */
export type RawFields = readonly string[]

/** Every value of a field, by its lower-case name. */
export function valuesOf(raw: RawFields, name: string): readonly string[] {
  const values: string[] = []
  for (let index = 0; index < raw.length; index += 2) {
    const key = raw[index] ?? ""
    if (key.length === name.length && key.toLowerCase() === name) values.push(raw[index + 1] ?? "")
  }
  return values
}

/** The members of a list field (RFC 9110 §5.6.1), in lower case. */
export function listOf(raw: RawFields, name: string): readonly string[] {
  return valuesOf(raw, name)
    .flatMap((value) => value.toLowerCase().split(","))
    .map((member) => member.trim())
    .filter((member) => member !== "")
}
