import { readArguments } from "../command.ts"
import { UsageError } from "../usage-error.ts"
import type { FileKind } from "./generated-file.ts"
import { generateOptions } from "./options.ts"

/** What `steadfetch generate` is to do. */
export interface GenerateTask {
  readonly source: string
  readonly path: string
  readonly kind: FileKind
  readonly check: boolean
  readonly quiet: boolean
}

/** The checked arguments of `steadfetch generate`. @throws UsageError naming the option and the fix. */
export function parseGenerate(args: readonly string[]): GenerateTask {
  const { values, positionals } = readArguments("generate", generateOptions, args)
  const [source, ...more] = positionals
  if (source === undefined)
    throw new UsageError("the document is missing; write steadfetch generate openapi.yaml -o api.ts")
  if (more.length > 0) throw new UsageError(`${JSON.stringify(more[0])} is one document too many; give one`)
  const { output: path, check = false, quiet = false } = values
  if (path === undefined) throw new UsageError(`--output is missing; write steadfetch generate ${source} -o api.ts`)
  const ending = /(\.d)?\.[mc]?ts$/.exec(path)
  if (ending === null)
    throw new UsageError(`--output ${JSON.stringify(path)} is no TypeScript file; write -o api.ts or -o api.d.ts`)
  return { source, path, kind: ending[1] === undefined ? "module" : "types", check, quiet }
}
