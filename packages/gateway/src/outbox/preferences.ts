import { valuesOf, type RawFields } from "../entry/raw-fields.ts"

/** The preferences of a request (RFC 7240 §2), as they are written: name, value and parameters. */
export function preferencesOf(raw: RawFields): readonly string[] {
  return valuesOf(raw, "prefer")
    .flatMap((value) => value.match(/(?:[^",]|"(?:[^"\\]|\\.)*"?)+/g) ?? [])
    .map((preference) => preference.trim())
    .filter((preference) => preference !== "")
}

/** What a preference is called, in lower case. */
export function nameOf(preference: string): string {
  return preference.replace(/[=;\s].*/s, "").toLowerCase()
}

/** Whether the caller would rather be told where it learns of the reply than wait for it (RFC 7240 §4.1). */
export function prefersAsync(raw: RawFields): boolean {
  return preferencesOf(raw).some((preference) => nameOf(preference) === "respond-async")
}
