import { CallError, steadfetch } from "steadfetch"
import { readArguments, type Command } from "../command.ts"
import { EXIT, exitCodeOf } from "../exit-codes.ts"
import { harmless } from "../paint.ts"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"
import { generatedFile, untypedFacts, type FileKind } from "./generated-file.ts"
import { loadDocument, shown, textReader } from "./load-document.ts"
import { generateOptions } from "./options.ts"
import { Steps } from "./steps.ts"
import { holds, putFile } from "./write-file.ts"

export const generateCommand: Command = {
  name: "generate",
  summary: "Writes the types of an OpenAPI document for @steadfetch/openapi.",
  usage: "DOCUMENT --output FILE [OPTIONS]",
  options: generateOptions,
  examples: [
    ["types, and what a client needs to know beside them", "steadfetch generate openapi.yaml -o src/api.ts"],
    ["from where the API serves it", "steadfetch generate https://api.example.com/openapi.json -o src/api.ts"],
    ["types alone", "steadfetch generate openapi.yaml -o src/api.d.ts"],
    ["in CI: is the committed file that of the document?", "steadfetch generate openapi.yaml -o src/api.ts --check"],
  ],
  notes: [
    "DOCUMENT is a file or a URL, JSON or YAML, of OpenAPI 3.0 or 3.1; what it refers to in other files is put in.",
    "Exit codes: 0 written, or up to date; 1 out of date (--check); 2 bad usage, or a document that cannot be used; 4, 5 and 7 as those of call, for a URL.",
  ],
  run: generate,
}

async function generate(
  args: readonly string[],
  { stdout, stderr, clock, interrupted }: Surroundings,
): Promise<number> {
  const { source, path, kind, check, quiet } = parseGenerate(args)
  const steps = new Steps(stderr, clock, quiet)
  const client = steadfetch({ on: steps.listeners })
  try {
    const read = textReader(client, interrupted)
    const document = await loadDocument(source, (place) => {
      steps.begin(`reads ${shown(place)}`)
      return read(place)
    })
    steps.begin(`makes the types of ${shown(source)}`)
    const text = await generatedFile(document, kind)
    steps.end()
    if (!quiet && kind === "types") noteFacts(untypedFacts(document), path, stderr)
    if (await holds(path, text)) {
      if (!quiet) stdout.line(`${path} is up to date`)
      return EXIT.success
    }
    if (check) {
      stderr.line(`${path} is not what ${shown(source)} gives; run steadfetch generate ${shown(source)} -o ${path}`)
      return EXIT.mismatch
    }
    await putFile(path, text)
    if (!quiet) stdout.line(`${path} written`)
    return EXIT.success
  } catch (error) {
    if (!CallError.is(error)) throw error
    steps.end()
    stderr.line(harmless(error.message))
    return exitCodeOf(error)
  } finally {
    steps.end()
    await client.close()
  }
}

interface Task {
  readonly source: string
  readonly path: string
  readonly kind: FileKind
  readonly check: boolean
  readonly quiet: boolean
}

function parseGenerate(args: readonly string[]): Task {
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

/** A client that has types alone does not know what they cannot hold, and would send it as usual. */
function noteFacts(count: number, path: string, stderr: Surroundings["stderr"]): void {
  if (count === 0) return
  const better = path.replace(/\.d(\.[mc]?ts)$/, "$1")
  stderr.line(
    stderr.paint(
      "dim",
      `note: ${count === 1 ? "1 operation says" : `${count} operations say`} what types cannot hold (credentials, keys, how bodies and lists are written); -o ${better} keeps it`,
    ),
  )
}
