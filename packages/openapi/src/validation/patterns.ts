interface Pattern {
  test(text: string): boolean
}

/** Anchors of other languages, which JavaScript would take for letters. */
const FOREIGN = /\\[AzZ]/

/** What says nothing to JavaScript refuses nothing. */
const ANYTHING: Pattern = { test: () => true }

/** A document's pattern: ECMA-262 says JSON Schema; many escape more than its Unicode mode allows, and some are Ruby's. */
function pattern(source: string): Pattern {
  if (FOREIGN.test(source)) return ANYTHING
  for (const flags of ["u", ""]) {
    try {
      return new RegExp(source, flags)
    } catch {
      // Tried in the next mode.
    }
  }
  return ANYTHING
}

/** As ajv takes it: with the code for validators that are written to files, which these are not. */
export const patterns: ((source: string, flags: string) => Pattern) & { readonly code: string } = Object.assign(
  pattern,
  { code: "" },
)
