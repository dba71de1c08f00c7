import { openAsBlob } from "node:fs"
import { basename } from "node:path"
import { readFile, stat } from "node:fs/promises"
import type { BodyInput } from "steadfetch"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"
import { parsePair } from "../parse.ts"
import { readStdin } from "../read-stdin.ts"

/** The options that give a body. */
export interface BodyOptions {
  readonly json?: string | undefined
  readonly data?: string | undefined
  readonly form?: readonly string[] | undefined
  readonly quiet?: boolean | undefined
}

/** Reads standard input for an option. */
type FromStdin = (option: string) => Promise<Uint8Array<ArrayBuffer>>

/** Whether there is a body at all. @throws UsageError for more than one. */
export function hasBody(options: BodyOptions): boolean {
  const given = (["json", "data", "form"] as const).filter((name) => options[name] !== undefined)
  if (given.length > 1) {
    throw new UsageError(`a request has one body; give only one of ${given.map((name) => `--${name}`).join(" and ")}`)
  }
  return given.length === 1
}

/** The body, such that every attempt sends the same bytes. */
export async function requestBody(options: BodyOptions, surroundings: Surroundings): Promise<BodyInput | undefined> {
  const { json, data, form, quiet = false } = options
  const fromStdin = (reader: string): Promise<Uint8Array<ArrayBuffer>> =>
    readStdin({ reader, what: "the body", fix: "put it in a file: --data @FILE", quiet }, surroundings)
  if (json !== undefined) return jsonBody(json, fromStdin)
  if (data !== undefined) return dataBody(data, fromStdin)
  return form === undefined ? undefined : formBody(form)
}

async function jsonBody(given: string, fromStdin: FromStdin): Promise<Blob> {
  const source = given === "-" || given === "@-" ? "standard input" : given.startsWith("@") ? given.slice(1) : "--json"
  const bytes = given === "-" || given === "@-" ? await fromStdin("--json") : await textOrFile(given)
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`${source} is no JSON: ${reason}; correct it, or send it as it is with --data`, {
      cause: error,
    })
  }
  return new Blob([bytes], { type: "application/json" })
}

async function textOrFile(given: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!given.startsWith("@")) return new TextEncoder().encode(given)
  return readable("--json", given.slice(1), async (path) => new Uint8Array(await readFile(path)))
}

async function dataBody(given: string, fromStdin: FromStdin): Promise<BodyInput> {
  if (given === "-" || given === "@-") return fromStdin("--data")
  return given.startsWith("@") ? readable("--data", given.slice(1), asBlob) : given
}

async function formBody(fields: readonly string[]): Promise<FormData | URLSearchParams> {
  const pairs = fields.map((field) => parsePair("--form", field))
  if (!pairs.some(([, value]) => value.startsWith("@"))) return new URLSearchParams(pairs)
  const form = new FormData()
  for (const [name, value] of pairs) {
    if (value.startsWith("@"))
      form.append(name, await readable("--form", value.slice(1), asBlob), basename(value.slice(1)))
    else form.append(name, value)
  }
  return form
}

/** Read from the disk anew for every attempt; what is no regular file can be read only once, and so is kept. */
async function asBlob(path: string): Promise<Blob> {
  const isRegular = (await stat(path)).isFile()
  return isRegular ? openAsBlob(path) : new Blob([await readFile(path)])
}

async function readable<T>(option: string, path: string, open: (path: string) => Promise<T>): Promise<T> {
  try {
    return await open(path)
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : ""
    const reason = code === "ENOENT" ? "does not exist" : code === "EISDIR" ? "is a folder" : `cannot be read (${code})`
    throw new UsageError(
      `${option}: the file ${JSON.stringify(path)} ${reason}; a path is taken from the current folder`,
      {
        cause: error,
      },
    )
  }
}
