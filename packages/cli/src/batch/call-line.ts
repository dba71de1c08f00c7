import type { RequestOptions } from "steadfetch"
import { sentMethod } from "../call/request.ts"
import { nearest, UsageError } from "../usage-error.ts"
import type { Line } from "./lines.ts"

/** A call as a line asks for it. */
export interface LineCall {
  /** The line's number, from 1. */
  readonly line: number
  readonly method: string
  /** As it was written. */
  readonly url: string
  readonly options: RequestOptions
}

const NAMES = ["method", "url", "query", "headers", "json", "body", "form", "idempotencyKey"] as const

type Field = (typeof NAMES)[number]

/** Reads a line: a URL, or a JSON object. @throws UsageError with the line's number and the fix. */
export function parseCallLine({ number, text }: Line): LineCall {
  const bad = (what: string): never => {
    throw new UsageError(`line ${number}: ${what}`)
  }
  if (!text.startsWith("{")) {
    if (/\s/.test(text) || /^["[]/.test(text))
      return bad(
        `${excerpt(text)} is neither a URL nor a JSON object; write {"method":"POST","url":"/orders","json":{}}`,
      )
    return { line: number, method: "GET", url: text, options: {} }
  }
  const fields = parsedObject(text, bad)
  for (const name of Object.keys(fields)) if (!NAMES.some((known) => known === name)) bad(unknownField(name))
  const { method, url, json, body } = fields
  if (typeof url !== "string" || url === "") return bad(`"url" is missing; add it: "url": "/orders"`)
  if (method !== undefined && typeof method !== "string") bad(`"method" is no text; write "POST"`)
  if (body !== undefined && typeof body !== "string") bad(`"body" is no text; give an object as "json"`)
  const withBody = json !== undefined || body !== undefined || fields.form !== undefined
  const options = {
    json,
    body: body as string | undefined,
    query: texts(fields, "query", bad),
    headers: texts(fields, "headers", bad),
    form: texts(fields, "form", bad),
    idempotencyKey: keyOf(fields, bad),
  }
  return {
    line: number,
    method: typeof method === "string" ? sentMethod(method) : withBody ? "POST" : "GET",
    url,
    options,
  }
}

type Fields = Readonly<Partial<Record<Field, unknown>>>
type Bad = (what: string) => never

function parsedObject(text: string, bad: Bad): Fields {
  try {
    return JSON.parse(text) as Fields
  } catch (error) {
    return bad(`no JSON: ${error instanceof Error ? error.message : String(error)}; one object stands on one line`)
  }
}

function unknownField(name: string): string {
  const like = nearest(name, NAMES)
  return `there is no field ${JSON.stringify(name)}; ${like === undefined ? `there are ${NAMES.join(", ")}` : `did you mean "${like}"?`}`
}

/** An object of texts; numbers and booleans are written as texts. */
function texts(fields: Fields, name: "query" | "headers" | "form", bad: Bad): Record<string, string> | undefined {
  const value = fields[name]
  if (value === undefined) return undefined
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return bad(`"${name}" is no object; write "${name}": {"name": "value"}`)
  const pairs = Object.entries(value).map(([key, item]): [string, string] => {
    if (typeof item === "object" || item === undefined) bad(`"${name}": ${JSON.stringify(key)} is no text; give one`)
    return [key, String(item)]
  })
  return Object.fromEntries(pairs)
}

function keyOf({ idempotencyKey: key }: Fields, bad: Bad): string | false | undefined {
  if (key === undefined || key === false || typeof key === "string") return key
  return bad(`"idempotencyKey" is neither a text nor false; write "idempotencyKey": "order-7"`)
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}
