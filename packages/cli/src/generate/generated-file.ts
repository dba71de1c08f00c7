import { describe } from "@steadfetch/openapi"
import { createConfig } from "@redocly/openapi-core"
import openapiTS, { astToString } from "openapi-typescript"
import { UsageError } from "../usage-error.ts"

/** "types" is a declaration file; "module" has beside them the description that `openapi()` takes. */
export type FileKind = "types" | "module"

/** Unchecked, as declaration files commonly are: a document may refer to places that types have no way to name. */
const HEADER = `// Generated from an OpenAPI document by steadfetch generate. Do not edit: generate it anew.
// @ts-nocheck
/* eslint-disable */
`

/** The types of a document, and what they cannot hold, as a TypeScript file. */
export async function generatedFile(document: Readonly<Record<string, unknown>>, kind: FileKind): Promise<string> {
  const types = await generatedTypes(document)
  return kind === "types" ? `${HEADER}${types}` : `${HEADER}${IMPORT}\n${types}\n${descriptionCode(document)}`
}

/** How many operations need to know at runtime what types alone do not tell. */
export function untypedFacts(document: Readonly<Record<string, unknown>>): number {
  return Object.keys(describe(document).operations).length
}

async function generatedTypes(document: Readonly<Record<string, unknown>>): Promise<string> {
  const redocly = await createConfig({}, { extends: [] })
  try {
    return astToString(await openapiTS(structuredClone(document) as never, { redocly, silent: true }))
  } catch (error) {
    throw new UsageError(
      `no types could be made of the document: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

const IMPORT = `import type { Description } from "@steadfetch/openapi"\n`

function descriptionCode(document: Readonly<Record<string, unknown>>): string {
  const description = describe(document)
  const kinds = Object.entries(description.schemes).map(
    ([name, { kind }]) => `${JSON.stringify(name)}: ${JSON.stringify(kind)}`,
  )
  const schemes = kinds.length === 0 ? "{}" : `{ ${kinds.join("; ")} }`
  return [
    "/** What the document says beyond its types; for `openapi()`. */",
    `export const description: Description<paths, ${schemes}> = ${codeOf(description)}`,
    "",
  ].join("\n")
}

/** One line for each operation, so that a change of the document is a change of its line. */
function codeOf({ operations, ...rest }: ReturnType<typeof describe>): string {
  const lines = Object.entries(operations).map(
    ([name, facts]) => `    ${JSON.stringify(name)}: ${JSON.stringify(facts)},`,
  )
  return [
    "{",
    ...Object.entries(rest).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`),
    ...(lines.length === 0 ? ["  operations: {},"] : ["  operations: {", ...lines, "  },"]),
    "}",
  ].join("\n")
}
