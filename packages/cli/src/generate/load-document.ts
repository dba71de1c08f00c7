import { readFile } from "node:fs/promises"
import { isAbsolute, relative, resolve } from "node:path"
import { BaseResolver, bundle, createConfig, makeDocumentFromString, ResolveError, Source } from "@redocly/openapi-core"
import { CallError, type Client } from "steadfetch"
import { checkedUrl, shownUrl } from "../target-url.ts"
import { UsageError } from "../usage-error.ts"

/** A document's source as messages name it: a URL, or a path from where the user is. */
type Place = string

/** The text of a document, or of a part of it, by its URL or its file. */
export type ReadText = (place: Place) => Promise<string>

/** Reads files, and URLs as steadfetch does: retried when that helps, and explained when it does not. */
export function textReader(client: Pick<Client, "get">, signal: AbortSignal): ReadText {
  return async (place) => {
    if (isUrl(place)) return client.get(place, { signal, headers: { accept: ACCEPTED } }).text()
    try {
      return await readFile(place, "utf8")
    } catch (error) {
      throw new UsageError(`${shown(place)} ${reason(error)}`)
    }
  }
}

/** This command has no options for credentials. */
const FETCHED = "save the document with steadfetch call URL --bearer-env NAME > openapi.yaml, and give that file"

const ACCEPTED = "application/vnd.oai.openapi+json, application/json, application/yaml, text/yaml;q=0.9, */*;q=0.5"

/**
 * An OpenAPI document, with what it refers to in other files or at other URLs put into it.
 * @throws UsageError for what cannot be read, is no such document, or refers to what is not there; CallError when a URL
 * could not be had.
 */
export async function loadDocument(given: string, read: ReadText): Promise<Readonly<Record<string, unknown>>> {
  const place = isUrl(given) ? checkedUrl(given, FETCHED) : resolve(given)
  const text = await read(place)
  const parsed = parse(text, place)
  checkVersion(parsed, place)
  const document = makeDocumentFromString(text, place)
  const config = await createConfig({}, { extends: [] })
  const resolver = new ReadingResolver(read)
  const { bundle: bundled, problems } = await bundle({ doc: document, config, externalRefResolver: resolver })
  if (resolver.failure !== undefined) throw resolver.failure
  const [problem] = problems.filter(({ severity }) => severity === "error")
  if (problem !== undefined) {
    const { source, pointer } = problem.location[0] ?? {}
    throw new UsageError(
      `${shown(source?.absoluteRef ?? place)}${pointer === undefined ? "" : ` at ${pointer}`}: ${problem.message.replace(/\.$/, "")}; correct the $ref, or add what it names`,
    )
  }
  const whole = bundled.parsed as Readonly<Record<string, unknown>>
  checkOperationIds(whole, place)
  return withServers(whole, place)
}

/** Follows references to other places by the reader of texts; an answer of a server's is kept as it is. */
class ReadingResolver extends BaseResolver {
  /** Why a URL could not be had; the bundler would only tell the message. */
  failure: CallError | undefined
  readonly #read: ReadText

  constructor(read: ReadText) {
    super()
    this.#read = read
  }

  override async loadExternalRef(place: Place): Promise<Source> {
    try {
      return new Source(place, await this.#read(place), "application/yaml")
    } catch (error) {
      if (CallError.is(error)) this.failure ??= error
      throw new ResolveError(error instanceof Error ? error : new Error(String(error)))
    }
  }
}

function parse(text: string, place: Place): unknown {
  try {
    return makeDocumentFromString(text, place).parsed
  } catch (error) {
    throw new UsageError(
      `${shown(place)} is neither JSON nor YAML: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function checkVersion(parsed: unknown, place: Place): void {
  const { openapi, swagger } = (typeof parsed === "object" && parsed !== null ? parsed : {}) as Record<string, unknown>
  if (typeof openapi === "string" && /^3\.[01](\.|$)/.test(openapi)) return
  if (swagger !== undefined) {
    throw new UsageError(
      `${shown(place)} is Swagger ${JSON.stringify(swagger)}; convert it to OpenAPI 3, with swagger2openapi say`,
    )
  }
  const what = openapi === undefined ? `has no "openapi" field` : `says "openapi": ${JSON.stringify(openapi)}`
  throw new UsageError(`${shown(place)} is no OpenAPI document: it ${what}; give a document of OpenAPI 3.0 or 3.1`)
}

/** The generated types have one entry for each. */
function checkOperationIds(document: Readonly<Record<string, unknown>>, place: Place): void {
  const seen = new Map<string, string>()
  for (const [path, item] of Object.entries((document["paths"] ?? {}) as Record<string, Record<string, unknown>>)) {
    for (const [method, operation] of Object.entries(item ?? {})) {
      const id = (operation as { readonly operationId?: unknown } | null)?.operationId
      if (typeof id !== "string") continue
      const name = `${method.toUpperCase()} ${path}`
      const other = seen.get(id)
      if (other !== undefined) {
        throw new UsageError(
          `${shown(place)}: ${other} and ${name} both have the operationId ${JSON.stringify(id)}; give each its own`,
        )
      }
      seen.set(id, name)
    }
  }
}

/** A document's servers are relative to where it came from (OpenAPI 3.1, §4.8.5). */
function withServers(document: Readonly<Record<string, unknown>>, place: Place): Readonly<Record<string, unknown>> {
  if (!isUrl(place)) return document
  const servers = (document["servers"] ?? [{ url: "/" }]) as readonly { readonly url: string }[]
  return {
    ...document,
    servers: servers.map((server) =>
      /^(https?:|\{)/i.test(server.url) ? server : { ...server, url: absolute(server.url, place) },
    ),
  }
}

/** Braces stand for variables and stay. */
function absolute(url: string, place: Place): string {
  return new URL(url, place).href.replaceAll("%7B", "{").replaceAll("%7D", "}").replace(/\/$/, "")
}

function isUrl(text: string): boolean {
  return /^[a-z][a-z\d+.-]+:\/\//i.test(text)
}

/** A place as the user knows it. */
export function shown(place: Place): string {
  if (isUrl(place)) return shownUrl(place)
  const near = relative(process.cwd(), place)
  return near.startsWith("..") || isAbsolute(near) ? place : near
}

function reason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === "ENOENT") return "is not there; give the document's path, or its URL with https://"
  if (code === "EISDIR") return "is a folder; give the document in it"
  if (code === "EACCES") return "may not be read; check its permissions"
  return `cannot be read: ${error instanceof Error ? error.message : String(error)}`
}
