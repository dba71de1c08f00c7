import { CallError, steadfetch } from "steadfetch"
import { EXIT, exitCodeOf } from "../exit-codes.ts"
import { harmless } from "../paint.ts"
import type { Surroundings } from "../surroundings.ts"
import type { GenerateTask } from "./arguments.ts"
import { generatedFile, untypedFacts } from "./generated-file.ts"
import { loadDocument, shown, textReader } from "./load-document.ts"
import { Steps } from "./steps.ts"
import { holds, putFile } from "./write-file.ts"

/** Reads the document and writes its types. Resolves to the exit code. */
export async function generate(
  { source, path, kind, check, quiet }: GenerateTask,
  { stdout, stderr, clock, interrupted }: Surroundings,
): Promise<number> {
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
