import {
  appendQuery, ConfigurationError, fillPath, headerList, mergeHeaders, originOf, requestBody, requestMethod,
  type Client, type HeaderList, type RequestOptions, type TypedBody,
} from "steadfetch" // prettier-ignore
import { refuseSecrets } from "./secrets.ts"

/** The most bytes of a URL and header fields: no server takes as many. */
const MOST_HEAD_BYTES = 64 * 1024

/** The parts of a call's options that make its request. */
export type RequestParts = Pick<RequestOptions, "path" | "query" | "headers" | "json" | "form" | "body">

/** A request as it is stored: without what the client adds when it is sent. */
export interface StoredRequest {
  readonly method: string
  /** Relative to the client's base where it was given so. */
  readonly url: string
  readonly origin: string
  readonly headers: HeaderList
  readonly body: TypedBody | undefined
}

/**
 * Checks all that can be checked of a request before it is sent.
 * @param boundary Names the boundary of a multipart form.
 * @throws ConfigurationError for what the client would refuse, and for credentials.
 */
export function storedRequest(
  api: Client,
  method: string,
  target: string | URL,
  parts: RequestParts,
  boundary: () => string,
): StoredRequest {
  const sent = requestMethod(method)
  const { path, query, ...rest } = parts
  // The client's own checks of URL, path and query; the address has its query, too, which is not stored.
  const address = api.request(sent, target, { path, query }).context.address()
  const own = headerList(rest.headers)
  const url = appendQuery(typeof target === "string" ? fillPath(target, path) : target.href, query).replace(/#.*/s, "")
  refuseSecrets(url, own)
  const body = requestBody(rest, sent, boundary)
  const implied: HeaderList = body?.contentType === undefined ? [] : headerList({ "content-type": body.contentType })
  const headers = mergeHeaders(implied, own)
  const headBytes = url.length + headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (headBytes > MOST_HEAD_BYTES)
    throw new ConfigurationError(
      `URL and headers have ${headBytes} bytes; at most ${MOST_HEAD_BYTES} are stored: send them in the body`,
    )
  return { method: sent, url, origin: originOf(address), headers, body }
}
