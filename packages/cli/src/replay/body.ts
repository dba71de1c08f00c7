import type { BodyInput } from "steadfetch"
import type { RecordedBody, RecordedCall } from "./recording.ts"

/** A body that can be sent again, and the media type it has by itself; or why it cannot. */
export type RepeatedBody =
  | { readonly body: BodyInput | undefined; readonly contentType: string | undefined }
  | { readonly lacking: string }

type Fields = readonly (readonly [name: string, value: string])[]

/** The methods whose requests commonly have a body. */
const WITH_BODY: readonly string[] = ["POST", "PUT", "PATCH", "QUERY"]

/** The body of a recorded call, to the byte; a form that was recorded as its fields is written anew. */
export function repeatedBody({ method, headers, body, bodyBytes }: RecordedCall): RepeatedBody {
  if (body === undefined) {
    const sentBytes = Number(fieldOf(headers, "content-length") ?? (WITH_BODY.includes(method) ? bodyBytes : 0))
    return sentBytes === 0 ? { body: undefined, contentType: undefined } : { lacking: "is not in the recording" }
  }
  if (method === "GET" || method === "HEAD") return { lacking: `is that of a ${method} request, which has none` }
  return body.text === "" ? formOf(body) : textOf(body, headers)
}

function textOf({ text, encoding, mimeType, params }: RecordedBody, headers: Fields): RepeatedBody {
  const contentType = fieldOf(headers, "content-type") ?? (mimeType || undefined)
  if (/^multipart\//i.test(contentType ?? "") && !/boundary=/i.test(contentType ?? ""))
    return { lacking: "is multipart without its boundary" }
  if (params.some(isFileWithoutContent) && encoding === "")
    return { lacking: "has a file whose content is not in the recording" }
  if (encoding === "" && text.includes("\ufffd")) return { lacking: "is no text, and was recorded as one" }
  const bytes = Buffer.from(text, encoding === "base64" ? "base64" : "utf8")
  const length = fieldOf(headers, "content-length")
  const isEncoded = (fieldOf(headers, "content-encoding") ?? "identity") !== "identity"
  if (isEncoded && encoding === "") return { lacking: "was compressed, and was recorded as text" }
  if (length !== undefined && Number(length) !== bytes.length)
    return { lacking: `had ${length} bytes, of which the recording has ${bytes.length}` }
  return { body: new Uint8Array(bytes), contentType }
}

function formOf({ mimeType, params }: RecordedBody): RepeatedBody {
  if (/^application\/x-www-form-urlencoded\b/i.test(mimeType)) {
    const pairs = params.map(({ name, value = "" }): [string, string] => [name, value])
    return { body: new URLSearchParams(pairs), contentType: "application/x-www-form-urlencoded" }
  }
  if (!/^multipart\/form-data\b/i.test(mimeType)) return { lacking: "has fields, and is no form" }
  if (params.some(isFileWithoutContent)) return { lacking: "has a file whose content is not in the recording" }
  const form = new FormData()
  for (const { name, value = "", fileName, contentType } of params) {
    if (fileName === "" && contentType === "") form.append(name, value)
    else form.append(name, new Blob([value], { type: contentType }), fileName || name)
  }
  return { body: form, contentType: undefined }
}

function isFileWithoutContent({ fileName, value }: RecordedBody["params"][number]): boolean {
  return fileName !== "" && (value === undefined || value === "")
}

function fieldOf(headers: Fields, name: string): string | undefined {
  return headers.find(([field]) => field.toLowerCase() === name)?.[1]
}
