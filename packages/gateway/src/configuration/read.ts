import { readFileSync } from "node:fs"
import { ConfigurationError } from "steadfetch"
import { isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Alias, type Document } from "yaml"
import type { Configuration } from "./configuration.ts"
import { mistakesIn, type Mistake } from "./mistakes.ts"
import type { Environment } from "./secrets.ts"

/**
 * Reads a configuration file, YAML or JSON.
 * @throws ConfigurationError with a line for every mistake: file, line and column, what is wrong and what to do.
 */
export function readConfiguration(path: string, env: Environment = process.env): Configuration {
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown"
    throw new ConfigurationError(`${path} cannot be read (${code}); give the path of a YAML or JSON file`, { cause })
  }
  return parseConfiguration(text, path, env)
}

/**
 * Reads a configuration from text. JSON is YAML, so that one reader does for both and knows every value's place.
 * @param name What the text is called in messages.
 * @throws ConfigurationError as {@link readConfiguration} does.
 */
export function parseConfiguration(text: string, name: string, env: Environment = process.env): Configuration {
  const lines = new LineCounter()
  // Without excerpts of the text: they could show what someone took for the place of a secret.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${name}:${line}:${col}`
  }
  const [broken] = document.errors
  if (broken !== undefined) {
    throw new ConfigurationError(`${at(broken.pos[0])}: is no YAML or JSON: ${broken.message}`)
  }
  const lost = aliasOfNothing(document)
  if (lost !== undefined) {
    const words = `is no YAML or JSON: the alias "${lost.source}" has no anchor before it; add &${lost.source} to what it stands for`
    throw new ConfigurationError(`${at(startOf(lost))}: ${words}`)
  }
  const value = valueOf(document, at(0))
  const mistakes = mistakesIn(value, env)
  if (mistakes.length > 0) {
    const told = mistakes
      .map((mistake) => ({ offset: offsetOf(document, mistake.path), words: describe(mistake) }))
      .toSorted((a, b) => a.offset - b.offset)
      .map(({ offset, words }) => `${at(offset)}: ${words}`)
    throw new ConfigurationError(told.join("\n"))
  }
  return value as Configuration
}

function aliasOfNothing(document: Document): Alias | undefined {
  let found: Alias | undefined
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return undefined
      found = alias
      return visit.BREAK
    },
  })
  return found
}

function valueOf(document: Document, place: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause
    throw new ConfigurationError(`${place}: is no YAML or JSON: ${cause.message}; write what they stand for`, { cause })
  }
}

/**
 * Checks a configuration that was made in code.
 * @throws ConfigurationError with a line for every mistake.
 */
export function checkConfiguration(value: Configuration, env: Environment = process.env): Configuration {
  const mistakes = mistakesIn(value, env)
  if (mistakes.length > 0) throw new ConfigurationError(mistakes.map(describe).join("\n"))
  return value
}

function describe({ path, message }: Mistake): string {
  return `${path.length === 0 ? "the configuration" : path.join(".")}: ${message}`
}

/** Where the key of a path is in the text; where that is missing, where it would belong. */
function offsetOf(document: Document, path: Mistake["path"]): number {
  let node: unknown = document.contents
  let offset = startOf(node)
  for (const [depth, key] of path.entries()) {
    const known = isMap(node)
      ? node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
      : undefined
    const next: unknown = known === undefined ? document.getIn(path.slice(0, depth + 1), true) : known.value
    if (known === undefined && !isNode(next)) break
    offset = startOf(known === undefined ? next : known.key)
    node = next
  }
  return offset
}

function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0
}
