import type { HeadersInput, RequestOptions } from "steadfetch"
import { requestBody, type BodyOptions } from "../call/body.ts"
import type { Surroundings } from "../surroundings.ts"

interface Asked {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly bodyOptions: BodyOptions
}

/** What each call sends. A body is kept in memory: it is the server that is measured, and not a disk. */
export async function sentParts(
  { headers, query, bodyOptions }: Asked,
  surroundings: Surroundings,
): Promise<Pick<RequestOptions, "headers" | "query" | "body" | "form">> {
  const body = await requestBody(bodyOptions, surroundings)
  if (body === undefined) return { headers, query }
  if (body instanceof FormData || body instanceof URLSearchParams) return { headers, query, form: body }
  if (!(body instanceof Blob)) return { headers, query, body }
  const isTyped = body.type === "" || headers.some(([name]) => name.toLowerCase() === "content-type")
  const typed: HeadersInput = isTyped ? headers : [...headers, ["content-type", body.type]]
  // A Blob would be read as a stream, anew for each attempt.
  return { headers: typed, query, body: await body.arrayBuffer() }
}
