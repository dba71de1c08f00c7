/** Header fields as a HAR has them. */
const fields = (...pairs: readonly (readonly [name: string, value: string])[]) =>
  pairs.map(([name, value]) => ({ name, value }))

/** A time of the recording, so many milliseconds after its beginning. */
const recordedAt = (ms: number): string => new Date(Date.UTC(2026, 10, 30, 8, 0, 0) + ms).toISOString()

export interface Given {
  readonly method?: string
  readonly status?: number
  readonly atMs?: number
  readonly postData?: object
  readonly headers?: readonly (readonly [name: string, value: string])[]
}

/** An entry as Chrome's developer tools save it "with sensitive data", from HTTP/2. */
export function chromeEntry(url: string, given: Given = {}): object {
  const { method = "GET", status = 200, atMs = 0, postData, headers = [] } = given
  const { host, pathname } = new URL(url)
  return {
    _initiator: { type: "script", stack: { callFrames: [] } },
    _priority: "High",
    _resourceType: "fetch",
    cache: {},
    connection: "443",
    pageref: "page_1",
    request: {
      method,
      url,
      httpVersion: "http/2.0",
      headers: fields(
        [":authority", host],
        [":method", method],
        [":path", pathname],
        [":scheme", "https"],
        ["accept", "application/json"],
        ["accept-encoding", "gzip, deflate, br, zstd"],
        ["authorization", "Bearer recorded-token"],
        ["cookie", "sid=recorded-session"],
        ["sec-fetch-mode", "cors"],
        ["user-agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.0"],
        ...headers,
      ),
      queryString: [],
      cookies: [{ name: "sid", value: "recorded-session", path: "/", domain: host, httpOnly: true, secure: true }],
      headersSize: -1,
      bodySize: 0,
      ...(postData === undefined ? {} : { postData }),
    },
    response: {
      status,
      statusText: "",
      httpVersion: "http/2.0",
      headers: fields(["content-type", "application/json"]),
      cookies: [],
      content: { size: 2, mimeType: "application/json", text: "{}" },
      redirectURL: "",
      headersSize: -1,
      bodySize: -1,
      _transferSize: 120,
      _error: null,
    },
    serverIPAddress: "192.0.2.7",
    startedDateTime: recordedAt(atMs),
    time: 48.25700000394136,
    timings: { blocked: 1.9, dns: -1, ssl: -1, connect: -1, send: 0.1, wait: 45, receive: 1.2, _blocked_queueing: 1.4 },
  }
}

/** An entry as Firefox saves it, from HTTP/1.1. */
export function firefoxEntry(
  url: string,
  { method = "GET", status = 200, atMs = 0, postData, headers = [] }: Given = {},
): object {
  return {
    startedDateTime: recordedAt(atMs).replace("Z", "+00:00"),
    request: {
      bodySize: postData === undefined ? 0 : -1,
      method,
      url,
      httpVersion: "HTTP/1.1",
      headers: fields(
        ["Host", new URL(url).host],
        ["User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"],
        ["Accept", "*/*"],
        ["Accept-Encoding", "gzip, deflate"],
        ["Connection", "keep-alive"],
        ...headers,
      ),
      cookies: [],
      queryString: [],
      headersSize: 412,
      ...(postData === undefined ? {} : { postData }),
    },
    response: {
      status,
      statusText: "OK",
      httpVersion: "HTTP/1.1",
      headers: [],
      cookies: [],
      content: { mimeType: "application/json; charset=utf-8", size: 2, text: "{}" },
      redirectURL: "",
      headersSize: 120,
      bodySize: 122,
    },
    cache: {},
    timings: { blocked: 0, dns: 0, connect: 0, ssl: 0, send: 0, wait: 31, receive: 0 },
    time: 31,
    _securityState: "insecure",
    serverIPAddress: "127.0.0.1",
    connection: "8080",
    pageref: "page_1",
  }
}

/** The bytes of a recording. */
export function recording(...entries: readonly object[]): Buffer {
  const pages = [{ id: "page_1", pageTimings: {}, startedDateTime: recordedAt(0), title: "Orders" }]
  return Buffer.from(
    JSON.stringify({ log: { version: "1.2", creator: { name: "WebInspector", version: "537.36" }, pages, entries } }),
  )
}
